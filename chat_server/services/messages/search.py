"""Search: what a member's query means, and which of the messages he may see answer it; it knows no index.

Runs on client threads.
"""

from collections.abc import Sequence
from typing import Final

from chat_protocol.errors import ChatError
from chat_protocol.message_replies import SearchPage
from chat_protocol.names import DIRECT_PREFIX, fold_text
from chat_protocol.paging import fitting
from chat_protocol.requests import Search as SearchRequest
from chat_server.live.directory import RoomDirectory
from chat_server.live.session import Session
from chat_server.services.messages.messages import to_message
from chat_server.services.messages.search_query import Asked, parse_query
from chat_server.services.rooms.rooms import Rooms
from chat_server.storage import Storage
from chat_server.storage.core.records import MessageRecord
from chat_server.storage.search.records import SearchQuery

NAMESAKES_MAX: Final = 20

Labels = dict[int, tuple[str, str]]  # room id -> the room's name for the user who asks, and its public id


class Search:
    """Find messages in the rooms that somebody belongs to."""

    def __init__(self, storage: Storage, directory: RoomDirectory, rooms: Rooms) -> None:
        self._storage = storage
        self._directory = directory
        self._rooms = rooms

    def search(self, session: Session, request: SearchRequest) -> SearchPage:
        """Return the newest messages that match, the newest first, and whether there are older ones.

        Where the index is still being filled, the page says so.

        :raises ChatError: about the field `room`, as any request; the query itself is never at fault.
        """
        asked = parse_query(request.query)
        if asked.empty:
            return SearchPage((), False)
        labels = self._labels(session, request.room, asked)
        query = SearchQuery(
            tuple(asked.clauses),
            tuple(labels),
            self._author_ids(asked.authors) if asked.authors else None,
            asked.since,
            min((time for time in (asked.until, request.before) if time is not None), default=None),
        )
        found = self._storage.search.find(query, request.limit + 1)
        messages = [to_message(record, *labels[record.room_id]) for record in found]
        end = _page_end(found, min(request.limit, fitting(messages)))
        return SearchPage(
            messages[:end], end < len(messages), not self._storage.search.is_complete(query) or None
        )

    def _labels(self, session: Session, name: str | None, asked: Asked) -> Labels:
        """Return the rooms to look in: those of the user that the request, and the query, name."""
        if name is not None:
            conversation = self._rooms.conversation(session, name)
            labels = {conversation.id: (conversation.label(session.user_id), conversation.public_id)}
        else:
            rooms = list(session.rooms.items())
            labels = {room_id: (room.record.name, room.public_id) for room_id, room in rooms}
            labels |= self._directs(session)
        if not asked.rooms:
            return labels
        named = {room_id for name in asked.rooms for room_id in self._named(session, name)}
        return {room_id: label for room_id, label in labels.items() if room_id in named}

    def _directs(self, session: Session) -> Labels:
        found = self._storage.rooms.directs_of(session.user_id)
        return {room.id: (DIRECT_PREFIX + other.username, room.public_id) for room, other in found}

    def _named(self, session: Session, name: str) -> Sequence[int]:
        if name.startswith(DIRECT_PREFIX):
            key = fold_text(name)
            directs = self._directs(session).items()
            return [room_id for room_id, (label, _) in directs if fold_text(label) == key]
        try:
            return [self._directory.find(name).id]
        except ChatError:
            return []

    def _author_ids(self, names: Sequence[str]) -> tuple[int, ...]:
        return tuple({user_id for name in names for user_id in self._users(name)})

    def _users(self, name: str) -> Sequence[int]:
        """Return the user of that name, or those whom others see under it."""
        key = fold_text(name.removeprefix(DIRECT_PREFIX))
        user = self._storage.users.by_key(key)
        if user is not None:
            return [user.id]
        found = self._storage.users.search(key, NAMESAKES_MAX)
        return [user.id for user in found if fold_text(user.display_name) == key]


def _page_end(found: Sequence[MessageRecord], most: int) -> int:
    """Return where the page ends: the next one is asked for by a time, so one time is not cut in two."""
    end = min(most, len(found))
    if end < len(found):
        while end and found[end - 1].sent_at == found[most].sent_at:
            end -= 1
    return end or min(most, len(found))
