"""People in rooms and a delivery without its thread, for the tests of what it writes; it knows no storage."""

from chat_server.live.directory import Conversation
from chat_server.live.registry import ConnectionRegistry
from chat_server.live.session import Session
from chat_server.pipeline.batches import BatchQueue
from chat_server.pipeline.catch_up import Frames
from chat_server.pipeline.delivery import Delivery
from tests.chat_server.fakes import frames_of, make_session


class Office:
    """A registry with people in rooms, and a delivery without its thread."""

    def __init__(self) -> None:
        self.registry = ConnectionRegistry()
        self.missing_calls: list[tuple[int, int, int]] = []
        self.is_down = False
        self.delivery = Delivery(self.registry, BatchQueue(10), self.missing)

    def missing(self, room: Conversation, after: int, upto: int) -> Frames | None:
        self.missing_calls.append((room.id, after, upto))
        if self.is_down:
            return None
        seqs = range(after + 1, upto + 1)
        return lambda reader: b"".join(
            f'{{"type":"message","seq":{seq},"as":{reader}}}\n'.encode() for seq in seqs
        )

    def enter(self, user_id: int, name: str, *rooms: Conversation) -> Session:
        session = make_session(user_id, name)
        self.registry.add(session)
        assert self.registry.enter(session, rooms, self.registry.changes)
        return session


def seqs_of(session: Session) -> list[tuple[str, int]]:
    """Return what a session was sent, as types and seqs."""
    return [(frame["type"], frame["seq"]) for frame in frames_of(session)]
