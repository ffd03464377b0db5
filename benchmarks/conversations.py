"""Signing in and other exchanges of a few frames, many at a time on one thread; not for the load itself."""

import json
import select
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, TypeVar

from benchmarks.connection import Connection, ConnectionLost, Target, Waiting, connection_factory

Frame = dict[str, Any]
Result = TypeVar("Result")
Exchange = Generator[int, None, Result]

PASSWORD = "a password for measuring"
READ_BYTES = 1 << 16
STALL_TIMEOUT_S = 60.0

# One for all: what is read is taken out of it at once, and only one thread at a time converses.
_buffer = memoryview(bytearray(READ_BYTES))


class Refused(Exception):
    """The server answered with an error where none may come."""


class Talk:
    """A connection on which frames are exchanged one by one; reading waits by yielding to :func:`run_all`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.rooms: dict[str, Frame] = {}
        self.token = ""
        self._received = bytearray()

    @property
    def unread(self) -> bytes:
        """What came after the last frame that was asked for."""
        return bytes(self._received)

    def frame(self) -> Exchange[Frame]:
        """Read one frame."""
        while (end := self._received.find(b"\n")) < 0:
            yield select.EPOLLIN
            count = self.connection.read_into(_buffer)
            self._received += _buffer[:count]
        line = bytes(self._received[:end])
        del self._received[: end + 1]
        frame: Frame = json.loads(line)
        return frame

    def ask(self, type: str, **fields: Any) -> Exchange[Frame]:
        """Send a request and read up to its ``ok``; events on the way are dropped."""
        self.connection.write(json.dumps({"type": type, **fields}, ensure_ascii=False).encode() + b"\n")
        while True:
            frame = yield from self.frame()
            if frame["type"] == "error":
                raise Refused(f"{type}: {frame}")
            if frame["type"] == "ok":
                return frame

    def sign_in(self, **credentials: str) -> Waiting:
        """Open the connection and sign in with a token, or register a user with a password."""
        yield from self.connection.open()
        hello = yield from self.frame()
        if hello["type"] != "hello":
            raise Refused(str(hello))
        reply = yield from self.ask("resume" if "token" in credentials else "register", **credentials)
        self.token = reply["token"]
        self.rooms = {room["room"]: room for room in reply["rooms"]}

    def settle(self) -> Waiting:
        """Apply what follows a sign-in: a list of rooms too long for one frame goes on in events."""
        yield from self.ask("ping")

    def release(self) -> Connection:
        """Give up the connection to other hands; nothing unread may be left behind.

        But which servers of a cluster there are is told whenever one is found.
        """
        *lines, rest = self.unread.split(b"\n")
        if rest or any(json.loads(line)["type"] != "servers" for line in lines):
            raise Refused(f"unexpected after the answer: {self.unread[:200]!r}")
        return self.connection


def run_all(exchanges: Iterable[tuple[Connection, Waiting]], at_a_time: int) -> None:
    """Run the exchanges, *at_a_time* of them side by side, to their ends."""
    waiting: Iterator[tuple[Connection, Waiting]] = iter(exchanges)
    running: dict[int, Waiting] = {}
    with select.epoll() as poll:
        while True:
            while len(running) < at_a_time and (start := next(waiting, None)) is not None:
                _start(poll, running, *start)
            if not running:
                return
            ready = poll.poll(STALL_TIMEOUT_S)
            if not ready:
                raise ConnectionLost(f"{len(running)} exchanges got no answer in {STALL_TIMEOUT_S} s")
            for fd, _ in ready:
                _go_on(poll, running, fd)


def _start(
    poll: select.epoll, running: dict[int, Waiting], connection: Connection, exchange: Waiting
) -> None:
    events = next(exchange, None)
    if events is not None:
        poll.register(connection.fileno(), events)
        running[connection.fileno()] = exchange


def _go_on(poll: select.epoll, running: dict[int, Waiting], fd: int) -> None:
    events = next(running[fd], None)
    if events is None:
        poll.unregister(fd)
        del running[fd]
    else:
        poll.modify(fd, events)


def timed(exchange: Waiting, done: Callable[[float], None]) -> Waiting:
    """The exchange; afterwards *done* is told how many seconds it took."""
    began = time.perf_counter()
    yield from exchange
    done(time.perf_counter() - began)


class SignIn:
    """Opens sessions: a few users by password, then any number of further sessions of theirs by token."""

    def __init__(self, target: Target, at_a_time: int = 32) -> None:
        self._target = target
        self._at_a_time = at_a_time
        self._connect = connection_factory(target)
        self.seconds: deque[float] = deque()

    def talk(self, rcvbuf: int | None = None) -> Talk:
        """A connection that is not open yet."""
        return Talk(self._connect(self._target, rcvbuf))

    def register(self, names: Iterable[str]) -> list[Talk]:
        """Make users and leave each signed in; their passwords' hashes are what takes the time."""
        talks = [(self.talk(), name) for name in names]
        run_all(
            ((talk.connection, talk.sign_in(username=name, password=PASSWORD)) for talk, name in talks),
            at_a_time=2,
        )
        return [talk for talk, _ in talks]

    def resume(self, tokens: Iterable[str], rcvbuf: int | None = None) -> list[Talk]:
        """Open one session for each token, side by side; ``seconds`` gets the time that each took."""
        talks: list[Talk] = []

        def exchanges() -> Iterator[tuple[Connection, Waiting]]:
            for token in tokens:
                talk = self.talk(rcvbuf)
                talks.append(talk)
                yield talk.connection, timed(talk.sign_in(token=token), self.seconds.append)

        run_all(exchanges(), self._at_a_time)
        return talks
