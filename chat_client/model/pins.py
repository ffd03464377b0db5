"""What is pinned in a room as it reads now, with edits and deletions that the timeline knows already."""

from dataclasses import replace

from chat_client.model.state import RoomState
from chat_protocol.objects import Message


def pins_of(room: RoomState | None) -> list[Message]:
    """Return the pinned messages of a room, the one pinned last first."""
    found = []
    for pin in (room.pins or ()) if room is not None else ():
        known = room.message(pin.seq) if room is not None else None
        if known is None:
            found.append(pin)
        elif not known.deleted:
            found.append(replace(pin, body=known.body))
    return found
