"""Which room somebody means by a name; it changes nothing."""

from chat_client.model.keys import key_of
from chat_client.model.state import ClientState, RoomState


def room_named(state: ClientState, name: str) -> RoomState | None:
    """Return the room of a name in any spelling, or the only one with this title; None for no or several."""
    titled = [room for room in state.rooms.values() if key_of(room.title) == key_of(name)]
    return state.rooms.get(key_of(name)) or (titled[0] if len(titled) == 1 else None)
