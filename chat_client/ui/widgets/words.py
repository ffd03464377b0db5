"""Words that may hold emoji, as a label and in fields: each emoji in the font of emoji; Tk thread only.

A label of Tk takes each character from the first font that has it, so that one emoji came in colour and the
next one as black strokes. It knows no room and no message.
"""

import tkinter as tk
from itertools import islice
from typing import Final, Literal

from chat_client.ui.look.look import Look
from chat_client.ui.look.mixed import EMOJI
from chat_client.ui.look.styles import LABELS

#: So many runs of emoji get their font in one field: marking thousands at each key would hold the window up.
MARKED_MAX: Final = 300


class Words(tk.Canvas):
    """A label for what somebody else wrote.

    :param style: of a label, without its end: ``Paper.Muted``.
    :param wrap: how many pixels a line may take; 0: it is one line.
    :param filled: it takes the width that it is given, and asks for none.
    :param font: another one than the style's.
    """

    def __init__(
        self,
        parent: tk.Misc,
        look: Look,
        style: str,
        text: str = "",
        *,
        wrap: int = 0,
        justify: Literal["left", "center"] = "left",
        filled: bool = False,
        font: str = "",
    ) -> None:
        surface, _dot, prefix = style.partition(".")
        colour, usual = next((c, f) for p, c, f in LABELS if p.rstrip(".") == prefix)
        ground = look.theme.colour(surface.lower())
        super().__init__(parent, background=ground, width=1, highlightthickness=0, borderwidth=0)
        self._font, self._ink = look.mixed(font or usual), look.theme.colour(colour)
        self._wrap, self._justify, self._filled = wrap, justify, filled
        self.text = ""
        self._lines: list[str] = []
        self.say(text)

    def say(self, text: str) -> None:
        """Show other words."""
        self.text = text
        self._arrange()

    def wrap(self, pixels: int) -> None:
        """Let a line take so many pixels."""
        if pixels != self._wrap:
            self._wrap = pixels
            self._arrange()

    def paint(self, ink: str, ground: str) -> None:
        """Show the words in other colours."""
        self._ink = ink
        self.configure(background=ground)
        self._draw()

    def _arrange(self) -> None:
        self._lines = self._font.wrapped(self.text, self._wrap)
        height = max(1, len(self._lines)) * self._font.linespace
        width = 1 if self._filled else max(map(self._font.measure, self._lines), default=1)
        self.configure(height=height, width=max(1, width))
        self._draw()

    def _draw(self) -> None:
        self.delete("all")
        width, high = int(self.cget("width")), self._font.linespace
        for number, line in enumerate(self._lines):
            if self._justify == "center":
                self._font.draw(self, width / 2, number * high, line, self._ink, "n")
            else:
                self._font.draw(self, 0, number * high, line, self._ink, "nw")


def mark_emoji(field: tk.Text, look: Look) -> None:
    """Give the emoji in a field of the body's font the font of emoji."""
    words = field.get("1.0", "end-1c")
    field.tag_remove("emoji", "1.0", "end")
    if words.isascii():
        return
    field.tag_configure("emoji", font=look.font("emoji"))
    for match in islice(EMOJI.finditer(words), MARKED_MAX):
        field.tag_add("emoji", f"1.0+{match.start()}c", f"1.0+{match.end()}c")


def keep_emoji_marked(field: tk.Text, look: Look) -> None:
    """Mark the emoji in a field whenever its text has become another."""

    def changed(_event: object) -> None:
        if field.edit_modified():
            field.edit_modified(False)
            mark_emoji(field, look)

    field.bind("<<Modified>>", changed)
