"""The keys under which rooms and users are found, whatever spelling a frame uses; pure functions."""

import re
from functools import lru_cache

from chat_protocol.names import DIRECT_PREFIX, fold_text, room_key

# A mention begins at an @ that no word precedes (so an e-mail address is none).
_MENTION = re.compile(r"(?<![\w@.])@(\w[\w.-]*)")


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


def mention_spans(body: str) -> list[tuple[int, int, str]]:
    """Return where `body` mentions somebody: start, end and the folded username of each.

    A full stop or hyphen at the end of a name belongs to the sentence.
    """
    spans = []
    for match in _MENTION.finditer(body):
        name = match.group(1).rstrip(".-_")
        spans.append((match.start(), match.start(1) + len(name), user_key(name)))
    return spans


def mentions(body: str, key: str) -> bool:
    """Say whether `body` mentions the user with this key."""
    return "@" in body and any(found == key for _, _, found in mention_spans(body))
