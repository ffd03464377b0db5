"""A client whose bytes a test has written down, and the thread that serves it."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from chat_protocol.frames import decode_object, encode_frame
from chat_protocol.server_events import Hello
from chat_server.conversation.client_thread import ClientContext, ClientThread
from chat_server.live.session import Session
from chat_server.live.timer import Timer
from chat_server.measurements import Measurements
from chat_server.net.connection import Connection
from chat_server.pipeline.batches import BatchQueue
from chat_server.services.messages.messages import Submission
from chat_server.services.vocabulary.hashes import hash_secret
from tests.chat_server.building import Building
from tests.chat_server.fakes import ConnectionFake

UNAVAILABLE_WITHIN_S = 5.0  # docs/build/protocol.md


class ScriptedConnection(ConnectionFake):
    """Gives the thread what the test has written down, a read at a time, and then the end."""

    def __init__(self, *reads: bytes | Callable[[], bytes]) -> None:
        super().__init__()
        self.gone = False
        self.waited = 0  # times that an answer waited for the client to read the last one
        self.reads = list(reads)
        self.ending = False
        self.closed = False
        self.shakes_hands = True

    def handshake(self, turns: object = None) -> bool:
        return self.shakes_hands

    def wait_until_read(self) -> bool:
        self.waited += 1
        return not self.gone

    def receive(self) -> bytes | None:
        if not self.reads:
            return None
        read = self.reads.pop(0)
        return read if isinstance(read, bytes) else read()

    def answer(self, data: bytes) -> None:
        self.write(data)

    def write(self, data: bytes) -> None:
        if not self.ending:
            super().write(data)

    def end(self, last: bytes = b"") -> None:
        self.write(last)
        self.ending = True

    def abandon(self) -> None:
        self.reads.clear()

    def close(self) -> None:
        self.closed = True


class Answering(BatchQueue[Submission]):
    """A commit's queue that answers each message at once, as the pipeline does a little later."""

    def __init__(self, *, full: bool = False) -> None:
        super().__init__(1_000)
        self.full = full
        self.bodies: list[str] = []
        self.on_their_way: list[int] = []

    def put(self, items: Any, timeout: float | None = None) -> bool:
        assert timeout is not None
        assert timeout < UNAVAILABLE_WITHIN_S
        if self.full:
            return False
        self.on_their_way.append(items[0].session._submitted - items[0].session._answered)
        for item in items:
            self.bodies.append(item.message.body)
            item.session.connection.write(encode_frame({"type": "ok", "ref": item.ref}))
            item.session.answered(1)
        return True


def line_of(**fields: Any) -> bytes:
    return encode_frame(fields)


class Talk:
    """Runs a client's thread over a script, for a user who signs in with the first line."""

    def __init__(self, building: Building) -> None:
        self.building = building
        self.submissions = Answering()
        user = building.user("jules")
        building.storage.tokens.add(user.id, hash_secret("a token"), building.server.parts.clock())
        building.room("Plaza")
        self.user = user
        self.is_crowded = False
        self.pauses: list[float] = []
        self.timer = Timer()  # nobody runs its jobs
        self.measurements = Measurements()
        self.resume = line_of(type="resume", token="a token", ref="in")
        self.join = line_of(type="join", room="Plaza", ref="join")

    def run(self, *reads: bytes | Callable[[], bytes]) -> list[tuple[str, Any]]:
        """Return the types and refs of all frames that the client was sent, the greeting left out."""
        self.connection = ScriptedConnection(*reads)
        context = ClientContext(
            services=self.building.services,
            submissions=self.submissions,
            timer=self.timer,
            greeting=lambda: cast(Hello, Greeting()),
            clock=self.building.server.parts.clock,
            handshake_s=5,
            sign_in_s=5,
            measurements=self.measurements,
            is_crowded=lambda: self.is_crowded,
            pause=self.pauses.append,
        )
        ClientThread(cast(Connection, self.connection), "127.0.0.1", context).run()
        frames = [decode_object(line) for line in b"".join(self.connection.writes).splitlines()]
        assert self.connection.closed
        return [(frame.get("code") or frame["type"], frame.get("ref")) for frame in frames[1:]]


class Greeting:
    """The server's first frame, without anything in it."""

    def to_frame(self) -> dict[str, Any]:
        return {"type": "hello"}


def send_of(body: str, ref: int) -> bytes:
    return line_of(type="send", room="Plaza", body=body, ref=ref)


class Held:
    """Messages that were submitted and have no answer yet.

    :param answer: submits them to who answers.
    """

    def __init__(self, answer: Callable[[list[Submission], float], bool]) -> None:
        self.items: list[Submission] = []
        self.steps: list[str] = []  # what is done, as it is; a test adds its own
        self._answer = answer

    def put(self, items: list[Submission], timeout: float | None = None) -> bool:
        self.steps.append("put")
        self.items.extend(items)
        return True

    def answer(self) -> None:
        if self.items:
            self._answer(list(self.items), 1.0)
            self.items.clear()


def hold_until_waited_for(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> Held:
    """Answer messages when their client waits for all answers, not before."""
    held = Held(talk.submissions.put)

    def wait(_session: Session, allowed: int = 0) -> None:
        if not allowed:
            held.answer()

    monkeypatch.setattr(talk.submissions, "put", held.put)
    monkeypatch.setattr(Session, "wait_until_answered", wait)
    return held
