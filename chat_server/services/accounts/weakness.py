"""Why a password would be guessed first: common ones, and those made of the username; it hashes nothing.

The list of common passwords stands in `common_passwords.txt`, with its source and licence.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from chat_protocol.names import fold_text

_LIST: Final = Path(__file__).with_name("common_passwords.txt")
_LOOK_ALIKE: Final = str.maketrans("013457@$!", "oleastasi")
_ADDED_MAX_CHARS: Final = 6  # what people put around a word to satisfy a rule: a year, 123, signs
_NAME_MIN_CHARS: Final = 3  # shorter names stand in too many good passwords
_EDGES: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def weakness_of(password: str, username: str) -> str:
    """Return why a password is weak, for its user; an empty text when nothing speaks against it."""
    folded, name = fold_text(password), fold_text(username)
    if _is_made_of_name(folded, name) or _is_made_of_name(folded, name[::-1]):
        return "The password must not be made of the username."
    unit = _repeated(folded)
    if len(unit) <= 1:
        return "The password must not be one character repeated."
    if any(_is_common(text) for text in {folded, unit, folded.translate(_LOOK_ALIKE)}):
        return "This password is among the most common ones, or one of them with something added."
    return ""


def _is_made_of_name(folded: str, name: str) -> bool:
    if folded == name:
        return True
    if len(name) < _NAME_MIN_CHARS or name not in folded:
        return False
    return len(folded.replace(name, "")) <= _ADDED_MAX_CHARS


def _is_common(text: str) -> bool:
    if text in _common():
        return True
    core = _EDGES.sub("", text)
    return core in _common() and len(text) - len(core) <= _ADDED_MAX_CHARS


def _repeated(text: str) -> str:
    """Return the shortest part that the text repeats; the text itself where it repeats none."""
    size = (text + text).find(text, 1)
    return text[:size]


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("# "))
