"""A list of rows with pictures, badges and headings, drawn on a canvas; knows no room and no person.

Only the rows in view are drawn, so that ten thousand cost no more than ten. Tk thread only.
"""

import tkinter as tk
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate
from tkinter import ttk

from chat_client.ui.look.look import Look
from chat_client.ui.timer import Timer
from chat_client.ui.widgets.row_drawing import Row, RowPainter, RowState
from chat_client.ui.widgets.widgets import Tooltip, on_event, on_plain_key, on_wheel


class RowList(ttk.Frame):
    """The widget. ``on_choose`` gets a key at a click or Return, ``on_menu`` a key and a place."""

    def __init__(self, parent: tk.Misc, look: Look, *, surface: str = "side", empty: str = "") -> None:
        super().__init__(parent, style=f"{surface.capitalize()}.TFrame")
        self._look = look
        self._ground = look.theme.colour(surface)
        self._surface = surface
        self._empty = empty
        self.rows: Sequence[Row] = ()
        self._tops: list[int] = [0]
        self._offset = 0
        self._hovered = -1
        self.cursor = -1
        #: Show the keyboard's place also while another widget has the keyboard (a field above the list).
        self.mark = False
        self.on_choose: Callable[[str], object] = lambda _key: None
        self.on_menu: Callable[[str, int, int], object] = lambda _key, _x, _y: None
        self.on_near_end: Callable[[], object] = lambda: None
        self.canvas = tk.Canvas(
            self,
            background=self._ground,
            highlightthickness=0,
            borderwidth=0,
            takefocus=self._takes_tab,
            width=10,
            height=10,
        )
        self._bar = ttk.Scrollbar(
            self, orient="vertical", command=self._drag, style=f"{surface.capitalize()}.Vertical.TScrollbar"
        )
        self.canvas.pack(side="left", fill="both", expand=True)
        self._painter = RowPainter(look, self.canvas, surface)
        self._drawing = Timer(self.canvas, self._draw)
        self.tip = Tooltip(look, self.canvas, "")
        self._bind_events()
        look.pictures.follow(self.canvas, self.redraw)

    def _bind_events(self) -> None:
        canvas = self.canvas
        canvas.bind("<Configure>", lambda _event: self._refresh())
        canvas.bind("<Motion>", lambda event: self._hover(self._index_at(event.y)))
        canvas.bind("<Leave>", lambda _event: self._hover(-1), add="+")
        canvas.bind("<Button-1>", self._click)
        for event in (
            ("<Button-2>", "<Button-3>")
            if canvas.tk.call("tk", "windowingsystem") == "aqua"
            else ("<Button-3>",)
        ):
            canvas.bind(event, self._context)
        canvas.bind("<FocusIn>", lambda _event: self._focus_in())
        canvas.bind("<FocusOut>", lambda _event: self.redraw())
        for key, step in (
            ("Up", -1),
            ("Down", 1),
            ("Prior", -8),
            ("Next", 8),
            ("Home", -(10**6)),
            ("End", 10**6),
        ):
            on_plain_key(canvas, key, partial(self.move_cursor, step))
        for key in ("Return", "KP_Enter", "space"):
            on_plain_key(canvas, key, self.choose_cursor)
        for key in ("Menu", "Shift-F10"):
            canvas.bind(f"<{key}>", lambda _event: self._cursor_menu())
        on_wheel(canvas, lambda step: self.scroll(step * self._look.px(48)))

    # Contents

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show other rows; the place in the list stays where it can."""
        if rows == self.rows:
            return
        key = self.rows[self.cursor].key if 0 <= self.cursor < len(self.rows) else ""
        self.rows = rows
        self._tops = [0, *accumulate(self._painter.height(row) for row in rows)]
        self.cursor = next((index for index, row in enumerate(rows) if row.key and row.key == key), -1)
        self._refresh()

    @property
    def content_height(self) -> int:
        """How many pixels all rows take."""
        return self._tops[-1]

    def texts(self) -> list[str]:
        """Give the titles of all rows as they are read from top to bottom."""
        return [row.title for row in self.rows]

    # Scrolling

    def _refresh(self) -> None:
        self.scroll(0)
        needed = self._tops[-1] > self.canvas.winfo_height() > 1
        if needed and not self._bar.winfo_manager():
            self._bar.pack(side="right", fill="y")
        elif not needed and self._bar.winfo_manager():
            self._bar.pack_forget()

    def scroll(self, pixels: int) -> None:
        """Move the view, and draw it anew."""
        limit = max(0, self._tops[-1] - self.canvas.winfo_height())
        self._offset = max(0, min(limit, self._offset + pixels))
        self.redraw()
        if pixels > 0 and self._offset >= limit - self._look.px(100):
            self.on_near_end()

    def _drag(self, command: str, amount: str, unit: str = "") -> None:
        if command == "moveto":
            self.scroll(round(float(amount) * self._tops[-1]) - self._offset)
        else:
            self.scroll(int(amount) * (self.canvas.winfo_height() if unit == "pages" else self._look.px(40)))

    def see(self, index: int) -> None:
        """Scroll until a row is in view."""
        if 0 <= index < len(self.rows):
            top, bottom = self._tops[index], self._tops[index + 1]
            if top < self._offset:
                self.scroll(top - self._offset)
            elif bottom > self._offset + self.canvas.winfo_height():
                self.scroll(bottom - self._offset - self.canvas.winfo_height())

    # Pointer and keyboard

    def _takes_tab(self, _widget: str) -> bool:
        """Say whether Tab stops here: in a list without rows nothing would show the keyboard."""
        return bool(self.canvas.winfo_viewable()) and any(row.key for row in self.rows)

    def _index_at(self, y: int) -> int:
        index = bisect_right(self._tops, y + self._offset) - 1
        return index if 0 <= index < len(self.rows) and self.rows[index].key else -1

    def _hover(self, index: int) -> None:
        if index != self._hovered:
            self._hovered = index
            self.canvas.configure(cursor="hand2" if index >= 0 else "")
            self._show_whole(index)
            self.redraw()

    def _show_whole(self, index: int) -> None:
        """Say the whole text of a row that is shortened, under it."""
        words = self._painter.shortened.get(self.rows[index].key, "") if index >= 0 else ""
        below = self._tops[index + 1] - self._offset if index >= 0 else 0
        self.tip.point(words, self._look.px(24), below)

    def _click(self, event: "tk.Event[tk.Misc]") -> None:
        index = self._index_at(event.y)
        if index >= 0:
            self.cursor = index
            self.on_choose(self.rows[index].key)

    def _context(self, event: "tk.Event[tk.Misc]") -> None:
        index = self._index_at(event.y)
        if index >= 0:
            self.on_menu(self.rows[index].key, event.x_root, event.y_root)

    def _cursor_menu(self) -> None:
        if self.cursor >= 0:
            self.on_menu(self.rows[self.cursor].key, *self.cursor_place())

    def cursor_place(self) -> tuple[int, int]:
        """Give the place on the screen under the row that was chosen last, for a menu."""
        below = self._tops[self.cursor + 1] - self._offset
        return self.canvas.winfo_rootx() + self._look.px(24), self.canvas.winfo_rooty() + below

    def _focus_in(self) -> None:
        if self.cursor < 0:
            self.cursor = next((index for index, row in enumerate(self.rows) if row.selected), -1)
            if self.cursor < 0:
                self.move_cursor(1)
        self.redraw()

    def move_cursor(self, step: int) -> str:
        """Move the keyboard's place by rows that can be chosen."""
        choosable = [
            index for index, row in enumerate(self.rows) if row.key and (row.folded or not row.heading)
        ]
        if choosable:
            place = (
                choosable.index(self.cursor)
                if self.cursor in choosable
                else (-1 if step > 0 else len(choosable))
            )
            self.cursor = choosable[max(0, min(len(choosable) - 1, place + step))]
            self.see(self.cursor)
            self.redraw()
        return "break"

    def follow_keys(self, field: tk.Misc) -> None:
        """Let the arrows of a field above the list move the keyboard's place, and Return choose it."""

        def step(rows: int) -> str:
            self.mark = True
            return self.move_cursor(rows)

        for key, rows in (("Up", -1), ("Down", 1), ("Prior", -8), ("Next", 8)):
            field.bind(f"<{key}>", on_event(step, rows))
        for key in ("Return", "KP_Enter"):
            field.bind(f"<{key}>", lambda _event: self.choose_cursor())

    def put_cursor(self, key: str) -> None:
        """Put the keyboard's place on the row with a key."""
        self.cursor = next((index for index, row in enumerate(self.rows) if row.key and row.key == key), -1)
        self.see(self.cursor)
        self.redraw()

    def choose_cursor(self) -> str:
        """Choose the row at the cursor."""
        if 0 <= self.cursor < len(self.rows):
            self.on_choose(self.rows[self.cursor].key)
        return "break"

    # Drawing

    def redraw(self) -> None:
        """Draw what is in view once this event has been handled."""
        self._drawing.soon()

    def _draw(self) -> None:
        canvas = self.canvas
        canvas.delete("all")
        self._painter.shortened.clear()
        height = canvas.winfo_height()
        total = max(1, self._tops[-1])
        self._bar.set(self._offset / total, min(1.0, (self._offset + height) / total))
        if not self.rows and self._empty:
            look = self._look
            canvas.create_text(
                canvas.winfo_width() // 2,
                look.px(28),
                text=self._empty,
                fill=look.palette.muted,
                font=look.font("small"),
                width=canvas.winfo_width() - look.px(32),
                anchor="n",
                justify="center",
            )
        index = max(0, bisect_right(self._tops, self._offset) - 1)
        while index < len(self.rows) and self._tops[index] < self._offset + height:
            row, top = self.rows[index], self._tops[index] - self._offset
            chosen = index == self.cursor
            focused = chosen and canvas.focus_get() is canvas
            marked = row.selected or (self.mark and chosen)
            self._painter.draw(
                row,
                top,
                self._tops[index + 1] - self._tops[index],
                RowState(hovered=index == self._hovered, focused=focused, marked=marked),
            )
            index += 1


__all__ = ["Row", "RowList"]
