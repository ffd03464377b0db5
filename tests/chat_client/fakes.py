"""A client without a network: the test plays the server, and owns the clocks."""

import queue
import random
from pathlib import Path
from typing import Any

from chat_client.engine.client import Client
from chat_client.model.changes import Change
from chat_client.net.events import Connected, Disconnected, FrameReceived, NetworkEvent
from chat_client.net.transport import Address
from chat_protocol.times import to_rfc3339

Frame = dict[str, Any]
HELLO: Frame = {
    "type": "hello",
    "protocol": 1,
    "server": "Test",
    "version": "1",
    "registration": "open",
    "limits": {"frame": 65536, "body": 4000},
}


class FakeClock:
    """A clock that the test moves, in seconds."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class FakeConnection:
    """Stands for `network.Connection`: keeps what is sent, and lets the test answer."""

    def __init__(self, number: int, address: Address, events: queue.Queue[NetworkEvent]) -> None:
        self.number, self.address, self.events = number, address, events
        self.sent: list[Frame] = []
        self.started = self.closed = False

    def start(self) -> None:
        self.started = True

    def send(self, frame: Frame) -> None:
        self.sent.append(frame)

    def close(self) -> None:
        self.closed = True

    def join(self, timeout_s: float) -> None:
        assert self.closed

    def put(self, event: NetworkEvent) -> None:
        self.events.put(event)

    def up(self, capabilities: list[str] | None = None, servers: list[str] | None = None) -> None:
        """Report the connection, and greet."""
        self.put(Connected(self.number, encrypted=True))
        told = {"capabilities": capabilities, "servers": servers}
        self.say(HELLO | {name: words for name, words in told.items() if words is not None})

    def say(self, frame: Frame) -> None:
        """Send a frame to the client."""
        self.put(FrameReceived(self.number, frame))

    def drop(self, code: str = "dropped") -> None:
        """End the connection."""
        self.put(Disconnected(self.number, code))

    def take(self, kind: str) -> Frame:
        """Remove and return the first frame of this type that the client has sent."""
        for index, frame in enumerate(self.sent):
            if frame["type"] == kind:
                return self.sent.pop(index)
        raise AssertionError(f"no {kind} in {[frame['type'] for frame in self.sent]}")

    def take_all(self, kind: str) -> list[Frame]:
        """Remove and return all frames of this type."""
        found = [frame for frame in self.sent if frame["type"] == kind]
        self.sent = [frame for frame in self.sent if frame["type"] != kind]
        return found

    def ok(self, request: Frame, **fields: Any) -> None:
        """Answer a request."""
        self.say({"type": "ok", "ref": request["ref"], **fields})

    def error(self, request: Frame, code: str, **fields: Any) -> None:
        """Refuse a request."""
        self.say({"type": "error", "ref": request["ref"], "code": code, "message": code, **fields})


def a_room(name: str, last_seq: int = 0, read_seq: int = 0, **fields: Any) -> Frame:
    """Return a Room as a sign-in lists it."""
    return {
        "room": name,
        "kind": "direct" if name.startswith("@") else "public",
        "topic": "",
        "membership": "joined",
        "last_seq": last_seq,
        "read_seq": read_seq,
        **fields,
    }


def a_message(room: str, seq: int, sender: str = "jules", body: str = "", **fields: Any) -> Frame:
    """Return a Message."""
    body = body or f"message {seq}"
    return {
        "room": room,
        "seq": seq,
        "from": sender,
        "body": body,
        "sent_at": to_rfc3339(1_700_000_000_000 + seq),
        **fields,
    }


class Bench:
    """A client on fake connections and clocks."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.wall, self.steady = FakeClock(), FakeClock(100.0)
        self.connections: list[FakeConnection] = []
        self.capabilities: list[str] | None = None  # of the server, which is of the first release
        self.servers: list[str] | None = None  # where it says that it is
        self.client = self.new_client()

    @property
    def state(self) -> Any:
        return self.client.state

    @property
    def server(self) -> FakeConnection:
        """The present connection."""
        return self.connections[-1]

    def new_client(self) -> Client:
        """Return what a restart of the program gives: the same folder, nothing in memory."""
        return Client(
            self.home,
            clock=self.wall,
            monotonic=self.steady,
            rng=random.Random(1),
            connector=self._connect,
        )

    def restart(self) -> None:
        """Start the program again without having closed it, as after a kill."""
        self.client = self.new_client()

    def poll(self) -> list[Change]:
        return self.client.poll()

    def pass_s(self, seconds: float) -> list[Change]:
        """Let time pass on both clocks, a second at a time, polling as a window does."""
        changes = []
        while seconds > 0:
            step = min(1.0, seconds)
            self.wall.now += step
            self.steady.now += step
            seconds -= step
            changes += self.poll()
        return changes

    def sign_in(
        self, *rooms: Frame, user: str = "zoe", role: str = "member", stay: bool = True, **fields: Any
    ) -> list[Change]:
        """Sign in with a password."""
        self.client.session.sign_in("chat.example", 5000, user, "a password", stay=stay)
        return self.let_in(*rooms, user=user, role=role, **fields)

    def let_in(self, *rooms: Frame, user: str = "zoe", role: str = "member", **fields: Any) -> list[Change]:
        """Bring the present connection up and accept its credentials."""
        self.server.up(self.capabilities, self.servers)
        changes = self.poll()
        request = next(f for f in self.server.sent if f["type"] in ("login", "register", "resume"))
        self.server.sent.remove(request)
        who = {"username": user, "display_name": user.capitalize(), "role": role}
        self.server.ok(request, user=who, token="t0ken", rooms=list(rooms), **fields)
        return changes + self.poll()

    def drop(self, code: str = "dropped") -> list[Change]:
        """Lose the connection."""
        self.server.drop(code)
        return self.poll()

    def resumption(self) -> Frame:
        """Wait a little after a loss, let the connection come up, and return the sign-in."""
        self.pass_s(2)
        self.server.up()
        self.poll()
        return self.server.take("resume")

    def come_back(self, *rooms: Frame) -> list[Change]:
        """Wait for the next attempt and let it in."""
        count = len(self.connections)
        for _ in range(60):
            if len(self.connections) > count:
                break
            self.pass_s(1.0)
        return self.let_in(*rooms)

    def _connect(self, number: int, address: Address, events: queue.Queue[NetworkEvent]) -> FakeConnection:
        self.connections.append(FakeConnection(number, address, events))
        return self.connections[-1]


def live(bench: Bench, room: str, seq: int, sender: str = "jules", body: str = "", **fields: Any) -> None:
    """Send a message event."""
    bench.server.say({"type": "message", **a_message(room, seq, sender, body, **fields)})


def page(bench: Bench, request: Frame, room: str, first: int, last: int, *, more: bool) -> None:
    """Answer a history request with these seqs."""
    messages = [a_message(room, seq) for seq in range(first, last + 1)]
    bench.server.ok(request, room=room, messages=messages, more=more)


def seqs(bench: Bench, room: str) -> list[int]:
    """Return the seqs that a room shows."""
    return [message.seq for message in bench.state.rooms[room].messages]
