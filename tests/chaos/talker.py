"""A client that talks without end, keeps its outbox, reconnects and catches up; one thread each.

It is written from docs/build/protocol.md alone ("How to stay complete"), so that a fault of the program's own
client cannot hide a fault of the server.
"""

import contextlib
import random
import socket
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from tests.support.wire import PASSWORD, ConnectionEnded, Frame, WireClient, connect

PAGE = 200
POLL_S = 0.02
UNAVAILABLE_PAUSE_S = 0.3
HOLE_PATIENCE_S = 1.0
# A crowded server hashes few passwords at a time, and tells the others to come back.
LATER = ("unavailable", "rate_limited")
IN_FLIGHT_MAX = 32
BURST = 30
WORDS = (
    "bonjour",
    "ça va ?",
    "👋🏽",
    "日本語",
    "שלום",
    "%s",
    "'; --",
    "\\",
    '"',
    "\n",
    "\u2028",
    "e\u0301",
    "\0",
)

Said = tuple[str, str]  # from, body
Place = tuple[str, int]  # the address and the port of a server


@dataclass
class Outgoing:
    """A message that has no `ok` yet."""

    room: str
    body: str
    nonce: str
    sent: bool = False  # on the present connection
    not_before: float = 0.0


@dataclass
class Record:
    """What a talker knows. The talker's thread writes it; others read it while the talker is quiet."""

    sent: int = 0
    acknowledged: dict[str, tuple[str, int, str]] = field(default_factory=dict)  # nonce -> room, seq, body
    view: dict[str, dict[int, Said]] = field(default_factory=dict)
    disconnects: int = 0
    unavailable: int = 0
    holes: list[str] = field(default_factory=list)  # asked for
    # When messages of this round were acknowledged, and when those of others came, by their texts:
    acknowledged_at: dict[str, float] = field(default_factory=dict)
    heard_at: dict[str, float] = field(default_factory=dict)
    longest_answer_s: float = 0.0
    last_ack_at: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def begin_round(self) -> None:
        """Forget what concerns a single round; while its talker is quiet."""
        self.longest_answer_s = 0.0
        self.acknowledged_at, self.heard_at = {}, {}


def connect_to(place: Place) -> WireClient:
    """Connect to a server."""
    host, port = place
    return connect(port, host=host)


class Participant(Protocol):
    """Who takes part in a round, whatever client it uses."""

    username: str
    token: str
    record: Record
    talking: threading.Event

    def start(self) -> None: ...
    def quiet(self) -> bool: ...
    def cut(self) -> None: ...
    def finish(self) -> None: ...


class Reconnecting(threading.Thread):
    """One user on one connection after another.

    :param place: asked before each connection, since the server may come back elsewhere.
    """

    def __init__(self, name: str, place: Callable[[], Place], rooms: list[str], seed: str) -> None:
        super().__init__(name=f"{type(self).__name__.lower()}-{name}", daemon=True)
        self.username = name
        self.token = ""
        self.record = Record()
        self.talking = threading.Event()
        self.connected = threading.Event()
        self._place = place
        self._rooms = rooms
        self._random = random.Random(seed)
        self._ending = threading.Event()
        self._client: WireClient | None = None

    def cut(self) -> None:
        """Cut the connection as a pulled cable and an impatient router do: without a farewell."""
        client = self._client
        if client is not None:
            with contextlib.suppress(OSError):  # it had no connection at this moment
                client.raw.shutdown(socket.SHUT_RDWR)

    def finish(self) -> None:
        self._ending.set()
        self.join(15)

    def run(self) -> None:
        while not self._ending.is_set():
            try:
                self._connection()
            except (OSError, ConnectionEnded):
                pass  # cut, or the server is not there: try again
            except Exception:
                self.record.wrong.append(f"{self.username}: {traceback.format_exc()}")
                return
            finally:
                if self.connected.is_set():
                    self.connected.clear()
                    self.record.disconnects += 1
                if self._client is not None:
                    self._client.close()
                self._client = None
            self._ending.wait(self._random.uniform(0.05, 0.3))

    def _connection(self) -> None:
        """Connect, and do what this one does until it ends or the connection does."""
        raise NotImplementedError


class Talker(Reconnecting):
    """One who talks.

    :param rooms: where it talks: rooms, and `@name` for private conversations.
    :param per_second: messages it begins a second, in the middle.
    """

    def __init__(
        self, name: str, place: Callable[[], Place], rooms: list[str], seed: str, per_second: float = 20.0
    ) -> None:
        super().__init__(name, place, rooms, seed)
        self.outbox: deque[Outgoing] = deque()
        self._per_second = per_second
        self._joined = False
        self._whole: dict[str, int] = {}
        # Of the present connection:
        self._awaiting: dict[int, tuple[float, Outgoing | None]] = {}
        self._hole_since: dict[str, float] = {}
        self._newest_event: dict[str, int] = {}
        self._next_message_at = 0.0

    # -- any thread -------------------------------------------------------------------------------

    def quiet(self) -> bool:
        """Whether everything that was said has been acknowledged."""
        return not self.outbox and self.connected.is_set()

    # -- its own thread ---------------------------------------------------------------------------

    def _connection(self) -> None:
        self._awaiting, self._newest_event, self._hole_since = {}, {}, {}
        for message in self.outbox:
            message.sent, message.not_before = False, 0.0
        self._client = connect_to(self._place())
        rooms = self._sign_in(self._client)
        self._catch_up(rooms)
        self.connected.set()
        while not self._ending.is_set():
            self._say_something()
            self._send_outbox()
            self._read()
            self._ask_for_holes()

    def _sign_in(self, client: WireClient) -> list[Frame]:
        if self.token:
            reply = client.request("resume", token=self.token)
        else:
            reply = client.request("register", username=self.username, password=PASSWORD)
            if reply.get("code") == "username_taken":
                reply = client.request("login", username=self.username, password=PASSWORD)
        if reply["type"] == "error":
            if reply["code"] not in LATER:
                self.record.wrong.append(f"{self.username}: sign-in: {reply}")
            raise ConnectionEnded
        self.token = reply["token"]
        rooms: list[Frame] = reply["rooms"]
        if not self._joined:
            for room in rooms:
                if room["room"] in self._rooms and room["membership"] != "joined":
                    self._retried(partial(client.request, "join", room=room["room"]))
                    room["membership"], room["last_seq"] = "joined", 1
            self._joined = True
        return rooms

    def _retried(self, ask: Callable[[], Frame]) -> Frame:
        while (reply := ask()).get("code") == "unavailable":
            if self._ending.wait(UNAVAILABLE_PAUSE_S):
                raise ConnectionEnded
        if reply["type"] == "error":
            self.record.wrong.append(f"{self.username}: {reply}")
        return reply

    def _catch_up(self, rooms: list[Frame]) -> None:
        """Read what each joined room has beyond one's own last contiguous seq."""
        assert self._client is not None
        for room in rooms:
            if room["membership"] != "joined":
                continue
            name, after = room["room"], self._contiguous(room["room"])
            more = room["last_seq"] > after
            while more:
                page = self._retried(
                    partial(self._client.request, "history", room=name, after=after, limit=PAGE)
                )
                for message in page.get("messages", []):
                    self._saw(name, message["seq"], message["from"], message["body"])
                    after = message["seq"]
                more = page.get("more", False)
        for event in self._client.events:
            self._event(event)
        self._client.events.clear()

    def _contiguous(self, room: str) -> int:
        """Return the last seq up to which nothing is missing."""
        seen, seq = self.record.view.get(room, {}), self._whole.get(room, 0)
        while seq + 1 in seen:
            seq += 1
        self._whole[room] = seq
        return seq

    def _saw(self, room: str, seq: int, sender: str, body: str) -> None:
        seen = self.record.view.setdefault(room, {})
        if seen.setdefault(seq, (sender, body)) != (sender, body):
            self.record.wrong.append(f"{self.username}: {room} {seq} is {seen[seq]} and {(sender, body)}")

    def _say_something(self) -> None:
        now = time.monotonic()
        if not self.talking.is_set() or now < self._next_message_at or len(self.outbox) > 5 * BURST:
            return
        self._next_message_at = now + self._random.expovariate(self._per_second)
        for _ in range(BURST if self._random.random() < 0.02 else 1):
            nonce = f"{self._random.getrandbits(128):032x}"
            words = " ".join(self._random.choices(WORDS, k=self._random.choice((1, 3, 40))))
            room = self._random.choice(self._rooms)
            self.outbox.append(Outgoing(room, f"{self.username} {self.record.sent} {nonce} {words}", nonce))
            self.record.sent += 1

    def _send_outbox(self) -> None:
        assert self._client is not None
        now = time.monotonic()
        for message in list(self.outbox)[:IN_FLIGHT_MAX]:
            if not message.sent and message.not_before <= now:
                ref = self._client.send("send", room=message.room, body=message.body, nonce=message.nonce)
                message.sent = True
                self._awaiting[ref] = (now, message)

    def _read(self) -> None:
        assert self._client is not None
        try:
            frame = self._client.frame(POLL_S)
        except TimeoutError:
            return
        if frame["type"] == "ok":
            self._ok(frame)
        elif frame["type"] == "error":
            self._error(frame)
        else:
            self._event(frame)

    def _ask_for_holes(self) -> None:
        """Ask for what an event has left out, when it stays missing for a while."""
        now = time.monotonic()
        for room, newest in self._newest_event.items():
            if self._contiguous(room) >= newest:
                self._hole_since.pop(room, None)
            elif now - self._hole_since.setdefault(room, now) > HOLE_PATIENCE_S:
                assert self._client is not None
                self._hole_since[room] = now
                after = self._contiguous(room)
                ref = self._client.send("history", room=room, after=after, limit=PAGE)
                self._awaiting[ref] = (now, None)
                self.record.holes.append(f"{self.username} in {room} between {after} and {newest}")

    def _answered(self, frame: Frame) -> Outgoing | None:
        """Return the message that the reply is about; None where it is about a history."""
        since, message = self._awaiting.pop(frame["ref"])
        self.record.longest_answer_s = max(self.record.longest_answer_s, time.monotonic() - since)
        return message

    def _ok(self, frame: Frame) -> None:
        message = self._answered(frame)
        if message is None:
            for said in frame["messages"]:
                self._saw(frame["room"], said["seq"], said["from"], said["body"])
            return
        if message not in self.outbox:
            self.record.wrong.append(f"{self.username}: a second answer to {message.nonce}")
            return
        self.outbox.remove(message)
        self.record.acknowledged[message.nonce] = (frame["room"], frame["seq"], message.body)
        self.record.last_ack_at = self.record.acknowledged_at[message.body] = time.monotonic()
        self._saw(frame["room"], frame["seq"], self.username, message.body)

    def _error(self, frame: Frame) -> None:
        message = self._answered(frame)
        if frame["code"] != "unavailable":
            self.record.wrong.append(f"{self.username}: {frame}")
        self.record.unavailable += 1
        if message is None:
            return
        message.sent, message.not_before = False, time.monotonic() + UNAVAILABLE_PAUSE_S

    def _event(self, frame: Frame) -> None:
        if frame["type"] != "message":
            return
        room, seq = frame["room"], frame["seq"]
        if seq <= self._newest_event.get(room, 0):
            self.record.wrong.append(f"{self.username}: {room} {seq} after {self._newest_event[room]}")
        self._newest_event[room] = seq
        self.record.heard_at[frame["body"]] = time.monotonic()
        self._saw(room, seq, frame["from"], frame["body"])
