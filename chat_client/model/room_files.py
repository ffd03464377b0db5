"""Which files a room has, from what a search has found and what is loaded; it asks nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from chat_client.model.state import MessageState, RoomState
from chat_protocol.objects import File


@dataclass(frozen=True, slots=True)
class RoomFile:
    """A file of a room, and the message that it came with.

    :param number: which of the message's files it is, from 1.
    """

    message: MessageState
    file: File
    number: int

    @property
    def key(self) -> str:
        """What a list calls it."""
        return f"{self.message.seq}.{self.number}"


def room_files(room: RoomState, found: Sequence[MessageState], *, complete: bool) -> list[RoomFile]:
    """List the files of a room, the newest message first.

    What is loaded counts more than what was found: it is followed by the events of the server.

    :param found: messages with files, the newest first.
    :param complete: whether there are none before the last of `found`.
    """
    oldest = 0 if complete else (found[-1].seq or 0) if found else room.last_seq + 1
    messages = {message.seq: message for message in found if message.seq is not None}
    for message in room.messages:
        if message.seq is not None and (message.seq in messages or (message.files and message.seq >= oldest)):
            messages[message.seq] = message
    return [
        RoomFile(messages[seq], file, number)
        for seq in sorted(messages, reverse=True)
        if not messages[seq].deleted
        for number, file in enumerate(messages[seq].files, 1)
    ]
