"""Pictures and files on the clipboard, offered by another program of the display."""

import tkinter as tk
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from chat_client.ui.look.raster import encode_png
from chat_client.ui.room.pasting import uri_files
from tests.chat_client.ui.conftest import Hand
from tests.support.clipboard import offered

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
    assert client.called("files.send") == [("general", [path], "look", None)]


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


def test_text_is_pasted_as_before(hand):
    """Words on the clipboard go into the field."""
    root: tk.Tk = hand.view.winfo_toplevel()
    root.clipboard_clear()
    root.clipboard_append("words")
    hand.view.composer.text.event_generate("<<Paste>>")
    hand.settle()
    assert (hand.view.composer.get(), hand.view.files.paths) == ("words", [])


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
