"""One file over a connection of its own; what the server says is written down before it is asked."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chat_client.net import transfer
from chat_client.net.transfer import Stopped, TransferLine, download, upload
from chat_client.net.transport import Address, ConnectionFailed
from chat_protocol.errors import ChatError
from chat_protocol.limits import PREVIEW_MAX_BYTES
from chat_protocol.requests import Quiet, Upload

ADDRESS = Address("chat.example", 5000)
FILE = {"id": "f1", "name": "a.bin", "size": 5, "type": "application/octet-stream"}


class Server:
    """The other end: what it says is said before it is asked, in one piece."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.end.setblocking(False)

    def says(self, *said: dict[str, Any] | bytes) -> None:
        """Send frames and raw bytes."""
        self.end.sendall(
            b"".join(one if isinstance(one, bytes) else json.dumps(one).encode() + b"\n" for one in said)
        )

    def got(self) -> bytes:
        """Return all that has come since the last call."""
        data = b""
        while True:
            try:
                data += (piece := self.end.recv(1 << 20))
            except BlockingIOError:
                return data
            if not piece:
                return data


def ok(ref: int, **fields: Any) -> dict[str, Any]:
    return {"type": "ok", "ref": ref, **fields}


SIGNED_IN = (ok(1), ok(2))


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of the connection that the next line gets."""
    mine, theirs = socket.socketpair()
    monkeypatch.setattr(transfer, "open_stream", lambda address: (mine, True))
    with mine, theirs:
        yield mine, theirs


@pytest.fixture
def server(ends: tuple[socket.socket, socket.socket]) -> Server:
    return Server(ends[1])


@pytest.fixture
def line(server: Server) -> TransferLine:
    """A line that was let in."""
    server.says(*SIGNED_IN)
    line = TransferLine(ADDRESS, "t0ken", threading.Event())
    server.got()
    return line


def test_line_signs_in_and_asks_for_quiet(server: Server) -> None:
    """The token goes first; then the server is asked for no events."""
    server.says(*SIGNED_IN)
    TransferLine(ADDRESS, "t0ken", threading.Event())
    first, second = map(json.loads, server.got().splitlines())
    assert (first["type"], first["token"], first["ref"]) == ("resume", "t0ken", 1)
    assert (second["type"], second["ref"]) == ("quiet", 2)


def test_line_that_is_not_let_in_is_closed(server: Server, ends: tuple[socket.socket, socket.socket]) -> None:
    """The refusal is raised with all that it says, and no socket stays behind."""
    server.says({"type": "error", "ref": 1, "code": "banned", "message": "No.", "until": "tomorrow"})
    with pytest.raises(ChatError) as refusal:
        TransferLine(ADDRESS, "t0ken", threading.Event())
    assert (refusal.value.code, refusal.value.message) == ("banned", "No.")
    assert refusal.value.extra == {"until": "tomorrow"}
    assert ends[0].fileno() == -1


def test_events_and_earlier_replies_are_passed_over(server: Server, line: TransferLine) -> None:
    """Only the reply to the last request is one."""
    server.says({"type": "hello"}, ok(2), {"type": "message", "ref": None}, ok(3, x=1))
    assert line.request(Quiet()) == ok(3, x=1)


@pytest.mark.parametrize(
    ("frame", "detail"), [({"reason": "shutdown"}, "shutdown"), ({}, "the server ends it")]
)
def test_end_of_the_server_ends_the_line(
    server: Server, line: TransferLine, frame: dict[str, str], detail: str
) -> None:
    """The last event says why."""
    server.says({"type": "end", **frame})
    with pytest.raises(ConnectionFailed) as failure:
        line.request(Quiet())
    assert (failure.value.code, failure.value.detail) == ("dropped", detail)


def test_closed_connection_ends_the_line(server: Server, line: TransferLine) -> None:
    """A server that goes away without a word is an end like any other."""
    server.end.shutdown(socket.SHUT_WR)
    with pytest.raises(ConnectionFailed, match="closed"):
        line.request(Quiet())


@pytest.mark.parametrize(("over", "passes"), [(0, True), (1, False)])
def test_endless_line_is_refused(
    server: Server, line: TransferLine, monkeypatch: pytest.MonkeyPatch, over: int, passes: bool
) -> None:
    """A reply is read up to its limit, byte for byte, and not beyond it."""
    reply = json.dumps(ok(3)).encode()
    monkeypatch.setattr(transfer, "LINE_MAX_BYTES", len(reply) - over)
    server.says(reply)
    if passes:
        monkeypatch.setattr(transfer, "PATIENCE_S", 0.0)
    with pytest.raises(ConnectionFailed) as failure:
        line.request(Quiet())
    assert failure.value.code == ("silent" if passes else "not_chat")


def test_line_that_is_to_stop_stops(line: TransferLine) -> None:
    """Whatever it waits for."""
    line._stop.set()
    with pytest.raises(Stopped):
        line.request(Quiet())


def test_line_waits_as_long_as_it_has_patience(line: TransferLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the last second of its patience it looks again, whether to stop and whether there is anything."""
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    looks = 0

    def silence() -> int:
        nonlocal looks
        looks += 1
        now[0] += transfer.PATIENCE_S / 4
        raise TimeoutError("timed out")

    with pytest.raises(ConnectionFailed) as failure:
        line._patiently(silence)
    assert (failure.value.code, looks) == ("silent", 4)


def written(path: Path, size: int) -> bytes:
    data = bytes(number * 7 % 251 for number in range(size))
    path.write_bytes(data)
    return data


@pytest.mark.parametrize("offset", [0, 1, 20, 49, 50, 52])
def test_upload_brings_what_is_missing(
    server: Server, line: TransferLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offset: int
) -> None:
    """From where the server has the file, over the end of the file into its small picture."""
    monkeypatch.setattr(transfer, "PIECE_BYTES", 20)
    data = written(tmp_path / "a", 50)
    told: list[int] = []
    server.says(ok(3, offset=offset), ok(3, file=FILE))
    request = Upload("general", "n1", "a.bin", len(data), "5a", 3)
    stored = upload(line, request, tmp_path / "a", b"xyz", told.append)
    head, _, body = server.got().partition(b"\n")
    assert json.loads(head)["type"] == "upload"
    assert body == (data + b"xyz")[offset:]
    assert (stored.id, stored.size) == ("f1", 5)
    ends = [end for end in (offset + 20, offset + 40, 50) if end <= 50]
    assert told == [offset, *sorted({*ends, 50} if offset < 50 else ()), 53]


def test_upload_that_the_server_has_already_sends_nothing(
    server: Server, line: TransferLine, tmp_path: Path
) -> None:
    """The reply names the file; not even the disk is looked at."""
    server.says(ok(3, file=FILE))
    request = Upload("general", "n1", "a.bin", 5, "5a", 0)
    assert upload(line, request, tmp_path / "missing", b"", lambda done: None).id == "f1"
    assert server.got().count(b"\n") == 1


def test_upload_of_a_file_that_became_shorter_fails(
    server: Server, line: TransferLine, tmp_path: Path
) -> None:
    """What the server was promised cannot be brought; the error names the file."""
    written(tmp_path / "a", 10)
    server.says(ok(3, offset=0))
    with pytest.raises(OSError, match="shorter"):
        upload(line, Upload("general", "n1", "a", 11, "5a", 0), tmp_path / "a", b"", lambda done: None)


@pytest.mark.parametrize("refused", [True, False])
def test_refusal_in_the_middle_of_an_upload_is_told(
    server: Server, line: TransferLine, tmp_path: Path, refused: bool
) -> None:
    """Where the connection breaks, what the server has said before counts; without a word it is lost."""
    written(tmp_path / "a", 10)
    server.says(ok(3, offset=0))

    def end(done: int) -> None:
        server.got()
        if refused:
            server.says({"type": "error", "ref": 3, "code": "files_full", "message": "Full."})
        server.end.close()

    with pytest.raises((ChatError, ConnectionFailed)) as failure:
        upload(line, Upload("general", "n1", "a", 10, "5a", 0), tmp_path / "a", b"", end)
    assert getattr(failure.value, "code", "") == ("files_full" if refused else "dropped")


@pytest.mark.parametrize("there", [0, 1, 4])
@pytest.mark.parametrize("preview", [True, False])
def test_download_goes_on_where_it_was(
    server: Server, line: TransferLine, tmp_path: Path, there: int, preview: bool
) -> None:
    """What stands there stays, what is missing comes behind it, and a frame behind it is no byte of it."""
    data = b"12345"
    told: list[int] = []
    (tmp_path / "part").write_bytes(data[:there])
    server.says(ok(3, size=5, length=5 - there), data[there:], ok(4))
    download(line, "f1", tmp_path / "part", told.append, preview=preview)
    assert (tmp_path / "part").read_bytes() == data
    assert told[-1] == 5
    asked = json.loads(server.got())
    assert (asked["file"], asked["offset"], asked.get("preview", False)) == ("f1", there, preview)
    assert line.request(Quiet()) == ok(4)


@pytest.mark.parametrize(
    ("size", "preview", "whole"), [(5, False, 4), (5, False, 10**15), (None, True, PREVIEW_MAX_BYTES + 1)]
)
def test_download_of_another_size_than_was_said_is_refused(
    server: Server, line: TransferLine, tmp_path: Path, size: int | None, preview: bool, whole: int
) -> None:
    """In either direction, and not one byte of it comes to the disk."""
    server.says(ok(3, size=whole, length=whole), b"12345")
    with pytest.raises(ChatError) as refused:
        download(line, "f1", tmp_path / "part", lambda done: None, size=size, preview=preview)
    assert refused.value.code == "no_such_file"
    assert (tmp_path / "part").read_bytes() == b""


@pytest.mark.parametrize("length", [3, 5, -1])
def test_download_of_another_file_than_before_begins_again(
    server: Server, line: TransferLine, tmp_path: Path, length: int
) -> None:
    """When what is there and what is to come are not the file's size, nothing of it is kept."""
    there = b"1" if length > 0 else b"123456"
    (tmp_path / "part").write_bytes(there)
    server.says(ok(3, size=5, length=length), b"12345"[: max(0, length)])
    with pytest.raises(ConnectionFailed):
        download(line, "f1", tmp_path / "part", lambda done: None)
    assert (tmp_path / "part").read_bytes() == b""


def test_large_download_comes_in_pieces(
    server: Server, line: TransferLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the bytes come, all of them are told of and kept."""
    monkeypatch.setattr(transfer, "PIECE_BYTES", 7)
    data = bytes(range(100))
    told: list[int] = []
    server.says(ok(3, size=100, length=100), data)
    download(line, "f1", tmp_path / "part", told.append)
    assert (tmp_path / "part").read_bytes() == data
    assert told == sorted(set(told))
    assert told[-1] == 100
