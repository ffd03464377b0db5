"""A grid of emoji on a canvas, of which only the rows in view are drawn; it knows no search and no room.

Tk thread only.
"""

import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from tkinter import ttk
from typing import Final

from chat_client.ui.look.look import Look
from chat_client.ui.widgets.widgets import on_wheel

COLUMNS: Final = 8
ROWS: Final = 6
CELL: Final = 38
HEADING: Final = 24


@dataclass(frozen=True, slots=True)
class _Row:
    """A heading, or so many emoji."""

    top: int
    bottom: int
    heading: str
    emoji: tuple[str, ...]


class EmojiGrid(ttk.Frame):
    """The widget. ``on_take`` gets the emoji that was chosen, ``on_point`` the one that Return would take."""

    def __init__(self, parent: tk.Misc, look: Look) -> None:
        super().__init__(parent, style="Raised.TFrame")
        self._look = look
        self._cell = look.px(CELL)
        self.on_take: Callable[[str], object] = lambda _emoji: None
        self.on_point: Callable[[str], object] = lambda _emoji: None
        self._rows: list[_Row] = []
        self._drawn: set[int] = set()
        self._at = (-1, -1)  # row and column of the keyboard's place
        self.canvas = tk.Canvas(
            self,
            width=self._cell * COLUMNS,
            height=self._cell * ROWS + look.px(HEADING),
            background=look.palette.raised,
            highlightthickness=0,
            borderwidth=0,
            yscrollcommand=self._scrolled,
        )
        self._bar = ttk.Scrollbar(
            self, orient="vertical", command=self.canvas.yview, style="Raised.Vertical.TScrollbar"
        )
        self._bar.pack(side="right", fill="y")
        self.canvas.pack(side="left")
        self.canvas.bind("<Motion>", lambda event: self._put(*self._place(event.x, event.y)))
        self.canvas.bind("<ButtonRelease-1>", self._click)
        on_wheel(self.canvas, lambda step: self.canvas.yview_scroll(step, "units"))
        self.canvas.configure(yscrollincrement=self._cell)

    @property
    def emoji(self) -> str:
        """The emoji at the keyboard's place; nothing where there is none."""
        row, column = self._at
        return self._rows[row].emoji[column] if row >= 0 else ""

    def shown(self) -> list[str]:
        """Give all that can be chosen, in the order of reading."""
        return [emoji for row in self._rows for emoji in row.emoji]

    def fill(self, sections: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Show other emoji, each section under its heading, and put the keyboard's place on the first one."""
        top, self._rows = 0, []
        for heading, emoji in sections:
            if heading and emoji:
                self._add(top, self._look.px(HEADING), heading, ())
                top = self._rows[-1].bottom
            for start in range(0, len(emoji), COLUMNS):
                self._add(top, self._cell, "", tuple(emoji[start : start + COLUMNS]))
                top = self._rows[-1].bottom
        self.canvas.delete("all")
        self._drawn.clear()
        self.canvas.configure(scrollregion=(0, 0, self._cell * COLUMNS, max(1, top)))
        self.canvas.yview_moveto(0)
        self._draw()
        self._at = (-1, -1)
        self._put(next((at for at, row in enumerate(self._rows) if row.emoji), -1), 0)

    def _add(self, top: int, height: int, heading: str, emoji: tuple[str, ...]) -> None:
        self._rows.append(_Row(top, top + height, heading, emoji))

    # Drawing

    def _scrolled(self, first: float, last: float) -> None:
        self._bar.set(first, last)
        self._draw()

    def _draw(self) -> None:
        """Draw the rows that have come into view."""
        top = self.canvas.canvasy(0)
        bottom = top + int(self.canvas.cget("height"))
        for at, row in enumerate(self._rows):
            if row.bottom > top and row.top < bottom and at not in self._drawn:
                self._drawn.add(at)
                self._draw_row(row)

    def _draw_row(self, row: _Row) -> None:
        look, middle = self._look, (row.top + row.bottom) // 2
        if row.heading:
            words = look.line(row.heading)
            font = look.font("small_bold")
            self.canvas.create_text(
                look.px(4), middle, text=words, anchor="w", font=font, fill=look.palette.muted
            )
        for column, emoji in enumerate(row.emoji):
            x = column * self._cell + self._cell // 2
            self.canvas.create_text(
                x, middle, text=emoji, font=look.font("emoji_large"), fill=look.palette.text
            )

    # Pointer and keyboard

    def _place(self, x: int, y: int) -> tuple[int, int]:
        inside, column = self.canvas.canvasy(y), x // self._cell
        for at, row in enumerate(self._rows):
            if row.top <= inside < row.bottom and 0 <= column < len(row.emoji):
                return at, column
        return -1, -1

    def _click(self, event: "tk.Event[tk.Misc]") -> None:
        place = self._place(event.x, event.y)
        if place[0] >= 0:
            self._put(*place)
            self.take()

    def _put(self, row: int, column: int) -> None:
        """Put the keyboard's place on an emoji; outside of all of them it stays where it was."""
        if row < 0:
            if self._at[0] < 0:
                self.on_point("")
            return
        if (row, column) == self._at:
            return
        self._at = (row, column)
        self.canvas.delete("cursor")
        left, top, look = column * self._cell, self._rows[row].top, self._look
        self.canvas.create_rectangle(
            left + 1,
            top + 1,
            left + self._cell - 2,
            top + self._cell - 2,
            fill=look.palette.selection,
            outline=look.palette.accent,
            width=look.px(1.5),
            tags="cursor",
        )
        self.canvas.tag_lower("cursor")
        self.on_point(self.emoji)

    def move(self, across: int, down: int) -> str:
        """Move the keyboard's place: to the next emoji, or to the same column of another row."""
        places = [(at, column) for at, row in enumerate(self._rows) for column in range(len(row.emoji))]
        if not places or self._at not in places:
            return "break"
        if across:
            to = max(0, min(len(places) - 1, places.index(self._at) + across))
            self._put(*places[to])
        else:
            rows = [at for at, row in enumerate(self._rows) if row.emoji]
            row = rows[max(0, min(len(rows) - 1, rows.index(self._at[0]) + down))]
            self._put(row, min(self._at[1], len(self._rows[row].emoji) - 1))
        self._see()
        return "break"

    def _see(self) -> None:
        row = self._rows[self._at[0]]
        top, height = self.canvas.canvasy(0), int(self.canvas.cget("height"))
        if row.top < top or row.bottom > top + height:
            # Of the first row its heading comes into view, too.
            first = row.top - self._look.px(HEADING) if row.top < top else row.bottom - height
            total = max(1, self._rows[-1].bottom)
            self.canvas.configure(yscrollincrement=0)
            self.canvas.yview_moveto(max(0, first) / total)
            self.canvas.configure(yscrollincrement=self._cell)

    def take(self) -> str:
        """Choose the emoji at the keyboard's place."""
        if self.emoji:
            self.on_take(self.emoji)
        return "break"
