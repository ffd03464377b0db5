"""The pane of a room's files."""

from pathlib import Path
from tkinter import filedialog

import pytest

from chat_client.model import changes as ch
from chat_client.model.room_files import room_files
from chat_client.model.state import RoomFilesState
from chat_client.model.transfer_state import TransferState
from chat_client.ui import opening
from chat_protocol.errors import ChatError
from chat_protocol.objects import File

KINDS = {"a.png": "image/png", "b.pdf": "application/pdf", "setup.exe": "application/x-msdownload"}


@pytest.fixture
def general(client, hand, at, monkeypatch):
    """A room with three files, the newest of which is a program."""
    room = client.state.rooms["general"]
    client.state.connection.capabilities = ("files",)
    client.tell(ch.RoomChanged("general"))
    for number, (name, kind) in enumerate(KINDS.items()):
        side = 30 if kind == "image/png" else None
        file = File(f"f{number}", name, 2048, kind, side, side)
        client.arrive(room, "jules", "", at(number), files=(file,))

    def files():
        return room_files(room, client.state.room_files.found, complete=True)

    monkeypatch.setattr(client.room_files, "files", files, raising=False)
    hand.settle()
    return room


@pytest.fixture
def pane(hand, general):
    """The pane, opened by its key."""
    hand.press("<Control-j>", hand.view.composer.text)
    return hand.main.files


def test_files_stand_by_name_size_person_and_time(hand, client, pane):
    """Newest first; the server was asked for those that are not loaded."""
    assert client.called("room_files.show") == [("general",)]
    assert pane.winfo_ismapped()
    assert pane.list.texts() == ["setup.exe", "b.pdf", "a.png"]
    assert pane.list.rows[0].detail == "2 KB  ·  Jules"
    assert pane.list.rows[0].trailing
    hand.press("<Escape>")
    assert not pane.winfo_ismapped()


def test_picture_is_shown_in_the_viewer(hand, client, pane):
    """By the keyboard: to the last row, then Return."""
    hand.press("<End>", pane.list.canvas)
    hand.press("<Return>")
    assert hand.main.sheet.file.name == "a.png"


def test_harmless_file_is_opened_under_the_ending_of_its_kind(hand, client, pane, monkeypatch, tmp_path):
    """Its bytes decide, not its name; a copy is opened, which is for the user alone."""
    path = tmp_path / "cached"
    started: list[Path] = []
    path.write_bytes(b"%PDF-")
    monkeypatch.setattr(client.files, "cached", lambda _file: path, raising=False)
    monkeypatch.setattr(client.files, "bring", lambda _file, told: told(None), raising=False)
    monkeypatch.setattr(opening, "start", started.append)
    hand.press("<Home>", pane.list.canvas)
    hand.press("<Down>")
    hand.press("<Key-o>")
    assert [one.name for one in started] == ["b.pdf"]
    assert started[0].read_bytes() == b"%PDF-"
    assert started[0].stat().st_mode & 0o777 == 0o600
    file = File("f9", "invoice.exe", 5, "application/pdf")
    assert opening.copy_to_open(tmp_path / "opened", path, file).name == "invoice.pdf"


def test_what_cannot_be_opened_is_saved(hand, client, pane, monkeypatch, tmp_path):
    """Where the system has no program for it, or it did not come."""
    monkeypatch.setattr(filedialog, "asksaveasfilename", lambda **_options: str(tmp_path / "x"))
    refused = ChatError("no_such_file", "Gone.")
    monkeypatch.setattr(client.files, "bring", lambda _file, told: told(refused), raising=False)
    hand.press("<Home>", pane.list.canvas)
    hand.press("<Down>")
    hand.press("<Key-o>")
    ((file, _target),) = client.called("files.save")
    assert file.name == "b.pdf"


def test_program_is_only_saved(hand, client, pane, monkeypatch, tmp_path):
    """There is no "Open" for it, and Return asks where to save it."""
    monkeypatch.setattr(filedialog, "asksaveasfilename", lambda **_options: str(tmp_path / "x"))
    pane.menu.tk_popup = lambda _x, _y: None
    pane.list.on_menu("3.1", 0, 0)
    labels = [pane.menu.entrycget(at, "label") for at in range(pane.menu.index("end") + 1)]
    assert labels == ["Save files as…", "Go to the message"]
    hand.press("<Home>", pane.list.canvas)
    hand.press("<Key-o>")
    assert client.called("files.save") == []
    hand.press("<Return>")
    ((file, target),) = client.called("files.save")
    assert (file.name, target) == ("setup.exe", tmp_path / "x")


def test_message_of_a_file_is_shown(hand, client, pane):
    """G goes to it."""
    hand.press("<End>", pane.list.canvas)
    hand.press("<Key-g>")
    assert hand.tagged("found")[0].startswith("Jules")


def test_deleted_file_goes_and_a_new_one_comes(hand, client, pane, general, at):
    """The pane follows the room."""
    general.messages[-1].deleted = True
    client.tell(ch.MessageChanged("general", 3))
    client.arrive(general, "jules", "", at(5), files=(File("f9", "z.txt", 1, "text/plain"),))
    hand.settle()
    assert pane.list.texts() == ["z.txt", "b.pdf", "a.png"]


def test_download_under_way_is_told_in_its_row(hand, client, pane):
    """In the place of the size."""
    client.state.transfers["f2"] = TransferState("f2", "setup.exe", 2048, done=1024)
    client.tell(ch.TransferChanged("f2"))
    hand.settle()
    assert pane.list.rows[0].detail == "50 %  ·  1 KB of 2 KB  ·  Jules"


def test_room_without_files_says_so(hand, client, pane):
    """Another room is asked for while the pane is open; without the capability there is no pane."""
    hand.open("blabla")
    assert client.called("room_files.show")[-1] == ("blabla",)
    client.room_files.files = list
    client.state.room_files = RoomFilesState("blabla", complete=True)
    client.tell(ch.RoomFilesChanged())
    hand.settle()
    assert pane.words.cget("text") == "No files have been sent here yet."
    hand.press("<Escape>", pane.list.canvas)
    client.state.connection.capabilities = ()
    hand.press("<Control-j>", hand.view.composer.text)
    assert not pane.winfo_ismapped()
