"""Reads the messages that another server stored, for this one's readers; it must not know who reads them."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from chat_protocol.frames import encode_frame
from chat_server.live.directory import Conversation
from chat_server.services.messages.messages import to_message
from chat_server.storage import Storage
from chat_server.storage.core.errors import StorageError

_log = logging.getLogger("chat.delivery")

Frames = Callable[[int], bytes]  # by the reader, where the room has a name for each; else by 0


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What another server stored in a room: what comes after one seq, up to another."""

    room: Conversation
    after: int
    upto: int


class CatchUp:
    """Find what did not come through this server's delivery.

    :param storage: has all messages.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def missing(self, room: Conversation, after: int, upto: int) -> Frames | None:
        """Return the encoded messages of a room behind `after`, up to and including `upto`.

        :return: None when the database does not answer.
        """
        try:
            found = self._storage.messages.after(room.id, after, upto - after, upto)
        except StorageError as error:
            _log.warning("what others said in room %d cannot be read just now: %s", room.id, error)
            return None
        made: dict[int, bytes] = {}

        def frames(reader: int) -> bytes:
            if reader not in made:
                name, public_id = room.label(reader), room.public_id
                messages = (to_message(record, name, public_id) for record in found)
                made[reader] = b"".join(
                    encode_frame({"type": "message"} | message.to_frame()) for message in messages
                )
            return made[reader]

        return frames
