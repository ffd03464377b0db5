"""Catching up with many rooms at once: what a user has missed in each, the latest activity first.

Runs on client threads. It must not know the wire.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chat_protocol.objects import Room
from chat_server.live.session import Session
from chat_server.services.rooms.rooms import Rooms
from chat_server.storage import Storage
from chat_server.storage.core.records import MessageRecord


@dataclass(frozen=True, slots=True)
class Missed:
    """What a user has missed in a room.

    :param messages: the newest ones, in ascending order.
    :param more: whether there are others between what the user has and these.
    """

    room: Room
    messages: Sequence[MessageRecord]
    more: bool


class Sync:
    """Read what users have missed."""

    def __init__(self, storage: Storage, rooms: Rooms) -> None:
        self._storage = storage
        self._rooms = rooms

    def missed(self, session: Session, held: Mapping[str, int], limit: int) -> Iterator[Missed]:
        """Return the rooms in which there is something that the user does not have.

        They are read one by one, so that whoever asks may stop reading messages.

        :param held: room id or name -> the seq up to which the user has everything; 0 where none is given.
        :param limit: how many messages of a room to return at most.
        """
        views = self._rooms.views(session)
        behind = [
            (number, view, held.get(view.id, held.get(view.name, 0)))
            for number, view in views.items()
            if view.membership == "joined"
        ]
        behind = [one for one in behind if one[1].last_seq > one[2]]
        for number, view, has in sorted(behind, key=lambda one: -(one[1].last_at or 0)):
            count = min(limit, view.last_seq - has)
            messages = self._storage.messages.before(number, None, count) if count else []
            messages = [message for message in messages if message.seq > has]
            first = messages[0].seq if messages else view.last_seq + 1
            yield Missed(view, messages, first > max(has + 1, view.first_seq))
