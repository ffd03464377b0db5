"""Mentions: where a message names a user with an `@`; it must not know who is told of it."""

import re
from functools import lru_cache
from typing import Final

from chat_protocol.names import DIRECT_PREFIX, fold_text

ALL: Final = "all"  # in the place of a name: everybody in the room; nobody may be called so

# A mention begins at an @ that no word precedes (so an e-mail address is none).
_MENTION = re.compile(r"(?<![\w@.])@(\w[\w.-]*)")


@lru_cache(maxsize=4096)
def _key(username: str) -> str:
    return fold_text(username.removeprefix(DIRECT_PREFIX))


def mention_spans(body: str) -> list[tuple[int, int, str]]:
    """Return where `body` mentions somebody: start, end and the folded username of each.

    A full stop or hyphen at the end of a name belongs to the sentence.
    """
    spans = []
    for match in _MENTION.finditer(body):
        name = match.group(1).rstrip(".-_")
        spans.append((match.start(), match.start(1) + len(name), _key(name)))
    return spans


def mentions(body: str, username: str) -> bool:
    """Say whether `body` mentions the user, in any spelling of the name, or everybody."""
    if "@" not in body:
        return False
    called = (_key(username), ALL)
    return any(found in called for _, _, found in mention_spans(body))


def mentions_all(body: str) -> bool:
    """Say whether `body` mentions everybody in the room."""
    return "@" in body and any(found == ALL for _, _, found in mention_spans(body))
