"""The pictures of people in the window: brought for what is in view, decoded later, drawn when there."""

import tkinter as tk

import pytest

from chat_client.model import changes as ch
from chat_client.ui.look.avatar_photos import AvatarPhotos
from tests.support.pictures import png


@pytest.fixture
def show(client, tmp_path):
    """A function that lets somebody show a picture."""

    def shown(username: str, data: bytes = b"", *, there: bool = True) -> None:
        client.state.avatars[username] = f"{username:0<32}"
        path = tmp_path / f"{username}.png"
        path.write_bytes(data or png(64, 64, (200, 30, 30)))
        if there:
            client.avatars.files[username] = path
        client.tell(ch.AvatarChanged(username))

    return shown


def image(hand, username: str, units: int):
    return hand.app.look.pictures.avatar(username, username, units)


def test_initials_until_it_is_there(hand, client, show):
    """Initials stand in the place of a picture that has not come; then it is drawn by itself."""
    initials = image(hand, "jules", 72)
    show("jules", there=False)
    hand.settle()
    assert image(hand, "jules", 72) is initials
    assert "jules" in client.avatars.asked
    show("jules")
    hand.until(lambda: image(hand, "jules", 72) is not initials)
    made = image(hand, "jules", 72)
    assert made.width() == hand.app.look.px(72)
    middle, corner = made.width() // 2, (0, 0)
    assert made.get(middle, middle)[0] > made.get(middle, middle)[2]  # red, as the picture
    assert made.transparency_get(*corner)
    del client.state.avatars["jules"]
    assert image(hand, "jules", 72) is initials


def test_damaged_picture_leaves_the_initials(hand, client, show):
    """What cannot be decoded after all is refused once, and not tried again."""
    initials = image(hand, "jules", 36)
    show("jules", b"\x89PNG\r\n\x1a\n no picture")
    image(hand, "jules", 36)
    hand.until(lambda: client.avatars.refused)
    assert image(hand, "jules", 36) is initials


def test_only_what_is_in_view_is_asked_for(hand, client, show):
    """Of two thousand members those in view are asked for, and no others."""
    room = client.state.rooms["general"]
    names = [f"member{number:04}" for number in range(2_000)]
    for name in names:
        client.add_person(name, name)
        client.state.avatars[name] = f"{name:0<32}"
    room.members, room.total, room.members_known = names, len(names), True
    client.tell(ch.MembersChanged("general"))
    hand.until(lambda: any(name in client.avatars.asked for name in names))
    hand.settle()
    assert len(set(client.avatars.asked)) < 60


def test_widget_that_is_gone_is_drawn_no_more(bare_root, client, tmp_path):
    """Nothing is left of a pane that was closed."""
    photos = AvatarPhotos(bare_root, client.avatars)
    drawn: list[str] = []
    stays, goes = tk.Label(bare_root), tk.Label(bare_root)
    photos.follow(stays, lambda: drawn.append("stays"))
    photos.follow(goes, lambda: drawn.append("goes"))
    goes.destroy()
    photos.changed()
    while not drawn:
        bare_root.update()
    assert drawn == ["stays"]
