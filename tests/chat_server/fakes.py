"""A session whose connection only remembers, rooms without a database, messages ready for the pipeline."""

import itertools
from typing import Any, cast

from chat_protocol.event import Event
from chat_protocol.frames import decode_object
from chat_server.live.directory import Conversation
from chat_server.live.session import Account, Session
from chat_server.net.connection import Connection
from chat_server.services.messages.messages import Submission
from chat_server.storage.core.records import NewMessage, RoomRecord

START_MS = 1_795_000_000_000
_numbers = itertools.count(1)


class ConnectionFake:
    """Keeps each write; a write is one system call in the real one."""

    @property
    def waiting_bytes(self) -> int:
        """Nothing waits."""
        return 0

    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def hold(self) -> None:
        """Keep nothing back: each test sees at once what is written."""

    def answer(self, data: bytes) -> None:
        self.writes.append(data)

    def end(self, last: bytes = b"") -> None:
        self.writes.append(last)

    def frames(self) -> list[dict[str, Any]]:
        """Return all frames written so far."""
        return [decode_object(line) for line in b"".join(self.writes).splitlines()]


class FakeSession(Session):
    """A real session whose connection only remembers, and that keeps the events themselves, too.

    :param account: who has signed in; None for a guest.
    """

    def __init__(
        self, account: Account | None = None, address: str = "127.0.0.1", now: int = START_MS
    ) -> None:
        super().__init__(next(_numbers), cast(Connection, ConnectionFake()), address, now)
        if account is not None:
            self.account = account
        self.sent: list[Event] = []
        self.ended: Event | None = None

    def send(self, event: Event | bytes) -> None:
        """Remember an event, and write it as a real session does."""
        if isinstance(event, Event):
            self.sent.append(event)
        super().send(event)

    def end(self, event: Event | None = None) -> None:
        """Remember the last event, and write it as a real session does."""
        self.ended = event
        super().end(event)


def make_session(user_id: int, name: str, role: str = "member") -> FakeSession:
    """Return a signed-in session."""
    return FakeSession(Account(user_id, name, name.lower(), name, role))


def frames_of(session: Session) -> list[dict[str, Any]]:
    """Return what was written to a session."""
    return cast(ConnectionFake, session.connection).frames()


def make_room(
    room_id: int, name: str = "Général", names: dict[int, str] | None = None, last_seq: int = 0
) -> Conversation:
    """Return a room, or with `names` a private conversation; `last_seq` was known when it was read."""
    kind = "direct" if names else "public"
    record = RoomRecord(
        room_id, name, name.lower(), kind, "", False, last_seq, 1, 0, None, None, None, f"x,{room_id}"
    )
    return Conversation(record, names)


def make_submission(session: Session, room: Conversation, ref: int | None, body: str = "x") -> Submission:
    """Return a message as a client's thread submits it."""
    message = NewMessage(room.id, session.user_id, body, f"{session.user_id}-{ref}")
    return Submission(session, ref, room, message)
