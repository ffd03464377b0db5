"""The words of a typed line, with their places and quotes; it knows no command and refuses no line."""

from dataclasses import dataclass
from typing import Final

QUOTES: Final = "\"'"


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a line.

    :param text: the word without its quotes.
    :param start: where it begins in the line, the quote included.
    :param end: where it ends in the line, exclusive.
    :param quoted: whether any part of it stood in quotes, which makes it no option and no command word.
    """

    text: str
    start: int
    end: int
    quoted: bool = False


def split(line: str) -> list[Token]:
    """Split a line at white space.

    A quote opens at the beginning of a word or after a comma, and closes at the same quote before white
    space, a comma or the end; any other quote is a character like the rest, so `don't` and a forgotten quote
    are no errors.
    """
    tokens: list[Token] = []
    place = 0
    while place < len(line):
        if line[place].isspace():
            place += 1
            continue
        token = _word(line, place)
        tokens.append(token)
        place = token.end
    return tokens


def quote(word: str) -> str:
    """Write a word so that :func:`split` reads it as one."""
    if word and not any(char.isspace() for char in word) and word[0] not in QUOTES:
        return word
    mark = QUOTES[0] if QUOTES[0] not in word else QUOTES[1]
    return f"{mark}{word}{mark}"


def _word(line: str, start: int) -> Token:
    parts: list[str] = []
    place = start
    quoted = False
    while place < len(line) and not line[place].isspace():
        close = _closing(line, place) if _may_open(line, start, place) else -1
        if close >= 0:
            parts.append(line[place + 1 : close])
            quoted = True
            place = close + 1
        else:
            parts.append(line[place])
            place += 1
    return Token("".join(parts), start, place, quoted)


def _may_open(line: str, start: int, place: int) -> bool:
    return line[place] in QUOTES and (place == start or line[place - 1] in ",=")


def _closing(line: str, opening: int) -> int:
    """Return the place of the quote that closes the one at `opening`, or -1."""
    mark = line[opening]
    close = line.find(mark, opening + 1)
    while close >= 0:
        after = line[close + 1 : close + 2]
        if not after or after.isspace() or after == ",":
            return close
        close = line.find(mark, close + 1)
    return -1
