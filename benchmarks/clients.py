"""The clients that make load, those that listen and those that send; who runs them is not their concern."""

import json
import time
import uuid
from collections import deque
from collections.abc import Callable

from benchmarks.connection import Connection, ConnectionLost
from benchmarks.stream import MESSAGE, SEQ, ListenerCheck, RoomStream, SeqCheck

WINDOW = 32
BODY = "x" * 100
OK = b'"type":"ok"'
ERROR = b'"type":"error"'


class Client:
    """Something the load loop calls when its connection has bytes to read."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.lost: str | None = None

    def readable(self, view: memoryview) -> None:
        """Read once into *view*, the loop's one buffer, and deal with what came."""
        try:
            count = self.connection.read_into(view)
            if count:
                self.received(view[:count])
        except ConnectionLost as error:
            self.lost = str(error)

    def received(self, chunk: memoryview) -> None:
        raise NotImplementedError


class Listener(Client):
    """A member that reads as fast as it can and says nothing."""

    def __init__(self, connection: Connection, stream: RoomStream) -> None:
        super().__init__(connection)
        self.check = ListenerCheck(stream)

    def received(self, chunk: memoryview) -> None:
        self.check.feed(chunk)


class TimedListener(Listener):
    """A listener that says when each message came, counted from 0."""

    def __init__(
        self, connection: Connection, stream: RoomStream, arrived: Callable[[int, float], None]
    ) -> None:
        super().__init__(connection, stream)
        self._arrived = arrived
        self._reported = 0

    def received(self, chunk: memoryview) -> None:
        now = time.perf_counter()
        super().received(chunk)
        for number in range(self._reported, self.check.messages):
            self._arrived(number, now)
        self._reported = self.check.messages


class Sender(Client):
    """A member that keeps a window of messages in flight, each with its nonce; it checks the seqs it sees."""

    def __init__(self, connection: Connection, room: str, window: int = WINDOW, body: str = BODY) -> None:
        super().__init__(connection)
        self.accepted = 0
        self.messages = 0
        self.seqs = SeqCheck()
        self.first_error = ""
        self.errors = 0
        self.in_flight = 0
        self.stopped = True
        self.round_trips: deque[float] = deque(maxlen=100_000)
        self._window = window
        self._rest = b""
        self._number = 0
        self._sent_at: deque[float] = deque()
        head = {"type": "send", "room": room, "body": body}
        start = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()[:-1]
        self._template = (
            start.replace(b"%", b"%%") + b',"nonce":"%s-%%d","ref":%%d}\n' % uuid.uuid4().hex.encode()
        )

    def start(self) -> None:
        """Fill the window."""
        self.stopped = False
        self.send(self._window)

    def stop(self) -> None:
        """Send no more; what is in flight is still waited for."""
        self.stopped = True

    def send(self, count: int) -> None:
        numbers = range(self._number, self._number + count)
        self._number += count
        self.in_flight += count
        now = time.perf_counter()
        self._sent_at.extend([now] * count)
        self.connection.write(b"".join([self._template % (number, number) for number in numbers]))

    def received(self, chunk: memoryview) -> None:
        block, newline, self._rest = (self._rest + bytes(chunk)).rpartition(b"\n")
        if not newline:
            return
        accepted, errors, messages = block.count(OK), block.count(ERROR), block.count(MESSAGE)
        self.accepted += accepted
        self.messages += messages
        self.seqs.take([int(digits) for digits in SEQ.findall(block)])
        if errors:
            self._note_error(block, errors)
        if accepted or errors:
            self._answered(accepted + errors)

    def _answered(self, count: int) -> None:
        now = time.perf_counter()
        for _ in range(count):
            self.round_trips.append(now - self._sent_at.popleft())
        self.in_flight -= count
        if not self.stopped:
            self.send(count)

    def _note_error(self, block: bytes, errors: int) -> None:
        self.errors += errors
        if not self.first_error:
            self.first_error = next(line for line in block.splitlines() if ERROR in line).decode()
