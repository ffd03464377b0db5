"""Whether the other one has read a private conversation; it must not know how that becomes known."""

from chat_client.model.state import RoomState


def read_by_partner(room: RoomState | None) -> bool:
    """Return whether the newest message is the user's own, and the other one has read it."""
    newest = room.messages[-1] if room is not None and room.messages and not room.pending else None
    return room is not None and newest is not None and newest.mine and room.receipt_seq >= (newest.seq or 1)
