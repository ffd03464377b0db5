"""The messages that users have saved for themselves; only those are shown that they may still read.

Runs on client threads.
"""

from collections.abc import Callable

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import SAVED_MAX
from chat_protocol.names import DIRECT_PREFIX
from chat_protocol.objects import Message
from chat_protocol.own_events import SavedEvent
from chat_protocol.own_replies import SavedPage
from chat_protocol.own_requests import Save
from chat_protocol.own_requests import Saved as SavedRequest
from chat_protocol.paging import fitting
from chat_server.live.session import Session
from chat_server.services.audience import Audience
from chat_server.services.messages.messages import to_message
from chat_server.services.rooms.rooms import Rooms
from chat_server.storage import Storage
from chat_server.storage.core.records import SavedRecord


class SavedMessages:
    """Keep each user's list.

    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(self, storage: Storage, audience: Audience, rooms: Rooms, clock: Callable[[], int]) -> None:
        self._storage = storage
        self._audience = audience
        self._rooms = rooms
        self._clock = clock

    def save(self, session: Session, request: Save) -> None:
        """Put a message on the user's list, or take it off, and tell the user's other sessions.

        :raises ChatError: `no_such_room`, `not_a_member`, `no_such_message` or `quota`.
        """
        room = self._rooms.conversation(session, request.room)
        saved = self._storage.saved
        if request.on:
            message = self._storage.messages.get(room.id, request.seq)
            if message is None or message.kind != "text" or message.deleted:
                raise ChatError(ErrorCode.NO_SUCH_MESSAGE, "There is no such message any more.", field="seq")
            changed = saved.add(session.user_id, room.id, request.seq, self._clock(), SAVED_MAX)
            if changed is None:
                raise ChatError(ErrorCode.QUOTA, f"You have saved {SAVED_MAX} messages already.")
        else:
            changed = saved.remove(session.user_id, room.id, request.seq)
        if changed:
            event = SavedEvent(room.public_id, request.seq, request.on)
            self._audience.to_user(session.user_id, event, besides=session.id)

    def page(self, session: Session, request: SavedRequest) -> SavedPage:
        """Return a page of the user's list, without what was deleted meanwhile."""
        found = self._storage.saved.page(session.user_id, request.before, request.limit + 1)
        shown = self._messages(session, found[: request.limit])
        count = fitting([message for _, message in shown])
        more = count < len(shown) or len(found) > request.limit
        last = shown[count - 1][0] if count < len(shown) else found[: request.limit][-1].id if found else 0
        return SavedPage([message for _, message in shown[:count]], last if more else None)

    def _messages(self, session: Session, places: list[SavedRecord]) -> list[tuple[int, Message]]:
        by_room: dict[int, list[int]] = {}
        for place in places:
            by_room.setdefault(place.room_id, []).append(place.seq)
        labels = self._labels(session, by_room)
        found = {
            (record.room_id, record.seq): to_message(record, *labels[room_id])
            for room_id, seqs in by_room.items()
            if room_id in labels
            for record in self._storage.messages.at(room_id, seqs)
            if not record.deleted
        }
        numbered = ((place.id, found.get((place.room_id, place.seq))) for place in places)
        return [(number, message) for number, message in numbered if message is not None]

    def _labels(self, session: Session, room_ids: dict[int, list[int]]) -> dict[int, tuple[str, str]]:
        """Return what the user calls the rooms, and their ids; one that was left a moment ago is missing."""
        labels = {
            room_id: (room.record.name, room.public_id)
            for room_id, room in session.rooms.items()
            if room_id in room_ids
        }
        if len(labels) < len(room_ids):
            for room, other in self._storage.rooms.directs_of(session.user_id):
                labels[room.id] = (DIRECT_PREFIX + other.username, room.public_id)
        return labels
