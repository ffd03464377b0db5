"""The keys under which rooms and users are found, whatever spelling a frame uses; pure functions."""

from functools import lru_cache

from chat_protocol.names import DIRECT_PREFIX, fold_text, room_key


@lru_cache(maxsize=4096)
def user_key(username: str) -> str:
    """Return the folded form of a username; unlike the protocol's own it never raises."""
    return fold_text(username.removeprefix(DIRECT_PREFIX))


@lru_cache(maxsize=4096)
def key_of(room: str) -> str:
    """Return the key of a room's name, or of `@username`."""
    if room.startswith(DIRECT_PREFIX):
        return DIRECT_PREFIX + user_key(room)
    return room_key(room)
