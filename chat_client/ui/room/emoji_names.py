"""Emoji by the words of both languages; it makes no widget.

English names are Unicode's own, French ones stand in `emoji_names_fr.txt`, with their source and licence.
"""

import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

from chat_protocol.names import fold_text

_LIST: Final = Path(__file__).with_name("emoji_names_fr.txt")
#: Letters to type before emoji are offered: fewer are in `12:30`, `:)` and `note: a`.
LETTERS_MIN: Final = 2
#: Where in Unicode faces, people, things and places begin, in the order in which they are looked for.
_BLOCKS: Final = (
    range(0x1F600, 0x1F650),
    range(0x1F900, 0x1FB00),
    range(0x1F300, 0x1F600),
    range(0x1F680, 0x1F700),
    range(0x2600, 0x27C0),
)


@cache
def _table() -> tuple[tuple[str, str, str, str], ...]:
    """Read the list once: each emoji with both names, and the words of both as they are compared."""
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    found = []
    for emoji, _space, french in (line.partition(" ") for line in lines if not line.startswith("#")):
        english = unicodedata.name(emoji[0], "").lower()
        if english:  # what this Python is too old for, the fonts beside it mostly are, too
            found.append((emoji, english, french, f" {fold_text(english)} {fold_text(french)}"))
    return tuple(found)


def find_emoji(query: str, language: str, limit: int) -> list[tuple[str, str]]:
    """Return emoji of which a word, in either language, begins so, those with the shortest names first.

    :param language: `fr` for French names; otherwise English ones.
    :return: each with its name.
    """
    wanted = fold_text(query.replace("_", " ")).strip()
    if len(wanted) < LETTERS_MIN:
        return []
    found = [entry for entry in _table() if f" {wanted}" in entry[3]]
    found.sort(key=lambda entry: len(entry[3]))
    return [
        (emoji, french if language == "fr" else english) for emoji, english, french, _words in found[:limit]
    ]


@cache
def all_emoji() -> tuple[str, ...]:
    """Return all that have a name, faces first."""
    return tuple(sorted((entry[0] for entry in _table()), key=_block))


def _block(emoji: str) -> int:
    return next((at for at, block in enumerate(_BLOCKS) if ord(emoji[0]) in block), len(_BLOCKS))


@cache
def _by_emoji() -> dict[str, tuple[str, str]]:
    return {emoji: (english, french) for emoji, english, french, _words in _table()}


def emoji_name(emoji: str, language: str) -> str:
    """Return the name of an emoji in a language; nothing where it has none."""
    english, french = _by_emoji().get(emoji, (unicodedata.name(emoji[:1], "").lower(), ""))
    return french if language == "fr" and french else english
