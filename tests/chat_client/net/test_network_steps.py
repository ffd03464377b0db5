"""The steps of a connection's thread, one by one on the thread of the test, with a scripted stream."""

import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from chat_client.net.events import FrameReceived, NetworkEvent
from chat_client.net.network import (
    EVENTS_WAITING_MAX,
    LINGER_S,
    PING_AFTER_S,
    READS_AT_ONCE_MAX,
    SILENT_AFTER_S,
    Connection,
)
from chat_client.net.transport import Address, ConnectionFailed, Stream


class Script:
    """A stream whose answers are written down: bytes, how many were taken, or what is raised."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.sent: list[bytes] = []

    def _next(self) -> Any:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def recv(self, size: int) -> bytes:
        return cast(bytes, self._next())

    def send(self, data: bytes) -> int:
        self.sent.append(bytes(data))
        return cast(int, self._next())


class Steps:
    """A connection that was not started, and its clock."""

    def __init__(self) -> None:
        self.now = 100.0
        self.events: queue.Queue[NetworkEvent] = queue.Queue(EVENTS_WAITING_MAX)
        self.connection = Connection(7, Address("far", 1), self.events, monotonic=lambda: self.now)

    def read(self, *answers: Any) -> bool:
        return self.connection._read(cast(Stream, Script(*answers)))

    def write(self, *answers: Any) -> tuple[bool, list[bytes]]:
        script = Script(*answers)
        blocked = self.connection._write(cast(Stream, script))
        assert script.answers == []
        return blocked, script.sent


@pytest.fixture
def steps() -> Iterator[Steps]:
    made = Steps()
    yield made
    made.connection._release(None)


@pytest.mark.parametrize("nothing", [BlockingIOError(), ssl.SSLWantReadError(), ssl.SSLWantWriteError()])
def test_read_tells_whether_anything_came(steps: Steps, nothing: Exception) -> None:
    """A wake-up for nothing is no sign of life; TLS says otherwise than TCP that there is no more."""
    assert steps.read(nothing) is False
    assert steps.read(b'{"a":1}\n', nothing) is True
    assert steps.read(b'{"b"', nothing) is True
    assert steps.read(b":2}\n", nothing) is True
    assert [steps.events.get_nowait() for _ in range(2)] == [
        FrameReceived(7, {"a": 1}),
        FrameReceived(7, {"b": 2}),
    ]


def test_read_stops_after_a_while_and_goes_on_at_once(steps: Steps) -> None:
    """The outgoing side has its turn; what a TLS object still holds is not waited for."""
    assert steps.read(*[b"\n"] * READS_AT_ONCE_MAX) is True
    assert steps.connection._patience(steps.now) == 0.0
    assert steps.read(BlockingIOError()) is False
    assert steps.connection._patience(steps.now) > 0


def test_read_of_the_end_is_a_lost_connection(steps: Steps) -> None:
    """So is an error; each says what it was."""
    for answer, detail in ((b"", "closed"), (ConnectionResetError("reset"), "reset")):
        with pytest.raises(ConnectionFailed, match=detail) as caught:
            steps.read(answer)
        assert caught.value.code == "dropped"


def test_answer_to_the_connection_s_own_ping_is_not_handed_over(steps: Steps) -> None:
    """Other answers are."""
    steps.read(b'{"type":"ok","ref":"ping"}\n{"type":"ok","ref":"pong"}\n', BlockingIOError())
    assert steps.events.get_nowait() == FrameReceived(7, {"type": "ok", "ref": "pong"})
    assert steps.events.empty()


@pytest.mark.parametrize(
    ("refusal", "blocked"),
    [(BlockingIOError(), True), (ssl.SSLWantWriteError(), True), (ssl.SSLWantReadError(), False)],
)
def test_write_offers_the_same_bytes_again(steps: Steps, refusal: Exception, blocked: bool) -> None:
    """OpenSSL insists on it; only what waits for the system is waited for, not what waits for the server."""
    steps.connection.send({"a": 1})
    steps.connection.send({"b": 2})
    whole = b'{"a":1}\n{"b":2}\n'
    assert steps.write(3, refusal) == (blocked, [whole, whole[3:]])
    steps.connection.send({"c": 3})
    rest = whole[3:]
    assert steps.write(len(rest), 8) == (False, [rest, b'{"c":3}\n'])
    assert steps.write() == (False, [])


def test_write_to_a_broken_stream_is_a_lost_connection(steps: Steps) -> None:
    """The system's words are kept for the log."""
    steps.connection.send({"a": 1})
    with pytest.raises(ConnectionFailed, match="broken pipe") as caught:
        steps.write(BrokenPipeError("broken pipe"))
    assert caught.value.code == "dropped"


def test_patience_ends_before_the_server_is_given_up(steps: Steps) -> None:
    """Half of a ping's time at most, less where silence is about to be noticed, never below 0."""
    heard = steps.now
    for passed_s, expected in (
        (0.0, PING_AFTER_S / 2),
        (SILENT_AFTER_S - 1, 1.0),
        (SILENT_AFTER_S, 0.0),
        (SILENT_AFTER_S + 9, 0.0),
    ):
        steps.now = heard + passed_s
        assert steps.connection._patience(heard) == pytest.approx(expected)


def test_closing_waits_for_what_is_queued_but_not_for_long(steps: Steps) -> None:
    """With nothing to write it ends at once; otherwise when the time to linger is over."""
    connection = steps.connection
    connection._end_if_closing()
    connection.send({"a": 1})
    connection._closing.set()
    assert connection._patience(steps.now) < LINGER_S
    connection._end_if_closing()
    steps.now += LINGER_S - 0.1
    connection._end_if_closing()
    steps.now += 0.1
    with pytest.raises(ConnectionFailed, match="closed"):
        connection._end_if_closing()


def test_closing_with_nothing_to_write_ends_at_once(steps: Steps) -> None:
    """Half-written bytes count as something."""
    steps.connection._closing.set()
    steps.connection._backlog = b"x"
    steps.connection._end_if_closing()
    steps.connection._backlog = b""
    with pytest.raises(ConnectionFailed, match="closed"):
        steps.connection._end_if_closing()


def test_events_that_nobody_takes_end_with_the_connection(steps: Steps) -> None:
    """While closing, a full queue is not waited for."""
    for _ in range(EVENTS_WAITING_MAX):
        steps.events.put_nowait(FrameReceived(7, {}))
    steps.connection._closing.set()
    with pytest.raises(ConnectionFailed, match="closed"):
        steps.read(b'{"a":1}\n')


def test_frame_and_end_wake_the_thread(steps: Steps) -> None:
    """Each writes a byte to what the thread waits for; as many as the system keeps are enough."""
    connection = steps.connection
    acts: list[Callable[[], object]] = [lambda: connection.send({"a": 1}), connection.close]
    for act in acts:
        with pytest.raises(BlockingIOError):
            connection._woken.recv(1)
        act()
        assert connection._woken.recv(4_096) == b"\0"
    for _ in range(10_000):
        connection._wake_up()
    connection._drain_wake_ups()
    with pytest.raises(BlockingIOError):
        connection._woken.recv(1)


def test_connection_that_was_never_begun_is_waited_for_by_nobody() -> None:
    """Its thread would hold up no end of the program."""
    connection = Steps().connection
    assert connection._thread.daemon
    connection.join(0.0)


def test_end_of_a_connection_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as is given."""
    waited: list[float] = []
    connection = Steps().connection
    connection.close()
    connection.start()
    really = connection._thread.join

    def join(timeout_s: float) -> None:
        waited.append(timeout_s)
        really(5.0)

    monkeypatch.setattr(connection._thread, "join", join)
    connection.join(0.25)
    assert waited == [0.25]
    assert not connection._thread.is_alive()


def test_frame_goes_out_at_once_though_nothing_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sends wakes the thread that waits."""
    near, far = socket.socketpair()
    far.settimeout(3.0)
    waits = threading.Event()
    events: queue.Queue[NetworkEvent] = queue.Queue()
    connection = Connection(1, Address("far", 1), events, opener=lambda _address: (near, False))

    def patience(_heard: float) -> float:
        waits.set()
        return 10.0

    monkeypatch.setattr(connection, "_patience", patience)
    connection.start()
    assert waits.wait(5.0)
    connection.send({"type": "ping"})
    assert b"ping" in far.recv(100)
    far.close()
    connection.join(5.0)
