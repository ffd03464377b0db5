"""A picture of oneself at two real windows: chosen, seen by the other, removed by a moderator."""

from pathlib import Path

import pytest

from tests.chat_client.ui.people import Person, trust, until
from tests.support.admin import command
from tests.support.pictures import landscape


def photograph(person: Person, username: str) -> str:
    """Return the name of the photograph that a window draws for somebody; empty where it draws initials."""
    pictures = person.app.look.pictures
    drawn = pictures.avatar(username, username, 36)
    shown = person.app.client.avatars.named(username)
    photo = pictures.people.photo(username, person.app.look.px(36)) if shown else None
    return shown if drawn is photo else ""


@pytest.mark.long
def test_chosen_seen_and_removed(together, server_process, tmp_path: Path) -> None:
    """What one chooses the other sees beside messages, also after a restart; a moderator takes it away."""
    server = server_process()
    zoe, jules = people = together("zoe", "jules")
    for person in people:
        person.sign_up(server)
    trust(people, server)
    until(people, lambda: all(person.main.room is not None for person in people))
    assert command(server, "role zoe moderator") == 0
    until(people, lambda: zoe.app.client.state.role == "moderator")
    path = tmp_path / "own.png"
    path.write_bytes(landscape(900, 600))
    jules.main.menus.own_picture.take(path)
    until(people, lambda: photograph(zoe, "jules") and photograph(jules, "jules"))

    zoe.close()
    zoe.open()
    until(people, lambda: zoe.main is not None and zoe.main.room is not None and photograph(zoe, "jules"))

    zoe.main.menus.show_person("jules")
    until(people, lambda: "avatar" in zoe.main.sheet.buttons)
    zoe.main.sheet.buttons["avatar"].invoke()
    until(people, lambda: not photograph(jules, "jules") and not photograph(zoe, "jules"))
    assert jules.app.client.avatars.find("jules") is None
