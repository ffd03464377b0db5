"""Turns any text into text that Tk can show without harm; one pure function and its tables, no tkinter."""

import re
import unicodedata
from functools import lru_cache

#: Marks on one letter past this number are dropped: towers of them cover the lines around.
MARKS_MAX = 4

#: Where emoji become names, those past this number become a box: a thousand names would be a book.
NAMED_MAX = 40

REPLACEMENT = "\ufffd"

_BOX = "\u25af"
_TAB_AND_NEWLINE = "\t\n"
_JOINER = "\u200d"
_VARIATION = {"\ufe0e", "\ufe0f"}

#: Overrides and isolates of writing direction: they would reorder what stands around a message.
_DIRECTION = {*"\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}
#: Invisible letters that are only good for deceiving, or that Tk shows as empty boxes.
_INVISIBLE = {*"\u200b\u200c\u2060\u2061\u2062\u2063\u2064\u00ad\ufeff\u180e\u034f\u115f\u1160\u3164\uffa0"}

#: What most messages are made of: nothing in them needs a look.
_PLAIN = re.compile(
    r"[\n\t -~\u00a0-\u00ac\u00ae-\u02ff\u0391-\u0482\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]*\Z"
)
_EMOJI_ASTRAL = re.compile("[\U0001f000-\U0001faff\U0001fc00-\U0001fffd]")


def safe_text(text: str, *, single_line: bool = False, emoji: bool = True) -> str:
    """Replace or drop what Tk cannot show, and what would harm the text around it.

    :param text: anything, also lone surrogates and NUL.
    :param single_line: make line ends and tabs spaces, as for a name.
    :param emoji: False where colour emoji crash or vanish on this display: names stand in their place.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    if single_line:
        text = " ".join(text.split())
    if _PLAIN.match(text) is None:
        return _cleaned(text, emoji)
    return text


def _cleaned(text: str, emoji: bool) -> str:
    kept: list[str] = []
    marks = named = 0
    for character in text:
        if unicodedata.combining(character) or unicodedata.category(character) == "Me":
            marks += 1
            if marks > MARKS_MAX:
                continue
        elif character not in _VARIATION and character != _JOINER:
            marks = 0
        if not emoji and ord(character) > 0xFFFF:
            named += 1
            if named > NAMED_MAX:
                kept.append(_BOX)
                continue
        kept.append(_shown(character, emoji))
    return "".join(kept)


@lru_cache(maxsize=4096)
def _shown(character: str, emoji: bool) -> str:
    """Choose what stands for one character; nothing where it should not be seen."""
    if character in _DIRECTION or character in _INVISIBLE:
        return ""
    if character in _TAB_AND_NEWLINE:
        return character
    if character == _JOINER or character in _VARIATION:
        return character if emoji else ""
    category = unicodedata.category(character)
    if category == "Cc":
        # The pictures of control characters, U+2400 on: NUL is shown as such, not obeyed.
        return chr(0x2400 + ord(character)) if ord(character) < 0x20 else REPLACEMENT
    if category in ("Cs", "Cn"):
        return REPLACEMENT
    if category == "Cf":
        return ""
    if not emoji and (ord(character) > 0xFFFF):
        return _named(character)
    return character


def _named(character: str) -> str:
    if _EMOJI_ASTRAL.match(character):
        name = unicodedata.name(character, "emoji").lower().replace(" ", "_")
        return "" if "modifier" in name else f":{name}:"
    return REPLACEMENT
