"""The messages pinned in rooms: who may pin them, and how members see them; it must not know the wire.

Runs on client threads.
"""

from collections.abc import Callable
from dataclasses import replace

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import PINS_MAX
from chat_protocol.message_replies import PinnedPage
from chat_protocol.objects import Message
from chat_protocol.paging import fitting
from chat_protocol.pin_requests import Pin, Pins
from chat_protocol.room_events import PinEvent
from chat_server.live.directory import Conversation
from chat_server.live.session import Session
from chat_server.services.audience import Audience
from chat_server.services.messages.messages import to_message
from chat_server.services.moderation.audit import Audit
from chat_server.services.rooms.room_people import RoomPeople, refuse_archived
from chat_server.services.rooms.rooms import Rooms
from chat_server.services.vocabulary.actors import Actor
from chat_server.storage import Storage


class PinnedMessages:
    """Let those who keep a room pin its messages; each act is in the audit.

    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(
        self,
        storage: Storage,
        audience: Audience,
        rooms: Rooms,
        people: RoomPeople,
        audit: Audit,
        clock: Callable[[], int],
    ) -> None:
        self._storage = storage
        self._audience = audience
        self._rooms = rooms
        self._people = people
        self._audit = audit
        self._clock = clock

    def pin(self, actor: Actor, session: Session, request: Pin) -> None:
        """Pin a message of a room that the user belongs to, or take it off, and tell the members.

        :raises ChatError: `no_such_room`, `not_a_member`, `forbidden`, `no_such_message` or `quota`.
        """
        room, seq = self._rooms.conversation(session, request.room), request.seq
        if room.is_direct:
            raise ChatError(ErrorCode.FORBIDDEN, "Nothing is pinned in a private conversation: save it.")
        with self._audit.act(actor, "pin" if request.on else "unpin", room.record.name, f"message {seq}"):
            self._people.require_keeper(actor, room.record, "moderator")
            refuse_archived(room.record)
            if request.on:
                told = self._add(session.user_id, room, seq)
            else:
                told = self._storage.pins.remove(room.id, seq)
        message = next(iter(self._messages(room, [seq])), None) if told and request.on else None
        if told and (message is not None or not request.on):  # else it was deleted in this moment
            event = PinEvent(room.record.name, seq, request.on, room.public_id, message)
            self._audience.to_room(room.id, {}, event)

    def page(self, session: Session, request: Pins) -> PinnedPage:
        """Return a page of what is pinned in a room that the user belongs to.

        :raises ChatError: `no_such_room` or `not_a_member`.
        """
        room = self._rooms.conversation(session, request.room)
        found = self._storage.pins.page(room.id, request.before, request.limit + 1)
        here = found[: request.limit]
        messages = {message.seq: message for message in self._messages(room, [pin.seq for pin in here])}
        shown = [(pin.id, messages[pin.seq]) for pin in here if pin.seq in messages]
        count = fitting([message for _, message in shown])
        more = count < len(shown) or len(found) > request.limit
        last = shown[count - 1][0] if count < len(shown) else here[-1].id if here else 0
        return PinnedPage([message for _, message in shown[:count]], last if more else None)

    def _add(self, user_id: int, room: Conversation, seq: int) -> bool:
        outcome = self._storage.pins.add(room.id, seq, user_id, self._clock(), PINS_MAX)
        if outcome == "gone":
            raise ChatError(ErrorCode.NO_SUCH_MESSAGE, "There is no such message any more.", field="seq")
        if outcome == "full":
            text = f"{PINS_MAX} messages are pinned in {room.record.name}: take one off first."
            raise ChatError(ErrorCode.QUOTA, text)
        return outcome == "new"

    def _messages(self, room: Conversation, seqs: list[int]) -> list[Message]:
        """Return messages as they are pinned: without reactions, so that a frame takes more of them."""
        found = self._storage.messages.at(room.id, seqs) if seqs else []
        label = room.record.name
        return [
            replace(to_message(each, label, room.public_id), reactions={})
            for each in found
            if not each.deleted
        ]
