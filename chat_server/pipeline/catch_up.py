"""Reads and writes the messages that another server stored; it must not know who reads them."""

import logging
from collections.abc import Sequence

from chat_protocol.frames import encode_frame
from chat_server.live.directory import Conversation
from chat_server.services.messages.messages import to_message
from chat_server.storage import Storage
from chat_server.storage.core.errors import StorageError

_log = logging.getLogger("chat.delivery")


class CatchUp:
    """Find what did not come through this server's delivery.

    :param storage: has all messages.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def missing(self, room: Conversation, after: int, upto: int) -> Sequence[bytes]:
        """Return the encoded messages of a room behind `after`, up to and including `upto`."""
        if room.is_direct:
            return ()  # it has two names; its two readers see the hole and ask
        try:
            found = self._storage.messages.after(room.id, after, upto - after, upto)
        except StorageError as error:
            _log.warning("the readers of %s have to ask for what they missed: %s", room.record.name, error)
            return ()
        name, public_id = room.record.name, room.public_id
        return [
            encode_frame({"type": "message"} | to_message(record, name, public_id).to_frame())
            for record in found
        ]
