"""Files with the terminal client, as a program with a real server."""

import hashlib
import os
import re
from pathlib import Path

import pytest

from chat_client.model.changes import TransferChanged
from chat_client.model.transfer_state import TransferState
from chat_client.terminal.commands import Commands
from chat_client.terminal.show import HISTORY_PIPED, Show
from tests.chat_client.fakes import a_message, live
from tests.chat_client.terminal.program import command, piped
from tests.chat_client.terminal.session import Session
from tests.support.server import ServerProcess
from tests.support.transfers import download, transfer_connection, uploaded
from tests.support.wire import Frame, WireClient


def test_files_are_sent_and_the_program_ends(
    server: ServerProcess, jules: WireClient, tmp_path: Path
) -> None:
    """`--send ROOM --file F` twice is one message with two files; then the status is 0."""
    paths = [tmp_path / "a large one.bin", tmp_path / "b.txt"]
    for path, size in zip(paths, (2_000_000, 5), strict=True):
        path.write_bytes(os.urandom(size))
    more = ["--register", "--send", "general", *(word for path in paths for word in ("--file", str(path)))]
    done = piped(command(server, tmp_path / "home", *more), "not read\n")
    assert (done.returncode, done.stderr) == (0, b""), done
    message = jules.event("message")
    assert (message["body"], [file["name"] for file in message["files"]]) == (
        "",
        ["a large one.bin", "b.txt"],
    )
    line = transfer_connection(server.port, jules.token)
    for file, path in zip(message["files"], paths, strict=True):
        assert download(line, file["id"]) == path.read_bytes()
    line.close()


def test_file_is_uploaded_and_downloaded_by_commands(
    server: ServerProcess, jules: WireClient, tmp_path: Path
) -> None:
    """`/download N PATH` saves what `/upload` or somebody else has sent, under a safe name in a folder."""
    data = os.urandom(300_000)
    line = transfer_connection(server.port, jules.token)
    file = uploaded(line, "general", data, name="CON.bin")
    line.close()
    seq = jules.ok("send", room="general", body="look", files=[file["id"]])["seq"]
    (tmp_path / "mine.txt").write_bytes(b"mine")
    (tmp_path / "saved").mkdir()
    words = command(server, tmp_path / "home", "--register", "--room", "general")
    home = tmp_path / "home"
    first = piped(words, f"/upload {tmp_path / 'mine.txt'}\n")
    assert first.returncode == 0, first
    assert jules.event("message")["files"][0]["name"] == "mine.txt"
    words.remove("--register")
    done = piped(words, f"/download {seq} {tmp_path / 'saved'}\n/download {seq} {tmp_path / 'saved'}\n")
    assert done.returncode == 0, done
    assert re.search(rb"look \[file: CON.bin, 293 KB, /download \d+\]", done.stdout)
    assert sorted(path.name for path in (tmp_path / "saved").iterdir()) == ["_CON (2).bin", "_CON.bin"]
    found = (tmp_path / "saved" / "_CON.bin").read_bytes()
    assert hashlib.sha256(found).digest() == hashlib.sha256(data).digest()
    assert home.exists()


@pytest.mark.parametrize(
    "line", ["/upload", "/upload /nowhere/at.all", "/download 9999", "/download x", "/download 1.7"]
)
def test_what_cannot_be_done_is_said(server: ServerProcess, tmp_path: Path, line: str) -> None:
    """A mistake has its words, and the status says so."""
    words = command(server, tmp_path / "home", "--register", "--room", "general")
    done = piped(words, f"{line}\n")
    assert (done.returncode, done.stderr) == (1, b""), done


def test_send_and_file_go_together(server: ServerProcess, tmp_path: Path) -> None:
    """One without the other is a mistake on the command line."""
    for more in (["--send", "general"], ["--file", "x"]):
        assert piped(command(server, tmp_path / "home", *more), "").returncode == 2


A_FILE = {"id": "f1", "name": "a.pdf", "size": 4096, "type": "application/pdf"}


def listed(session: Session, *messages: Frame) -> str:
    """Ask for the files of the open room, and return what is written when the server has answered."""
    session.type("/join Lobby", "/files")
    request = session.bench.server.take("search")
    assert (request["room"], request["query"]) == ("Lobby", "file:*")
    session.bench.server.ok(request, messages=list(messages), more=False)
    return session.step()


def test_files_of_the_room_are_listed(session: Session) -> None:
    """The newest last, each as `/download` takes it: of several with its number in the message."""
    two = [A_FILE, {**A_FILE, "id": "f2", "name": "b.txt", "size": 5}]
    newest = a_message("Lobby", 9, body="look", files=two)
    lines = listed(session, newest, a_message("Lobby", 3, sender="jules", files=[A_FILE])).splitlines()
    assert lines[-4].startswith("* 3 files")
    assert [line[line.index("[file") :] for line in lines[-3:]] == [
        "[file: a.pdf, 4 KB, /download 3.1]",
        "[file: b.txt, 5 B, /download 9.2]",
        "[file: a.pdf, 4 KB, /download 9.1]",
    ]
    assert "<jules>" in lines[-3]


def test_room_without_files_says_so(session: Session) -> None:
    """An answer with nothing is an answer."""
    assert "* 0 files" in listed(session)


def test_name_that_would_write_to_the_terminal(session: Session) -> None:
    """What a name holds moves no cursor and begins no line."""
    name = "a\x1b[2J\n* Lobby\u202efdp.exe"
    written = listed(session, a_message("Lobby", 3, files=[{**A_FILE, "name": name}]))
    assert not set(written) & {"\x1b", "\u202e"}
    assert len(written.splitlines()) == 2


def test_files_want_an_open_room(session: Session) -> None:
    """As everything that is about a room; nothing is asked."""
    session.bench.state.open_room = None
    assert "room" in session.type("/files")
    assert "search" not in [request["type"] for request in session.bench.server.sent]


def test_second_file_of_a_message_is_saved(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`/download N.2` takes the second; over what exists nothing is saved."""
    saved: list[tuple[str, Path]] = []
    files = session.bench.client.files
    monkeypatch.setattr(files, "save", lambda file, target: saved.append((file.id, target)))
    two = [A_FILE, {**A_FILE, "id": "f2", "name": "b.txt", "size": 5}]
    session.type("/join Lobby")
    message = a_message("Lobby", 1, files=two)
    live(session.bench, "Lobby", 1, files=two)
    session.step()
    assert message["files"] == two
    session.type(f"/download 1.2 {tmp_path}", f"/download 1.3 {tmp_path}")
    assert saved == [("f2", tmp_path)]
    (tmp_path / "there").write_text("mine")
    assert "exists" in session.type(f"/download 1 {tmp_path / 'there'}")
    assert saved == [("f2", tmp_path)]


def told(session: Session, key: str) -> str:
    """Return what is written when a transfer has changed."""
    session.lines.clear()
    session.terminal._show.changes([TransferChanged(key)])
    return "\n".join(session.lines)


def test_paused_transfer_is_told(session: Session) -> None:
    """What was paused before the client started says so, and by which line it goes on."""
    resting = TransferState("u1n0nce567", "a\nb.bin", 4, done=1, paused=True)
    session.bench.state.transfers[resting.key] = resting
    assert told(session, "u1n0nce567") == "* a b.bin: Paused at 25 %, /go-on u1n0nce5"


def test_progress_is_told_in_quarters(session: Session) -> None:
    """To a person at a terminal, once each."""
    transfer = session.bench.state.transfers["u1"] = TransferState("u1", "a\nb.bin", 400)
    lines = []
    for done in (50, 100, 150, 399, 400):
        transfer.done = done
        lines.append(told(session, "u1"))
    assert lines == ["", "* a b.bin: 25 %", "", "* a b.bin: 75 %", "* a b.bin: 100 %"]


def test_progress_is_not_told_to_a_pipe_nor_of_an_empty_file(session: Session) -> None:
    """Nobody waits for the one, and the other has no quarters."""
    session.bench.state.transfers["u1"] = TransferState("u1", "a.bin", 0, done=0)
    assert told(session, "u1") == ""
    session.bench.state.transfers["u2"] = TransferState("u2", "a.bin", 400, done=400)
    lines: list[str] = []
    Show(session.bench.client, lines.append, history=HISTORY_PIPED, quiet=False).changes(
        [TransferChanged("u2")]
    )
    assert lines == []


def test_transfers_are_named_by_the_beginning_of_their_key(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight signs of it are shown; one that names none, or several, does nothing."""
    done: list[tuple[str, str]] = []
    files = session.bench.client.files
    monkeypatch.setattr(files, "pause", lambda key: done.append(("pause", key)))
    monkeypatch.setattr(files, "go_on", lambda key: done.append(("go_on", key)))
    monkeypatch.setattr(files, "cancel", lambda key: done.append(("cancel", key)))
    session.terminal._commands = Commands(session.bench.client, session.terminal._show, session.lines.append)
    assert "No file" in session.type("/transfers")
    for key in ("abcdefgh12", "abcdxyz", "f9"):
        session.bench.state.transfers[key] = TransferState(key, f"{key}\n.txt", 8, done=2)
    first, second, third = session.type("/transfers").splitlines()
    assert first.startswith("  abcdefgh  abcdefgh12 .txt: ")
    assert second.startswith("  abcdxyz  ")
    assert third.startswith("  f9  ")
    session.type("/halt abcde", "/go-on f9", "/cancel abcdx")
    assert done == [("pause", "abcdefgh12"), ("go_on", "f9"), ("cancel", "abcdxyz")]
    for name in ("abcd", "", "nothing"):
        session.type(f"/cancel {name}")
    assert len(done) == 3
