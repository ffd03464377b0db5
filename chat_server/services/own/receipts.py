"""How far the other one has read a private conversation, where both let that be told.

Runs on client threads.
"""

from chat_protocol.errors import bad_request
from chat_protocol.own_events import ReceiptEvent
from chat_protocol.own_replies import ReceiptReply
from chat_server.live.directory import Conversation
from chat_server.live.session import Session
from chat_server.services.audience import Audience
from chat_server.services.rooms.rooms import Rooms
from chat_server.storage import Storage


class Receipts:
    """Tell one of the two how far the other one has read."""

    def __init__(self, storage: Storage, audience: Audience, rooms: Rooms) -> None:
        self._storage = storage
        self._audience = audience
        self._rooms = rooms

    def read_on(self, conversation: Conversation, reader_id: int, read_seq: int) -> None:
        """Tell the other one in a private conversation that its reader has come further."""
        other_id = _other(conversation, reader_id)
        if other_id is not None and self._wanted(conversation):
            event = ReceiptEvent(conversation.label(other_id), read_seq, conversation.public_id)
            self._audience.to_user(other_id, event)

    def receipt(self, session: Session, name: str) -> ReceiptReply:
        """Return how far the other one has read.

        :raises ChatError: about the field `room`, as any request; `bad_request` where it is no private one.
        """
        conversation = self._rooms.conversation(session, name)
        if not conversation.is_direct:
            raise bad_request("room", "Receipts are of private conversations alone.")
        label = conversation.label(session.user_id)
        other_id = _other(conversation, session.user_id)
        if other_id is None or not self._wanted(conversation):
            return ReceiptReply(label)
        membership = self._storage.members.get(conversation.id, other_id)
        return ReceiptReply(label, None if membership is None else membership.read_seq)

    def _wanted(self, conversation: Conversation) -> bool:
        return not self._storage.own_settings.any_has(tuple(conversation.names), "receipts", "false")


def _other(conversation: Conversation, user_id: int) -> int | None:
    return next((other_id for other_id in conversation.names if other_id != user_id), None)
