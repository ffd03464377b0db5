"""A session whose connection only remembers, rooms without a database, messages ready for the pipeline."""

from typing import Any, cast

from chat_protocol.frames import decode_object
from chat_server.live.directory import Conversation
from chat_server.live.session import Account, Session
from chat_server.net.connection import Connection
from chat_server.services.messages.messages import Submission
from chat_server.storage.core.records import NewMessage, RoomRecord


class ConnectionFake:
    """Keeps each write; a write is one system call in the real one."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def frames(self) -> list[dict[str, Any]]:
        """Return all frames written so far."""
        return [decode_object(line) for line in b"".join(self.writes).splitlines()]


def make_session(user_id: int, name: str) -> Session:
    """Return a signed-in session."""
    session = Session(user_id, cast(Connection, ConnectionFake()), "127.0.0.1", 0)
    session.account = Account(user_id, name, name.lower(), name, "member")
    return session


def frames_of(session: Session) -> list[dict[str, Any]]:
    """Return what was written to a session."""
    return cast(ConnectionFake, session.connection).frames()


def make_room(room_id: int, name: str = "Général", names: dict[int, str] | None = None) -> Conversation:
    """Return a room, or with `names` a private conversation."""
    kind = "direct" if names else "public"
    record = RoomRecord(room_id, name, name.lower(), kind, "", False, 0, 1, 0, None, None, None)
    return Conversation(record, names)


def make_submission(session: Session, room: Conversation, ref: int | None, body: str = "x") -> Submission:
    """Return a message as a client's thread submits it."""
    message = NewMessage(room.id, session.user_id, body, f"{session.user_id}-{ref}")
    return Submission(session, ref, room, message)
