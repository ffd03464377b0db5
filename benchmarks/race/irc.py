"""Clients of an IRC server (RFC 2812) that make the same load as the clients of the chat."""

import re
import select
import time
from collections import deque
from collections.abc import Iterable
from typing import Final

from benchmarks.clients import BODY, WINDOW, Client
from benchmarks.connection import Connection, ConnectionLost, Target, Waiting
from benchmarks.conversations import READ_BYTES, run_all

CHANNEL: Final = b"#bench"
ACKNOWLEDGE_EVERY: Final = 8  # messages, then a PING, whose PONG says that the server has taken them
_PRIVMSG: Final = b" PRIVMSG #bench :"
_PONG: Final = b" PONG "
_NUMBER: Final = re.compile(rb" PRIVMSG #bench :(\d+) (\d+) ")
_buffer = memoryview(bytearray(READ_BYTES))


class IrcListener(Client):
    """A member of the channel that reads as fast as it can; it only counts."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.messages = 0
        self._rest = b""

    def received(self, chunk: memoryview) -> None:
        data = self._rest + bytes(chunk)
        self.messages += data.count(_PRIVMSG)
        self._rest = data[len(data) - len(_PRIVMSG) + 1 :] if len(data) >= len(_PRIVMSG) else data


class CheckedListener(IrcListener):
    """The one listener that looks at each message: of every sender, all have to come, in order."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.disorder = 0
        self._line = b""
        self._next: dict[bytes, int] = {}

    def received(self, chunk: memoryview) -> None:
        block, _newline, self._line = (self._line + bytes(chunk)).rpartition(b"\n")
        found = _NUMBER.findall(block)
        self.messages += len(found)
        for sender, digits in found:
            self.disorder += int(digits) != self._next.get(sender, 0)
            self._next[sender] = int(digits) + 1


class IrcSender(Client):
    """A member that keeps a window of messages in flight, as `Sender` does, acknowledged by PONGs."""

    def __init__(self, connection: Connection, number: int, window: int = WINDOW) -> None:
        super().__init__(connection)
        self.sent = self.accepted = self.messages = 0
        self.stopped = True
        self.round_trips: deque[float] = deque(maxlen=100_000)
        self._window = window
        self._sent_at: deque[float] = deque()
        self._rest = b""
        # As long as the body of the chat's senders, the two numbers included.
        self._head = b"PRIVMSG %s :%d " % (CHANNEL, number)
        self._tail = BODY.encode()[: len(BODY) - 12]

    @property
    def in_flight(self) -> int:
        """How many messages are not yet acknowledged."""
        return self.sent - self.accepted

    def start(self) -> None:
        """Fill the window."""
        self.stopped = False
        self.send(self._window)

    def stop(self) -> None:
        """Send no more; what is in flight is still waited for."""
        self.stopped = True

    def send(self, count: int) -> None:
        """Send messages, each group of them with a PING behind it."""
        parts = []
        for _ in range(count):
            parts.append(b"%s%d %s\r\n" % (self._head, self.sent, self._tail))
            self.sent += 1
            if self.sent % ACKNOWLEDGE_EVERY == 0:
                parts.append(b"PING :%d\r\n" % self.sent)
                self._sent_at.append(time.perf_counter())
        self.connection.write(b"".join(parts))

    def received(self, chunk: memoryview) -> None:
        block, newline, self._rest = (self._rest + bytes(chunk)).rpartition(b"\n")
        if not newline:
            return
        self.messages += block.count(_PRIVMSG)
        pongs = block.count(_PONG)
        for _ in range(pongs):
            self.round_trips.append(time.perf_counter() - self._sent_at.popleft())
        self.accepted += pongs * ACKNOWLEDGE_EVERY
        if pongs and not self.stopped:
            self.send(pongs * ACKNOWLEDGE_EVERY)


def _join(connection: Connection, nick: str) -> Waiting:
    yield from connection.open()
    connection.write(f"NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n".encode())
    yield from _read_until(connection, b" 001 ")
    connection.write(b"JOIN %s\r\n" % CHANNEL)
    yield from _read_until(connection, b" 366 ")


def _read_until(connection: Connection, wanted: bytes) -> Waiting:
    received = b""
    while wanted not in received:
        yield select.EPOLLIN
        count = connection.read_into(_buffer)
        received += bytes(_buffer[:count])
        for line in received.split(b"\r\n")[:-1]:
            if line.startswith(b"PING "):
                connection.write(b"PONG " + line[5:] + b"\r\n")
            if line.startswith(b"ERROR "):
                raise ConnectionLost(line.decode(errors="replace"))
        received = received.rpartition(b"\r\n")[2] if wanted not in received else received


class IrcCrowd:
    """The clients of one channel; it answers what `crowd.flood` asks of a crowd."""

    room = CHANNEL.decode()

    def __init__(self, senders: Iterable[Connection], listeners: Iterable[Connection]) -> None:
        self.senders = [IrcSender(connection, number) for number, connection in enumerate(senders)]
        connections = list(listeners)
        self.checked = CheckedListener(connections[0])
        self.listeners: list[IrcListener] = [self.checked, *map(IrcListener, connections[1:])]

    @property
    def deliveries(self) -> int:
        """Messages received so far, by all."""
        heard = sum(listener.messages for listener in self.listeners)
        return heard + sum(sender.messages for sender in self.senders)

    @property
    def accepted(self) -> int:
        """Messages acknowledged so far."""
        return sum(sender.accepted for sender in self.senders)

    @property
    def sent(self) -> int:
        """Messages sent so far."""
        return sum(sender.sent for sender in self.senders)

    @property
    def unfinished(self) -> bool:
        """Whether something sent has not come everywhere."""
        sent = self.sent
        if any(sender.in_flight or sender.messages + sender.sent < sent for sender in self.senders):
            return True
        return any(listener.messages < sent for listener in self.listeners)

    def start(self) -> None:
        """Let the senders begin."""
        for sender in self.senders:
            sender.start()

    def stop(self) -> None:
        """Let the senders send no more."""
        for sender in self.senders:
            sender.stop()

    def problems(self) -> list[str]:
        """Return what went wrong, in words."""
        sent = self.sent
        lost = sum(sent - listener.messages for listener in self.listeners)
        lost += sum(sent - sender.sent - sender.messages for sender in self.senders)
        cut = [client.lost for client in (*self.senders, *self.listeners) if client.lost is not None]
        found = {
            f"{lost} deliveries lost": lost,
            f"{self.checked.disorder} messages out of order": self.checked.disorder,
            f"{len(cut)} connections lost, the first: {cut[:1]}": len(cut),
            "nothing was accepted": sent == 0,
        }
        return [text for text, count in found.items() if count]


def gather(target: Target, clients: int, senders: int, *, quick_acks: bool = False) -> IrcCrowd:
    """Let clients join one channel.

    :param quick_acks: as of a connection.
    """
    connections = [Connection(target, quick_acks=quick_acks) for _ in range(clients)]
    run_all(
        ((connection, _join(connection, f"u{number}")) for number, connection in enumerate(connections)), 32
    )
    _swallow_joins(connections)
    return IrcCrowd(connections[:senders], connections[senders:])


def _swallow_joins(connections: list[Connection]) -> None:
    """Read what the joining of the others has left, up to the answer to a PING."""
    run_all(((connection, _pinged(connection)) for connection in connections), len(connections))


def _pinged(connection: Connection) -> Waiting:
    connection.write(b"PING :settled\r\n")
    yield from _read_until(connection, b"settled")
