"""Text for a terminal: what is safe to show, how wide it is, and tables; it must not know what the words
mean.
"""

import unicodedata
from collections.abc import Sequence
from typing import Final

from chat_protocol.printable import escape

_ZERO_WIDTH: Final = frozenset({"Mn", "Me", "Cf"})
GAP: Final = "  "


def safe(text: str) -> str:
    """Return the text on one line, with everything that could move the cursor or turn the direction made
    visible.

    People choose their names and write their messages freely; a terminal obeys what it is sent.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(char) for char in text)


def safe_block(text: str) -> str:
    """Return the text with its line breaks kept, otherwise as :func:`safe`."""
    return "\n".join(safe(line) for line in text.split("\n"))


def width(text: str) -> int:
    """Return how many columns the text takes."""
    if text.isascii():
        return len(text)
    return sum(_char_width(char) for char in text)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out rows under their headings; the cells have to be safe already."""
    widths = [max(map(width, column)) for column in zip(headings, *rows, strict=True)]
    lines = [_row(headings, widths), _row(["-" * size for size in widths], widths)]
    lines.extend(_row(row, widths) for row in rows)
    return "\n".join(lines)


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (size - width(cell)) for cell, size in zip(cells, widths, strict=True))
    return GAP.join(padded).rstrip()


def _shown(char: str) -> str:
    return " ⏎ " if char == "\n" else escape(char)


def _char_width(char: str) -> int:
    if unicodedata.category(char) in _ZERO_WIDTH:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
