"""Usernames and room names: what is allowed, and the folded key that makes look-alikes one name."""

import re
import unicodedata
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode, bad_request
from chat_protocol.limits import ROOM_NAME_MAX_CHARS, USERNAME_MAX_CHARS, USERNAME_MIN_CHARS

RESERVED_KEYS: Final = frozenset({"ip", "all"})  # words of the console's grammar
DIRECT_PREFIX: Final = "@"

_KEY = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")
_MARKS = frozenset({"Mn", "Mc", "Me"})
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters that Unicode does not decompose, written out in ASCII. Keys are already casefolded.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i", "þ": "th", "ð": "d"}
    | {
        "ħ": "h",
        "ŧ": "t",
        "ŋ": "ng",
        "ĸ": "k",
        "ƀ": "b",
        "ƃ": "b",
        "ɨ": "i",
        "ʉ": "u",
        "ƶ": "z",
        "ǥ": "g",
        "ȼ": "c",
    }
)
# Marks and letters that show nothing: variation selectors, joiners, fillers (Default_Ignorable_Code_Point in
# Unicode's DerivedCoreProperties.txt, where their category is not refused anyway) and the empty Braille cell.
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)


def _without_marks(text: str) -> str:
    return "".join(
        char for char in unicodedata.normalize("NFKD", text) if unicodedata.category(char) not in _MARKS
    )


def _has_unshown(text: str) -> bool:
    return any(unicodedata.category(char) in _UNSHOWN for char in text)


def fold_text(text: str) -> str:
    """Fold case, accents and compatibility forms away, as search and prefix look-ups compare."""
    return unicodedata.normalize("NFC", _without_marks(_without_marks(text).casefold()).translate(_LETTERS))


def clean_username(name: str) -> str:
    """Return the username as it is kept: the leading `@` dropped, composed (NFC).

    :raises ChatError: `invalid_username` when it is too short, too long, or its key is not plain ASCII.
    """
    name = unicodedata.normalize("NFC", name.removeprefix(DIRECT_PREFIX))
    if not USERNAME_MIN_CHARS <= len(name) <= USERNAME_MAX_CHARS:
        raise _invalid(f"A username has {USERNAME_MIN_CHARS} to {USERNAME_MAX_CHARS} characters.")
    if _has_unshown(name) or not _INVISIBLE.isdisjoint(name):
        raise _invalid("A username contains no control or invisible characters.")
    key = fold_text(name)
    if not _KEY.fullmatch(key):
        raise _invalid("A username is made of Latin letters and digits, with . _ - between them.")
    if key in RESERVED_KEYS:
        raise _invalid(f"“{name}” is a word of the administrator's commands; choose another name.")
    return name


def username_key(name: str) -> str:
    """Return what must be unique among usernames (docs/build/protocol.md, "Names").

    :raises ChatError: `invalid_username`, as :func:`clean_username`.
    """
    return fold_text(clean_username(name))


def clean_room_name(name: str) -> str:
    """Return the room name as it is kept, composed (NFC).

    :raises ChatError: `bad_request` with field `room` when the name is not allowed.
    """
    name = unicodedata.normalize("NFC", name)
    if not 1 <= len(name) <= ROOM_NAME_MAX_CHARS:
        raise bad_request("room", f"A room name has 1 to {ROOM_NAME_MAX_CHARS} characters.")
    key = room_key(name)  # also with its fullwidth and small forms: "＠jules" must not pass for "@jules"
    if key.startswith(DIRECT_PREFIX) or "," in key:
        raise bad_request("room", "A room name has no comma and does not begin with @.")
    if _has_unshown(name) or _INVISIBLE.difference(map(chr, range(0xFE00, 0xFE10))).intersection(name):
        raise bad_request("room", "A room name contains no control or invisible characters.")
    if name != " ".join(name.split()):
        raise bad_request("room", "A room name has no leading, trailing or double space.")
    if not key.strip() or key in RESERVED_KEYS:
        raise bad_request("room", f"“{name}” cannot be the name of a room.")
    return name


def room_key(name: str) -> str:
    """Return what must be unique among room names: NFKC, casefolded, marks removed."""
    return unicodedata.normalize("NFKC", _without_marks(_without_marks(name).casefold()))


def _invalid(message: str) -> ChatError:
    return ChatError(ErrorCode.INVALID_USERNAME, message, field="username")
