"""What a click on a file's name does, and the key for it."""

from pathlib import Path

import pytest

from chat_client.model import changes as ch
from chat_client.model.state import MessageState, Status
from chat_client.ui.room import message_commands
from chat_protocol.objects import File
from tests.support.pictures import png

PDF = File("f1", "a.pdf", 4096, "application/pdf")
PROGRAM = File("f2", "b.exe", 4096, "application/x-msdownload")
PICTURE = File("f3", "c.png", len(png(8, 8)), "image/png", 8, 8)


@pytest.fixture
def done(client, monkeypatch):
    """What is done with files: brought to be opened, or asked where to save and saved there."""
    done = []
    monkeypatch.setattr(
        message_commands, "open_outside", lambda _client, file, _failed: done.append(f"open {file.name}")
    )
    monkeypatch.setattr(message_commands, "ask_where", lambda _parent, name: Path("/saved") / name)
    monkeypatch.setattr(
        client.files, "save", lambda file, to: done.append(f"save {file.name} as {to}"), raising=False
    )
    return done


@pytest.fixture
def arrive(hand, client, at):
    """A function that lets a message with files arrive, and chooses it by the keyboard."""

    def arrive(*files):
        client.arrive(client.state.rooms["general"], "jules", "", at(), files=files)
        hand.settle()
        hand.press("<Up>", hand.paper)

    return arrive


def test_click_on_a_name_opens_what_does_no_harm(hand, arrive, done):
    """Each name stands for its own file, also where a message has several."""
    arrive(PROGRAM, PDF)
    hand.click("file-1")
    assert done == ["open a.pdf"]
    hand.click("file-0")
    assert done == ["open a.pdf", "save b.exe as /saved/b.exe"]


def test_click_on_a_pictures_name_shows_it(hand, arrive, done):
    """As a click on the picture does."""
    arrive(PICTURE)
    hand.click("file-0")
    assert (hand.main.sheet.file, done) == (PICTURE, [])


def test_name_that_is_written_from_the_right_and_with_emoji(hand, arrive, done):
    """Whatever stands in the name, all of it is pressed."""
    file = File("f1", "תמונה 🎉 a.pdf", 4096, "application/pdf")
    arrive(file)
    for number in range(len(hand.paper.tag_ranges("file_name")) // 2):
        hand.click("file_name", number)
    assert set(done) == {f"open {file.name}"}


def test_cursor_says_that_a_name_is_pressed(hand, arrive):
    """A hand over the name, an arrow beside it."""
    arrive(PDF)
    x, y, width, height = hand.paper.bbox("file-0.first")
    hand.paper.event_generate("<Motion>", x=x + width // 2, y=y + height // 2)
    hand.settle()
    assert str(hand.paper.cget("cursor")) == "hand2"
    hand.paper.event_generate("<Motion>", x=x + 600, y=y + height // 2)
    hand.settle()
    assert str(hand.paper.cget("cursor")) == "arrow"


@pytest.mark.parametrize(("file", "key", "expected"), [
    (PDF, "a", ["open a.pdf"]),
    (PROGRAM, "a", []),
    (PROGRAM, "s", ["save b.exe as /saved/b.exe"]),
])  # fmt: skip
def test_keys_open_and_save_the_file_of_a_message(hand, arrive, done, file, key, expected):
    """A opens what can do no harm; S saves."""
    arrive(file)
    hand.press(f"<Key-{key}>")
    assert done == expected


def test_key_offers_each_of_several_files(hand, arrive, done, monkeypatch):
    """With what choosing it does."""
    menu = hand.view.messages.menu
    monkeypatch.setattr(menu, "tk_popup", lambda _x, _y: None)
    arrive(PDF, PROGRAM, PICTURE)
    hand.press("<Key-a>")
    labels = [menu.entrycget(n, "label") for n in range(menu.index("end") + 1)]
    assert labels == ["Open a.pdf", "Save b.exe as…", "Open c.png"]
    menu.invoke(0)
    menu.invoke(1)
    assert done == ["open a.pdf", "save b.exe as /saved/b.exe"]
    menu.invoke(2)
    hand.settle()
    assert hand.main.sheet.file is PICTURE


def test_file_that_waits_has_no_name_to_press(hand, client):
    """It is on this computer, and not sent yet."""
    waiting = MessageState(None, "zoe", "", 10**12, "n1", Status.PENDING, mine=True, files=(PDF,))
    client.state.rooms["general"].pending.append(waiting)
    client.tell(ch.PendingChanged("general"))
    hand.settle()
    assert "a.pdf" in hand.timeline()
    assert hand.paper.tag_ranges("file_name") == ()
