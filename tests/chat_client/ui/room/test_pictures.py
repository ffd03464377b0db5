"""Pictures in the timeline: their place is there before them, and what cannot be shown says why."""

import tkinter as tk
from dataclasses import replace

import pytest

from chat_client.engine.pictures import Picture
from chat_client.model import changes as ch
from chat_client.model.pictures import PIXELS_MAX, Fault, Size
from chat_client.ui.room import pictures
from chat_client.ui.room.pictures import FILE_MAX_BYTES
from chat_client.ui.room.timeline.placed_pictures import SMALLEST, rim_bits
from chat_protocol.objects import File
from tests.support.pictures import gif, png


@pytest.fixture
def general(client, hand):
    return client.state.rooms["general"]


def picture(name="a.png", width=300, height=200, size=2000, kind="image/png", number=1):
    return File(f"f{number}", name, size, kind, width, height)


def places(hand, key="m1"):
    return hand.paper.pictures.of(key)


def shown(hand, key="m1"):
    """The pictures of a message that are there, with their rims."""
    found = [hand.paper.pictures.shown(placed) for placed in places(hand, key)]
    return [image for image in found if image is not None]


def box(hand, key="m1"):
    """Where the text has the picture of a message."""
    return hand.paper.bbox(places(hand, key)[0].name)


def wait_for_picture(hand, key="m1"):
    hand.until(lambda: shown(hand, key))
    return shown(hand, key)[0]


@pytest.fixture
def on_disk(tmp_path):
    """Return a function that writes a picture and gives what the client found."""

    def write(data, name="picture"):
        path = tmp_path / name
        path.write_bytes(data)
        return Picture(path)

    return write


def test_place_of_a_picture_is_there_before_it(hand, client, general, at, on_disk):
    """It is as large before the picture has come as afterwards, and the name is below."""
    file = picture()
    client.arrive(general, "jules", "look", at(), files=(file,))
    hand.settle()
    before = box(hand)
    assert client.called("pictures.want") == [(file,)]
    assert "look\n\n a.png  2 KB\n" in hand.timeline()
    client.pictures.come(file, on_disk(png(300, 200)))
    image = wait_for_picture(hand)
    assert (image.width(), image.height()) == (302, 202) == before[2:]
    assert box(hand) == before


@pytest.mark.parametrize(
    ("width", "height", "size"), [(1440, 1080, (480, 360)), (90, 2000, (16, 353)), (20, 10, (20, 10))]
)
def test_picture_is_as_high_as_allowed(hand, client, general, at, on_disk, width, height, size):
    """Large ones have room afterwards, small ones stay as they are."""
    file = picture(width=width, height=height)
    client.arrive(general, "jules", "", at(), files=(file,))
    client.pictures.come(file, on_disk(png(width, height)))
    hand.settle()
    image = wait_for_picture(hand)
    assert (places(hand)[0].size.width, places(hand)[0].size.height) == size
    least = hand.app.look.px(SMALLEST)
    assert (image.width(), image.height()) == (max(size[0], least) + 2, max(size[1], least) + 2)


def test_first_frame_of_a_moving_picture(hand, client, general, at, on_disk):
    """A GIF of ten thousand frames shows its first one."""
    file = picture("a.gif", 7, 5, kind="image/gif")
    client.arrive(general, "jules", "", at(), files=(file,))
    client.pictures.come(file, on_disk(gif(7, 5, frames=10_000)))
    hand.settle()
    assert wait_for_picture(hand)


def test_only_what_is_in_view_is_brought(hand, client, general, at):
    """Pictures far above are not asked for; one that leaves the view before it has come is let go."""
    for number in range(1, 31):
        client.write(general, "jules", "", at(number), files=(picture(number=number, height=300),))
    general.read_seq = general.last_seq
    hand.open("blabla")
    hand.open("general")
    asked = {file.id for (file,) in client.called("pictures.want")}
    assert "f30" in asked
    assert len(asked) <= 4
    client.calls.clear()
    hand.press("<Prior>", hand.paper)
    hand.press("<Prior>", hand.paper)
    assert "f30" in {file.id for (file,) in client.called("pictures.leave")}
    client.calls.clear()
    hand.press("<Prior>", hand.paper)
    assert "f30" not in {file.id for (file,) in client.called("pictures.want")}


def test_nothing_that_is_read_moves_when_pictures_come(hand, client, general, at, on_disk):
    """Somebody who reads above sees the same lines in the same place, whatever comes or turns out damaged."""
    for number in range(1, 31):
        files = (picture(number=number),) if number % 2 else ()
        client.write(general, "jules", f"message {number}", at(number), files=files)
    general.read_seq = general.last_seq
    hand.open("blabla")
    hand.open("general")
    hand.view.jump(16)
    hand.settle()
    seen = f"m{16}"
    before = hand.paper.dlineinfo(f"{seen}.first")[1]
    for number in (11, 13, 15, 17):
        file = picture(number=number)
        found = on_disk(png(300, 200), f"p{number}") if number != 15 else Picture(fault=Fault.DAMAGED)
        client.pictures.come(file, found)
        hand.settle()
    assert hand.paper.dlineinfo(f"{seen}.first")[1] == before


def test_newest_stays_in_view_while_pictures_come(hand, client, general, at, on_disk):
    """Who follows the conversation goes on seeing its end."""
    for number in range(1, 6):
        client.arrive(general, "jules", "", at(number), files=(picture(number=number, height=900),))
        hand.settle()
        client.pictures.come(picture(number=number, height=900), on_disk(png(300, 900), f"p{number}"))
        wait_for_picture(hand, f"m{number}")
        assert hand.paper.yview()[1] == 1.0


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.DAMAGED, "damaged"),
        (Fault.CUT_OFF, "incomplete"),
        (Fault.WRONG_KIND, "not what it claims"),
        (Fault.NOT_FETCHED, "could not be fetched"),
    ],
)
def test_picture_that_is_refused_says_why(hand, client, general, at, fault, words):
    """Its place goes, and its name says in words what is wrong."""
    file = picture()
    client.arrive(general, "jules", "look", at(), files=(file,))
    hand.settle()
    client.pictures.come(file, Picture(fault=fault))
    hand.settle()
    assert places(hand) == []
    assert "a.png  2 KB  Not shown: the file" in hand.timeline()
    assert words in hand.timeline()


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (picture(width=60_000, height=60_000), "too many pixels"),
        (picture(width=PIXELS_MAX, height=2), "too many pixels"),
        (picture(size=0), "empty"),
        (picture(width=None, height=None), "does not say how large"),
    ],
)
def test_picture_that_is_not_even_brought(hand, client, general, at, file, words):
    """What the server tells of it is enough to refuse it."""
    client.arrive(general, "jules", "", at(), files=(file,))
    hand.settle()
    assert client.called("pictures.want") == []
    assert words in hand.timeline()


@pytest.mark.parametrize(
    "file",
    [
        picture(size=FILE_MAX_BYTES + 1),
        picture("a.jpg", kind="image/jpeg"),
        File("f1", "a.txt", 2000, "text/plain"),
        File("", "waiting.png", 2000),
    ],
)
def test_other_files_are_names(hand, client, general, at, file):
    """What is large, what Tk cannot decode and what is no picture stays a name, and is not brought."""
    client.arrive(general, "jules", "", at(), files=(file,))
    hand.settle()
    assert places(hand) == []
    assert "Not shown" not in hand.timeline()
    assert client.called("pictures.want") == []


def test_picture_that_tk_cannot_decode(hand, client, general, at, on_disk):
    """What slips through the checks is said to be damaged as well."""
    file = picture(width=4, height=4)
    client.arrive(general, "jules", "", at(), files=(file,))
    client.pictures.come(file, on_disk(b"no picture"))
    hand.until(lambda: "damaged" in hand.timeline())
    assert places(hand) == []


def test_picture_follows_the_width_of_the_window(hand, client, general, at, on_disk):
    """In a narrow window it is smaller."""
    wide = hand.paper.winfo_width() - 60
    file = picture(width=wide, height=100)
    client.arrive(general, "jules", "", at(), files=(file,))
    client.pictures.come(file, on_disk(png(wide, 100)))
    hand.settle()
    was = wait_for_picture(hand).width()
    hand.app.root.geometry("640x600")
    hand.until(lambda: wait_for_picture(hand).width() < was)
    assert box(hand)[2] <= hand.paper.winfo_width()


def test_change_of_a_message_keeps_its_picture(hand, client, general, at, on_disk):
    """A reaction does not make the picture flicker: it is in its new place before anything is drawn."""
    file = picture()
    message = client.arrive(general, "jules", "", at(), files=(file,))
    client.pictures.come(file, on_disk(png(300, 200)))
    hand.settle()
    image = wait_for_picture(hand)
    message.reactions["👍"] = ("zoe",)
    hand.view.timeline.changed(1)
    hand.app.root.update_idletasks()
    assert shown(hand) == [image]


def test_deleted_message_has_no_picture(hand, client, general, at):
    """Place and name go with the message."""
    message = client.arrive(general, "jules", "", at(), files=(picture(),))
    hand.settle()
    message.deleted, message.files = True, ()
    client.tell(ch.MessageChanged("general", 1))
    hand.settle()
    assert places(hand) == []
    assert "a.png" not in hand.timeline()


def test_pictures_far_away_are_let_go(hand, client, general, at, on_disk, monkeypatch):
    """Only so many are kept decoded; one that was let go is blank, as large as before, and comes back."""
    monkeypatch.setattr(pictures, "KEPT_MAX", 1)
    for number in range(1, 21):
        file = picture(number=number, height=300)
        client.write(general, "jules", "", at(number), files=(file,))
        client.pictures.results[file.id, False] = on_disk(png(300, 300), file.id)
    general.read_seq = general.last_seq
    hand.open("blabla")
    hand.open("general")
    wait_for_picture(hand, "m20")
    hand.press("<Home>", hand.paper)
    wait_for_picture(hand, "m1")
    hand.until(lambda: not shown(hand, "m20"))
    hand.press("<End>", hand.paper)
    wait_for_picture(hand, "m20")
    assert len(hand.view.pictures._images) < 10


def test_click_opens_the_picture(hand, client, general, at):
    """Beside it nothing is opened."""
    file = picture()
    client.arrive(general, "jules", "", at(), files=(file,))
    hand.settle()
    x, y, width, height = box(hand)
    for at_x, opened in ((x + width + 40, False), (x + width // 2, True)):
        hand.paper.event_generate("<Motion>", x=at_x, y=y + height // 2)
        hand.paper.event_generate("<ButtonPress-1>", x=at_x, y=y + height // 2)
        hand.paper.event_generate("<ButtonRelease-1>", x=at_x, y=y + height // 2)
        hand.settle()
        assert (hand.main.sheet is not None) == opened
    assert hand.main.sheet.file is file


@pytest.mark.parametrize(("width", "height"), [(42, 42), (48, 40), (302, 202)])
def test_rim_of_a_blank_place(bare_root, width, height):
    """Tk reads the bitmap, and it is as large as it should be."""
    image = tk.BitmapImage(master=bare_root, data=rim_bits(Size(width, height)))
    assert (image.width(), image.height()) == (width, height)


def large(**fields):
    """A picture with a small one of it."""
    return replace(picture(size=5_000_000, **fields), preview=True)


def test_small_picture_is_shown_until_the_whole_has_come(hand, client, general, at, on_disk):
    """Both are asked for; the small one fills the place, the whole takes it over."""
    file = large()
    client.arrive(general, "jules", "", at(), files=(file,))
    hand.settle()
    assert client.called("pictures.want")[:2] == [(file,), (file, True)]
    client.pictures.come(file, on_disk(png(150, 100), "small"), preview=True)
    small = wait_for_picture(hand)
    assert (small.width(), small.height()) == (302, 202)
    assert small.get(250, 150) != small.get(250, 10)  # it fills the place
    client.pictures.come(file, on_disk(png(300, 200)))
    hand.until(lambda: shown(hand) != [small])
    assert (shown(hand)[0].width(), shown(hand)[0].height()) == (302, 202)


@pytest.mark.parametrize("fields", [{"kind": "image/webp"}, {"size": FILE_MAX_BYTES + 1}])
def test_small_picture_stands_for_what_is_not_shown_itself(
    hand, client, general, at, on_disk, fields, monkeypatch
):
    """Of a kind that cannot be decoded here, or of a very large file, it is all that is brought."""
    monkeypatch.setattr(pictures, "decoded_kinds", lambda: frozenset(["image/png"]))
    file = replace(picture(**fields), preview=True)
    client.arrive(general, "jules", "", at(), files=(file,))
    hand.settle()
    assert client.called("pictures.want") == [(file, True)]
    client.pictures.come(file, on_disk(png(150, 100)), preview=True)
    assert wait_for_picture(hand).width() == 302


def test_small_picture_that_lies_leaves_the_name(hand, client, general, at):
    """Without the whole there is no place for it any more."""
    file = replace(picture(size=FILE_MAX_BYTES + 1), preview=True)
    client.arrive(general, "jules", "", at(), files=(file,))
    hand.settle()
    client.pictures.come(file, Picture(fault=Fault.DAMAGED), preview=True)
    hand.settle()
    assert places(hand) == []
    assert "a.png" in hand.timeline()
