"""Usernames and room names: what is allowed, and the folded key that makes look-alikes one name."""

import re
import unicodedata
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode, bad_request
from chat_protocol.limits import (
    PRIVATE_NAME_MAX_CHARS,
    ROOM_NAME_MAX_CHARS,
    USERNAME_MAX_CHARS,
    USERNAME_MIN_CHARS,
)

RESERVED_KEYS: Final = frozenset({"ip", "all"})  # words of the console's grammar
DIRECT_PREFIX: Final = "@"

# Behind the name that people choose for a private room: who knows of no such room cannot come upon its name.
PRIVATE_MARK_CHARS: Final = 4
PRIVATE_MARK_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_PRIVATE_MARK = re.compile(rf" ~[{PRIVATE_MARK_ALPHABET}]{{{PRIVATE_MARK_CHARS}}}", re.ASCII)

_KEY = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")
_MARK_CHARS: Final = 2 + PRIVATE_MARK_CHARS
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


def clean_room_name(name: str, field: str = "room") -> str:
    """Return the room name as it is kept, composed (NFC).

    :param field: names what is at fault.
    :raises ChatError: `bad_request` when the name is not allowed.
    """
    name = unicodedata.normalize("NFC", name)
    if not 1 <= len(name) <= ROOM_NAME_MAX_CHARS:
        raise bad_request(field, f"A room name has 1 to {ROOM_NAME_MAX_CHARS} characters.")
    key = room_key(name)  # also with its fullwidth and small forms: "＠jules" must not pass for "@jules"
    if key.startswith(DIRECT_PREFIX) or "," in key:
        raise bad_request(field, "A room name has no comma and does not begin with @.")
    if _has_unshown(name) or _INVISIBLE.difference(map(chr, range(0xFE00, 0xFE10))).intersection(name):
        raise bad_request(field, "A room name contains no control or invisible characters.")
    if name != " ".join(name.split()):
        raise bad_request(field, "A room name has no leading, trailing or double space.")
    if not key.strip() or key in RESERVED_KEYS:
        raise bad_request(field, f"“{name}” cannot be the name of a room.")
    if room_title(key) != key:
        raise bad_request(
            field, "A name with such an end is a private room's: leave the ~ and what follows out."
        )
    return name


def private_room_name(title: str, mark: str) -> str:
    """Return the name of a private room: the one that people have chosen, and a random mark behind it."""
    return f"{title} ~{mark}"


def room_title(name: str) -> str:
    """Return what people have chosen to call a private room."""
    return name[:-_MARK_CHARS] if _PRIVATE_MARK.fullmatch(name, max(0, len(name) - _MARK_CHARS)) else name


def clean_private_title(name: str, field: str = "room") -> str:
    """Return what people choose to call a private room as it is kept.

    :raises ChatError: `bad_request` when the name is not allowed.
    """
    clean = clean_room_name(name, field)
    if len(clean) > PRIVATE_NAME_MAX_CHARS:
        raise bad_request(field, f"A private room's name has at most {PRIVATE_NAME_MAX_CHARS} characters.")
    return clean


def room_key(name: str) -> str:
    """Return what must be unique among room names: NFKC, casefolded, marks removed."""
    return unicodedata.normalize("NFKC", _without_marks(_without_marks(name).casefold()))


def _invalid(message: str) -> ChatError:
    return ChatError(ErrorCode.INVALID_USERNAME, message, field="username")
