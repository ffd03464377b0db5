"""Requests to join moderated rooms: asking, listing, telling those who decide; not the deciding.

Runs on the thread of whoever asks.
"""

from collections.abc import Callable, Sequence

from chat_protocol.events import ModerationEvent
from chat_server.live.registry import ConnectionRegistry
from chat_server.live.session import Session
from chat_server.services.vocabulary.actors import rank
from chat_server.storage import Storage
from chat_server.storage.core.records import PendingRecord, RoomRecord


class JoinRequests:
    """Keep requests in the database, so that they are decided whether or not the user is connected.

    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(self, storage: Storage, registry: ConnectionRegistry, clock: Callable[[], int]) -> None:
        self._storage = storage
        self._registry = registry
        self._clock = clock

    def ask(self, session: Session, room: RoomRecord, reason: str) -> None:
        """Store a request; asking again replaces the reason."""
        self._storage.members.request(room.id, session.user_id, reason.strip(), self._clock())
        self.tell_moderators()

    def pending(self, user_id: int | None = None) -> Sequence[PendingRecord]:
        """Return the requests that wait, oldest first."""
        return self._storage.members.pending(user_id)

    def tell_moderators(self) -> None:
        """Send the number of waiting requests to those who may decide and are connected."""
        deciders = [
            session for session in self._registry.sessions() if rank(session.role) >= rank("moderator")
        ]
        if deciders:
            event = ModerationEvent(len(self.pending()))
            for session in deciders:
                session.send(event)
