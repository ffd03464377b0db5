"""Where a text names a room with a `#`: as the rooms that the reader knows are called; it draws nothing."""

import re
from collections.abc import Callable
from typing import Final

from chat_client.model.keys import key_of
from chat_client.model.state import ClientState

SIGN: Final = "#"


class RoomLinks:
    """Finds the names of rooms in texts, the longest that fits: names may have spaces."""

    def __init__(self, state: Callable[[], ClientState]) -> None:
        self._state = state
        self._names: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def pattern(self, text: str) -> re.Pattern[str] | None:
        """Return what finds links in a text; None where there can be none."""
        if SIGN not in text:
            return None
        names = frozenset(room.name for room in self._state().rooms.values() if not room.is_direct)
        if names != self._names:
            self._names = names
            longest_first = sorted(names, key=len, reverse=True)
            choices = "|".join(map(re.escape, longest_first))
            self._pattern = re.compile(rf"(?<![\w{SIGN}&/]){SIGN}(?:{choices})(?!\w)", re.IGNORECASE)
        return self._pattern if names else None

    def key(self, link: str) -> str | None:
        """Return the key of the room that a link leads to; None where there is none any more."""
        key = key_of(link.removeprefix(SIGN))
        return key if key in self._state().rooms else None
