"""Cuts text into the words of the search index, the same way for messages and for queries. No SQL, no thread.

Each word is folded (`fold_text`), spelled in ASCII and marked with `w_`: no database's own idea of letters,
stop words or shortest words can then make a difference between the databases.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from chat_protocol.names import fold_text

MARK: Final = "w_"
WORD_MAX_CHARS: Final = 80  # InnoDB leaves longer words than 84 out of its index
KNOWN_MAX: Final = 50_000  # characters whose folding and spelling are remembered
FILE_MARK: Final = "w___"  # of the words of files' names alone; no spelled word begins with two `_`
ANY_FILE: Final = "w____"  # stands for any file
GAP: Final = "."  # stands between words that do not follow each other

# Scripts that put no space between words, or join particles to them: Thai to Myanmar, Khmer, Kana, Han,
# Hangul.
_RUN_ON = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUNS = re.compile(f"[{_RUN_ON}]+|[^{_RUN_ON}]+")
_RUN = re.compile(f"[{_RUN_ON}]+")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_ASCII_GAPS: Final = {code: " " for code in range(128) if not chr(code).isalnum()}
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_WORD_CATEGORIES = "LN"
_SYMBOL = "So"  # emoji among them: each is a word of its own
_JOINERS = frozenset({"Mn", "Mc", "Me", "Cf", "Sk"})  # leave no gap: marks, zero-width signs, skin tones


class _Folding(dict[str, str]):
    """What each character becomes in the index, found out once per character."""

    def __missing__(self, char: str) -> str:
        folded = "".join(map(_part, fold_text(char)))
        if not folded and unicodedata.category(char) not in _JOINERS:
            folded = " "
        _make_room(self)
        self[char] = folded
        return folded


class _Spelling(dict[str, str]):
    """How each character is written in ASCII: letters and digits as they are, others as `_` and 4 digits."""

    def __missing__(self, char: str) -> str:
        _make_room(self)
        self[char] = spelled = _spelled(char)
        return spelled


def _make_room(known: dict[str, str]) -> None:
    # Nobody speaks with so many characters: somebody sends them one by one to fill the memory.
    if len(known) > KNOWN_MAX:
        known.clear()


def _part(char: str) -> str:
    category = unicodedata.category(char)
    if category[0] in _WORD_CATEGORIES:
        return char
    if category == _SYMBOL:
        return f" {char} "
    return "" if category in _JOINERS else " "


def _spelled(char: str) -> str:
    if char.isascii() and char.isalnum():
        return char
    code, digits = ord(char), ""
    for _ in range(4):
        code, digit = divmod(code, 36)
        digits = _DIGITS[digit] + digits
    return "_" + digits


_folding = _Folding()
_spelling = _Spelling()


def words_of(text: str) -> list[str]:
    """Return the words of a text in their order.

    A run of a script without spaces gives each two neighbouring characters as a word, so that any part of it
    that is longer than one character is a sequence of words.
    """
    words: list[str] = []
    for piece in _pieces(text):
        if piece.isascii():
            words.append(MARK + piece[:WORD_MAX_CHARS])
            continue
        for run in _RUNS.findall(piece):
            if _RUN.match(run):
                words += map(_word, map("".join, pairwise(run)) if len(run) > 1 else [run])
            else:
                words.append(_word(run))
    return words


def is_unspaced_script(char: str) -> bool:
    """Tell whether a character is of a script without spaces: any part of a run is found, as it is."""
    return _RUN.match(char) is not None


def file_words_of(name: str) -> list[str]:
    """Return the words of a file's name as they are found by `file:` alone."""
    return [FILE_MARK + word.removeprefix(MARK) for word in words_of(name)]


def index_text(text: str, file_names: Sequence[str] = ()) -> str:
    """Return what the index keeps of a message: its words, each between spaces.

    The single characters of scripts without spaces follow after a gap, to be found alone; the names of files
    are there twice, as words like any others and as words of names.
    """
    words = words_of(text)
    for name in file_names:
        words += [GAP, *words_of(name), GAP, *file_words_of(name)]
    single = {
        char
        for part in (text, *file_names)
        if not part.isascii()
        for piece in _pieces(part)
        for run in _RUN.findall(piece)
        for char in run
    }
    if single:
        words += [GAP, *sorted(map(_word, single))]
    if file_names:
        words += [GAP, ANY_FILE]
    return f" {' '.join(words)} "


def _pieces(text: str) -> list[str]:
    if not text.isascii():
        text = _NOT_ASCII.sub(_fold_match, unicodedata.normalize("NFC", text))
    # What is left besides ASCII is folded already.
    return text.lower().translate(_ASCII_GAPS).split()


def _fold_match(match: re.Match[str]) -> str:
    return _folding[match[0]]


def _word(piece: str) -> str:
    return MARK + "".join(map(_spelling.__getitem__, piece))[:WORD_MAX_CHARS]
