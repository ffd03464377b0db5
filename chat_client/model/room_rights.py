"""What the user may do with a room, as far as the client can tell; the server decides, and it asks nobody."""

from typing import Final

from chat_client.model.state import ClientState, RoomState

PINS: Final = "pins"  # the capability of a server that keeps pinned messages


def _keeps(state: ClientState, room: RoomState) -> bool:
    """Say whether the room is the user's to keep: as its owner, or as an administrator who sees it."""
    if room.is_direct or "rooms" not in state.connection.capabilities:
        return False
    shut = room.kind == "private" or room.archived
    return room.owner or (state.role == "admin" and (room.joined or not shut))


def has_settings(room: RoomState | None) -> bool:
    """Say whether there is more to a room than its messages: not to a conversation, nor from outside."""
    return room is not None and room.joined and not room.is_direct


def has_past(room: RoomState | None) -> bool:
    """Say whether the user may go back in the room, and save it."""
    return room is not None and room.joined and room.last_seq > 0


def may_edit(state: ClientState, room: RoomState) -> bool:
    """Say whether the user may change the name, the topic, the description, the kind and the owners."""
    return _keeps(state, room) and not room.archived


def may_archive(state: ClientState, room: RoomState) -> bool:
    """Say whether the user may archive the room, or bring it back."""
    return _keeps(state, room)


def may_add(state: ClientState, room: RoomState) -> bool:
    """Say whether the user may let people in."""
    return may_remove(state, room) and not room.archived


def may_remove(state: ClientState, room: RoomState) -> bool:
    """Say whether the user may put people out."""
    moderates = state.moderator and room.kind in ("public", "moderated") and not room.archived
    return _keeps(state, room) or (moderates and "rooms" in state.connection.capabilities)


def has_pins(state: ClientState, room: RoomState) -> bool:
    """Say whether messages can be pinned in the room, by whomever."""
    return room.joined and not room.is_direct and PINS in state.connection.capabilities


def may_pin(state: ClientState, room: RoomState) -> bool:
    """Say whether the user may pin messages in the room."""
    return has_pins(state, room) and not room.archived and (room.owner or state.moderator)


def may_create(state: ClientState) -> bool:
    """Say whether the user may make a room of any kind."""
    return "rooms" in state.connection.capabilities and bool(state.may_create)


def may_continue(state: ClientState) -> bool:
    """Say whether the user may continue a private conversation in a private room."""
    return may_create(state) and "private" in state.may_create


def kinds_for(room: RoomState) -> tuple[str, ...]:
    """Give the kinds that a room may become; what was said in private stays private."""
    return ("private",) if room.kind == "private" else ("public", "moderated", "private")
