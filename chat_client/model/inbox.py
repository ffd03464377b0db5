"""What is unread or mentions the user, room by room, as the model knows it; it asks the server nothing."""

from bisect import bisect_left
from dataclasses import dataclass

from chat_client.model.state import SEQ_OF, ClientState, MessageState, NotifyLevel, RoomState


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """A room with something unread.

    :param message: what calls the user most of it: the newest mention, else the newest message; None where
        nothing of it is loaded.
    """

    room: RoomState
    message: MessageState | None


def inbox(state: ClientState) -> list[InboxEntry]:
    """Return the rooms with something unread, those first that mention the user or are private.

    A muted room is there only where it mentions the user.
    """
    rooms = [
        room
        for room in state.rooms.values()
        if room.joined and (room.mentions or (room.unread and room.notify != NotifyLevel.NONE))
    ]
    entries = [InboxEntry(room, _calling(room)) for room in rooms]
    return sorted(
        entries,
        key=lambda each: (not (each.room.mentions or each.room.is_direct), -_at(each), each.room.key),
    )


def _calling(room: RoomState) -> MessageState | None:
    start = bisect_left(room.messages, room.read_seq + 1, key=SEQ_OF)
    unread = [one for one in room.messages[start:] if not one.mine and not one.deleted]
    calling = [one for one in unread if one.mentions_me] or unread
    return calling[-1] if calling else None


def _at(entry: InboxEntry) -> int:
    return entry.message.sent_at if entry.message is not None else entry.room.last_at
