"""Pictures and files on the clipboard, offered by another program of the display."""

import errno
import random
import shutil
import signal
import time
import tkinter as tk
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from chat_client.ui.look.raster import encode_png
from chat_client.ui.room.pasting import uri_files
from chat_client.ui.widgets import clipboard
from chat_protocol.limits import BODY_MAX_CHARS, FILES_MAX
from tests.chat_client.ui.conftest import Hand
from tests.conftest import need_program
from tests.support.clipboard import offered, offered_by_xclip

Offer = Callable[[str, bytes], None]


@pytest.fixture
def offer(hand: Hand) -> Iterator[Offer]:
    """A function that puts bytes of a type on the clipboard, from a process of their own."""
    with ExitStack() as stack:

        def put(kind: str, data: bytes) -> None:
            stack.enter_context(offered(kind, data))
            hand.settle()  # this process hears that the clipboard has another owner

        yield put


def test_picture_is_attached_as_it_was(hand, client, offer):
    """Ctrl+V of a picture attaches a file with its very bytes; the text stays."""
    picture = encode_png(64, 48, bytes(range(256)) * 48)
    offer("image/png", picture)
    hand.write("look")
    hand.view.composer.text.event_generate("<<Paste>>")
    hand.settle()
    (path,) = hand.view.files.paths
    assert path.read_bytes() == picture
    assert path.suffix == ".png"
    assert path.stat().st_mode & 0o777 == 0o600
    hand.press("<Return>")
    ((*sent, pictures),) = client.called("files.send")
    assert sent == ["general", [path], "look", None]
    assert all(picture is not None for picture in pictures)


def test_copied_files_are_attached(hand, offer, tmp_path):
    """Ctrl+V of files that were copied in another program attaches them."""
    path = tmp_path / "é a.txt"
    path.write_bytes(b"x")
    offer("text/uri-list", f"{path.as_uri()}\r\nhttp://example.org/b.txt\r\n".encode())
    hand.view.composer.text.event_generate("<<Paste>>")
    hand.settle()
    assert hand.view.files.paths == [path]


def test_what_is_no_picture_is_left(hand, offer):
    """Bytes that only pretend to be a picture are not attached."""
    offer("image/png", b"<html>")
    hand.view.composer.text.event_generate("<<Paste>>")
    hand.settle()
    assert hand.view.files.paths == []


@pytest.fixture(params=["one piece", "pieces"])
def large_picture(request: pytest.FixtureRequest, hand: Hand, tmp_path: Path) -> Iterator[Path]:
    """A picture that Tk does not take from xclip, which gives it in one piece or in large ones."""
    need_program("xclip", "sudo apt-get install xclip")
    rows = 200 if request.param == "one piece" else 500
    path = tmp_path / "screenshot.png"
    path.write_bytes(encode_png(1_000, rows, random.Random(1).randbytes(1_000 * rows * 3)))
    with offered_by_xclip("image/png", path):
        hand.until(lambda: "image/png" in (clipboard.offered(hand.app.root, "TARGETS") or ""))
        yield path


def test_large_picture_is_attached(hand, large_picture):
    """A screenshot that a program hands over in larger pieces than Tk takes is attached all the same."""
    hand.press("<Control-v>", hand.view.composer.text)
    (path,) = hand.view.files.paths
    assert path.read_bytes() == large_picture.read_bytes()


def test_large_text_is_pasted(hand, offer):
    """So is a text: what does not fit is told, and can go as a file."""
    need_program("xclip", "sudo apt-get install xclip")
    offer("UTF8_STRING", "été ".encode() * 100_000)
    hand.press("<Control-v>", hand.view.composer.text)
    assert hand.view.composer.get().startswith("été été ")
    assert "did not fit" in hand.view.composer.noticed.words


@pytest.mark.parametrize("kind", ["image/png", "UTF8_STRING"])
def test_what_is_too_large_for_tk_is_told(hand, offer, monkeypatch, kind):
    """Where xclip is missing, the user hears what to do; nothing is put in or attached."""
    monkeypatch.setattr(shutil, "which", lambda _program: None)
    offer(kind, encode_png(1, 1, bytes(3)) + bytes(500_000))
    hand.press("<Control-v>", hand.view.composer.text)
    assert "too large" in hand.view.composer.noticed.words
    assert (hand.view.composer.get(), hand.view.files.paths) == ("", [])


@pytest.mark.long
def test_owner_that_does_not_answer_is_waited_for_once(hand):
    """A program that hangs holds the window up for Tk's five seconds, once, not for each kind it may have."""
    with offered("image/png", b"") as owner:
        hand.settle()
        owner.send_signal(signal.SIGSTOP)
        start = time.monotonic()
        hand.press("<Control-v>", hand.view.composer.text)
        took_s = time.monotonic() - start
    assert "does not answer" in hand.view.composer.noticed.words
    assert took_s < 9


def test_text_is_pasted_as_before(hand):
    """Words on the clipboard go into the field."""
    root: tk.Tk = hand.view.winfo_toplevel()
    root.clipboard_clear()
    root.clipboard_append("words")
    hand.view.composer.text.event_generate("<<Paste>>")
    hand.settle()
    assert (hand.view.composer.get(), hand.view.files.paths) == ("words", [])


@pytest.fixture
def long_paste(hand: Hand) -> str:
    """Paste 60,000 words behind some words of the user's own."""
    words = "word é " * 60_000
    hand.write("Here is the log: ")
    hand.app.root.clipboard_clear()
    hand.app.root.clipboard_append(words)
    hand.press("<Control-v>", hand.view.composer.text)
    assert "did not fit" in hand.view.composer.noticed.words
    return words


def test_what_is_too_long_is_sent_as_a_file(hand, client, long_paste):
    """The button sends all that was pasted as a file, and what the user wrote as the message."""
    button = hand.view.composer.noticed.button
    assert button.winfo_ismapped()
    button.invoke()
    hand.settle()
    ((room, (path,), body, reply_to, _pictures),) = client.called("files.send")
    assert (room, body, reply_to) == ("general", "Here is the log: ", None)
    assert path.read_text("utf-8") == long_paste
    assert path.suffix == ".txt"
    assert path.stat().st_mode & 0o777 == 0o600
    assert (hand.view.composer.get(), hand.view.files.paths) == ("", [])
    assert not button.winfo_ismapped()
    assert hand.app.root.focus_get() is hand.view.composer.text


def test_typed_text_that_is_too_long_is_sent_as_a_file(hand, client):
    """What was typed or came from a draft can go as a file too, all of it."""
    hand.view.composer.set("x" * (BODY_MAX_CHARS + 1))
    hand.press("<Return>", hand.view.composer.text)
    hand.view.composer.noticed.button.invoke()
    ((_room, (path,), body, _reply_to, _pictures),) = client.called("files.send")
    assert (path.read_text("utf-8"), body) == ("x" * (BODY_MAX_CHARS + 1), "")
    assert client.called("outbox.send") == []


@pytest.mark.parametrize("why", ["no files", "editing", "full"])
def test_no_file_is_offered_where_none_may_go(hand, client, tmp_path, why):
    """There is no button without files, for an edit, and for a message with all files it may have."""
    if why == "editing":
        hand.view.start_edit(client.write(client.state.rooms["general"], "zoe", "mine", 0))
    elif why == "full":
        hand.view.files.add(tmp_path / str(number) for number in range(FILES_MAX))
    client.files.available = why != "no files"
    hand.app.root.clipboard_clear()
    hand.app.root.clipboard_append("x" * (BODY_MAX_CHARS + 1))
    hand.press("<Control-v>", hand.view.composer.text)
    assert "did not fit" in hand.view.composer.noticed.words
    assert not hand.view.composer.noticed.button.winfo_ismapped()


def test_text_that_cannot_be_written_stays(hand, client, long_paste, monkeypatch):
    """On a full disk it is said, nothing is sent, and the field keeps what it holds."""

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = hand.view.composer.get()
    monkeypatch.setattr("chat_client.ui.room.attaching.keep", full)
    hand.view.composer.noticed.button.invoke()
    assert "could not be made a file" in hand.view.composer.noticed.words
    assert hand.view.composer.get() == before
    assert client.called("files.send") == []


def test_addresses_of_other_places_and_folders_are_left_out(tmp_path):
    """Only files of this computer are attached."""
    path = tmp_path / "a%b.txt"
    path.write_bytes(b"x")
    lines = [
        path.as_uri(),
        tmp_path.as_uri(),
        "file://elsewhere/etc/hosts",
        "# a comment",
        "http://[",
        "file:///\0",
    ]
    assert uri_files("\r\n".join(lines).encode()) == [path]
