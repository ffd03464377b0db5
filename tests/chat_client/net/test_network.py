"""One connection over real sockets: what it reports, whatever the other side does."""

import json
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chat_client.net.events import Connected, Disconnected, FrameReceived, NetworkEvent
from chat_client.net.network import EVENTS_WAITING_MAX, PING_AFTER_S, SILENT_AFTER_S, Connection
from chat_client.net.transport import Address, Stream

TIMEOUT_S = 10.0
Events = queue.Queue[NetworkEvent]


class Line:
    """A connection on one end of a socket pair; the test holds the other end."""

    def __init__(self, wrap: Callable[[socket.socket], Stream] = lambda end: end, **options: Any) -> None:
        ours, self.far = socket.socketpair()
        self.far.settimeout(TIMEOUT_S)
        self.events: Events = queue.Queue(EVENTS_WAITING_MAX)
        self.connection = Connection(
            7, Address("far", 1), self.events, opener=lambda address: (wrap(ours), False), **options
        )
        self.connection.start()
        assert self.event() == Connected(7, False)

    def event(self) -> NetworkEvent:
        return self.events.get(timeout=TIMEOUT_S)

    def frame(self) -> dict[str, Any]:
        event = self.event()
        assert isinstance(event, FrameReceived), event
        return event.frame

    def end(self) -> str:
        event = self.event()
        assert isinstance(event, Disconnected), event
        return event.code

    def close(self) -> None:
        self.connection.close()
        self.far.close()
        self.connection.join(TIMEOUT_S)


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.close()


@contextmanager
def a_line(*arguments: Any, **options: Any) -> Iterator[Line]:
    line = Line(*arguments, **options)
    try:
        yield line
    finally:
        line.close()


def test_frames_arrive_whole_however_they_are_cut(line: Line) -> None:
    """Byte by byte, two at once, with carriage returns and empty lines."""
    for byte in '{"a":"é"}\n'.encode():
        line.far.sendall(bytes([byte]))
    line.far.sendall(b'\r\n\n{"b":2}\r\n{"c":3}\n')
    assert [line.frame() for _ in range(3)] == [{"a": "é"}, {"b": 2}, {"c": 3}]


def test_send_from_many_threads_keeps_frames_whole(line: Line) -> None:
    """Frames of several threads do not mix, and each thread's stay in order."""

    def work(name: int) -> None:
        for number in range(50):
            line.connection.send({"name": name, "number": number, "body": "x" * 200})

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    received: list[dict[str, Any]] = []
    with line.far.makefile("rb") as lines:
        for text in lines:
            received.append(json.loads(text))
            if len(received) == 200:
                break
    for thread in threads:
        thread.join()
    for name in range(4):
        assert [f["number"] for f in received if f["name"] == name] == list(range(50))


def test_send_never_waits_for_a_server_that_does_not_read(line: Line) -> None:
    """Megabytes are queued at once, and delivered when the other side reads."""
    for number in range(200):
        line.connection.send({"number": number, "body": "x" * 20_000})
    count = 0
    while count < 200:
        count += line.far.recv(1_000_000).count(b"\n")


def test_hang_up_is_reported_once(line: Line) -> None:
    """What came before the end is delivered, then the end."""
    line.far.sendall(b'{"last":1}\n{"half"')
    line.far.close()
    assert line.frame() == {"last": 1}
    assert line.end() == "dropped"
    assert line.events.empty()


@pytest.mark.parametrize("rubbish", [b"HTTP/1.0 400 Bad Request\r\n", b"\xff\xfe\n", b"[1]\n", b"{NaN}\n"])
def test_rubbish_ends_the_connection(line: Line, rubbish: bytes) -> None:
    """Who does not speak the protocol is left."""
    line.far.sendall(rubbish)
    assert line.end() == "not_chat"


def test_endless_line_ends_the_connection(line: Line) -> None:
    """A server cannot fill the client's memory with a line that never ends."""
    try:
        for _ in range(100):
            line.far.sendall(b"x" * 200_000)
    except OSError:
        pass
    assert line.end() == "not_chat"


def test_close_delivers_what_was_queued(line: Line) -> None:
    """A last frame (the logout) still goes out."""
    line.connection.send({"type": "logout"})
    line.connection.close()
    assert line.far.recv(1000) == b'{"type":"logout"}\n'
    assert line.far.recv(1000) == b""
    assert line.end() == "closed"


def test_close_does_not_wait_for_a_server_that_does_not_read(line: Line) -> None:
    """The thread ends although the system takes nothing more."""
    for _ in range(100):
        line.connection.send({"body": "x" * 60_000})
    line.connection.close()
    line.connection.join(TIMEOUT_S)
    assert line.end() == "closed"


class Steady:
    """A clock that the connection reads and the test moves; each reading is told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_silent_server_is_asked_and_then_given_up() -> None:
    """After silence a ping goes out; when nothing answers, the connection is lost within 30 s."""
    assert PING_AFTER_S < SILENT_AFTER_S < 30
    clock = Steady()
    with a_line(monotonic=clock) as line:
        clock.now = PING_AFTER_S
        line.connection.send({"type": "wake"})
        received = b""
        while received.count(b"\n") < 2:
            received += line.far.recv(1000)
        assert b'"type":"ping"' in received
        clock.now = SILENT_AFTER_S
        line.connection.send({"type": "wake"})
        assert line.end() == "silent"


def test_answer_to_the_ping_is_taken_as_a_sign_of_life() -> None:
    """The keep-alive's own answer is no frame for others, and keeps the connection."""
    clock = Steady()
    with a_line(monotonic=clock) as line:
        clock.now = SILENT_AFTER_S - 1
        line.far.sendall(b'{"type":"ok","ref":"ping"}\n{"a":1}\n')
        assert line.frame() == {"a": 1}
        clock.now = SILENT_AFTER_S + 1
        line.far.sendall(b'{"b":2}\n')
        assert line.frame() == {"b": 2}


class Faulty:
    """A stream that takes one byte at a time, says "not now" in between, and fails when told to."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        self._turn = 0
        self.broken = False

    def recv(self, size: int) -> bytes:
        if self.broken:
            raise ConnectionResetError("reset")
        self._not_always(ssl.SSLWantReadError)
        return self._stream.recv(1)

    def send(self, data: bytes) -> int:
        self._not_always(ssl.SSLWantWriteError)
        return self._stream.send(data[:1])

    def _not_always(self, error: type[Exception]) -> None:
        self._turn += 1
        if self._turn % 3 == 0:
            raise error

    def fileno(self) -> int:
        return self._stream.fileno()

    def setblocking(self, flag: bool) -> None:
        self._stream.setblocking(flag)

    def close(self) -> None:
        self._stream.close()


def test_stream_that_moves_single_bytes_carries_whole_frames() -> None:
    """Short writes and "not now" lose nothing, in both directions."""
    with a_line(Faulty) as line:
        line.connection.send({"out": "é"})
        line.far.sendall(b'{"in":1}\n')
        received = b""
        while not received.endswith(b"\n"):
            received += line.far.recv(100)
        assert received == '{"out":"é"}\n'.encode()
        assert line.frame() == {"in": 1}


def test_stream_that_breaks_is_reported() -> None:
    """A reset is a lost connection, not a dead thread."""
    made: list[Faulty] = []

    def wrap(end: socket.socket) -> Faulty:
        made.append(Faulty(end))
        return made[-1]

    with a_line(wrap) as line:
        made[0].broken = True
        line.far.sendall(b"{}\n")
        assert line.end() == "dropped"


def test_events_that_nobody_takes_stop_the_reading() -> None:
    """A frozen window costs a bounded queue: the server's side fills up instead."""
    events: Events = queue.Queue(10)
    ours, far = socket.socketpair()
    connection = Connection(1, Address("far", 1), events, opener=lambda address: (ours, False))
    connection.start()
    far.settimeout(0.5)
    with pytest.raises(TimeoutError):
        far.sendall(b"{}\n" * 2_000_000)
    assert events.qsize() == 10
    connection.close()
    far.close()
    connection.join(TIMEOUT_S)


@pytest.mark.logged_errors
def test_bug_in_the_thread_is_a_lost_connection() -> None:
    """Whatever goes wrong there, the client hears of the end."""

    def broken(address: Address) -> tuple[Stream, bool]:
        raise RuntimeError("a bug")

    events: Events = queue.Queue()
    connection = Connection(3, Address("far", 1), events, opener=broken)
    connection.start()
    event = events.get(timeout=TIMEOUT_S)
    connection.join(TIMEOUT_S)
    assert isinstance(event, Disconnected)
    assert (event.number, event.code) == (3, "dropped")
