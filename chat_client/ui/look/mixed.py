"""Text with emoji on a canvas: the emoji in a font of their own, beside those of text; knows no room.

Text fonts have some emoji too, as black strokes. Tk takes a character from the first font that has it, so
that the same line showed one emoji in colour and the next one in black.
"""

import re
import sys
import tkinter as tk
from tkinter import font as tkfont
from typing import Final, Literal

Anchor = Literal["w", "nw", "sw", "n", "e", "ne", "se", "center"]

#: Where several emoji are drawn as one, what joins them belongs to the run. Xft draws each by itself, and the
#: joiner of an emoji font as a gap; that of a text font takes no room.
_JOINER: Final = "\u200d?" if sys.platform in ("darwin", "win32") else ""

#: Runs of emoji; those of text that only look like them (arrows, digits in a box) are none.
EMOJI: Final = re.compile(
    "((?:[\U0001f1e6-\U0001faff\u231a\u231b\u23e9-\u23f3\u25fd\u25fe\u2600-\u27bf\u2b1b\u2b1c\u2b50\u2b55]"
    "\ufe0f?" + _JOINER + ")+)"
)


class MixedFont:
    """A font for text and the one for the emoji in it.

    :param text: for text.
    :param emoji: for emoji.
    """

    def __init__(self, text: tkfont.Font, emoji: tkfont.Font) -> None:
        self.text, self.emoji = text, emoji

    def _pieces(self, line: str) -> list[tuple[str, tkfont.Font]]:
        if line.isascii():
            return [(line, self.text)] if line else []
        pieces = EMOJI.split(line)
        return [(piece, self.emoji if odd % 2 else self.text) for odd, piece in enumerate(pieces) if piece]

    def measure(self, line: str) -> int:
        """Say how many pixels a line takes."""
        return sum(font.measure(piece) for piece, font in self._pieces(line))

    def wrapped(self, text: str, width: int) -> list[str]:
        """Break a text into lines of at most ``width`` pixels, between words where possible; 0: nowhere."""
        lines: list[str] = []
        for paragraph in text.split("\n"):
            line = ""
            for word in paragraph.split(" "):
                longer = f"{line} {word}" if line else word
                if not width or self.measure(longer) <= width:
                    line = longer
                    continue
                lines += [line] if line else []
                *full, line = self._broken(word, width)
                lines += full
            lines.append(line)
        return lines

    def _broken(self, word: str, width: int) -> list[str]:
        """Break a word that is wider than a line."""
        parts = [""]
        for character in word:
            if parts[-1] and self.measure(parts[-1] + character) > width:
                parts.append("")
            parts[-1] += character
        return parts

    @property
    def linespace(self) -> int:
        """How high a line is."""
        return int(self.text.metrics("linespace"))

    def draw(
        self,
        canvas: tk.Canvas,
        x: float,
        y: float,
        line: str,
        fill: str,
        anchor: Anchor = "w",
        tags: str = "",
    ) -> None:
        """Draw one line on a canvas.

        Tk rounds half a pixel down the screen, which would cut the tails of letters off.
        """
        pieces = self._pieces(line)
        width = sum(font.measure(piece) for piece, font in pieces)
        if anchor in ("center", "n"):
            x -= width / 2
        elif anchor in ("e", "ne", "se"):
            x -= width
        middle = y
        if anchor.startswith("n"):
            middle += self.linespace // 2
        elif anchor.startswith("s"):
            middle -= (self.linespace + 1) // 2
        for piece, font in pieces:
            canvas.create_text(x, middle, text=piece, font=font, fill=fill, anchor="w", tags=tags)
            x += font.measure(piece)


class MixedLabel(tk.Canvas):
    """One line of text with emoji, as a widget."""

    def __init__(self, parent: tk.Misc, font: MixedFont, ink: str, ground: str) -> None:
        super().__init__(
            parent,
            height=font.linespace + 2,
            width=10,
            background=ground,
            highlightthickness=0,
            borderwidth=0,
        )
        self._font, self._ink = font, ink
        self.words = ""
        self._indent = 0

    def say(self, words: str) -> None:
        """Show other words."""
        if words != self.words:
            self.words = words
            self._draw()

    def indent(self, pixels: int) -> None:
        """Begin so far from the left."""
        self._indent = pixels
        self._draw()

    def _draw(self) -> None:
        self.delete("all")
        self._font.draw(self, self._indent, int(self.cget("height")) / 2, self.words, self._ink)
