"""Requests to join moderated rooms: asking, listing, telling those who decide; not the deciding.

Runs on the thread of whoever asks.
"""

from collections.abc import Callable, Sequence

from chat_protocol.room_events import ModerationEvent
from chat_server.live.session import Session
from chat_server.services.audience import Audience
from chat_server.storage import Storage
from chat_server.storage.core.records import PendingRecord, RoomRecord


class JoinRequests:
    """Keep requests in the database, so that they are decided whether or not the user is connected.

    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(self, storage: Storage, audience: Audience, clock: Callable[[], int]) -> None:
        self._storage = storage
        self._audience = audience
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
        self._audience.to_moderators(lambda: ModerationEvent(len(self.pending())))
