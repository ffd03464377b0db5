"""A list on a sheet, of words with buttons beside them, that scrolls and has a next page; Tk thread only."""

import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from tkinter import ttk

from chat_client.i18n import _
from chat_client.ui.look.look import Look
from chat_client.ui.widgets.scroller import Scroller
from chat_client.ui.widgets.widgets import button, on_event
from chat_client.ui.widgets.words import Words

_SURROUNDINGS = 320  # design units of a sheet that are not its list: the list leaves them in a low window
_BUTTON_WIDE = 130


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One row.

    :param head: what it is, in bold.
    :param detail: what else there is to say, below.
    :param act: the words of its button; none where they are empty.
    :param danger: whether the detail tells of something refused.
    :param other: the words of a second button, likewise.
    """

    head: str
    detail: str
    act: str = ""
    on_act: Callable[[], object] = lambda: None
    danger: bool = False
    other: str = ""
    on_other: Callable[[], object] = lambda: None


class ListedRows(ttk.Frame):
    """The widget.

    :param width: of a row, in pixels.
    :param height: of the list, in design units.
    :param on_more: asks for the next page.
    """

    def __init__(
        self, parent: tk.Misc, look: Look, width: int, height: int, on_more: Callable[[], object]
    ) -> None:
        super().__init__(parent, style="Raised.TFrame")
        self._look, self._width = look, width
        shown = ttk.Frame(self, style="Raised.TFrame")
        shown.pack(fill="x")
        ring = look.px(2)
        self.scroller = Scroller(
            shown, look, width - look.px(14) - 2 * ring, margin=0, surface="raised", at_top=True
        )
        self.scroller.configure(
            height=list_height(look, height),
            takefocus=True,  # rows without a button are read with the keyboard as well
            highlightthickness=ring,
            highlightbackground=look.palette.raised,
            highlightcolor=look.palette.accent,
        )
        self.bar = ttk.Scrollbar(shown, command=self.scroller.yview, style="Raised.Vertical.TScrollbar")
        self.scroller.configure(yscrollcommand=self.bar.set)
        self.scroller.pack(side="left", fill="both", expand=True)
        line, page = look.px(48), look.px(240)
        for key, pixels in (("Up", -line), ("Down", line), ("Prior", -page), ("Next", page)):
            self.scroller.bind(f"<{key}>", on_event(self._scroll, pixels))
        for key, part in (("Home", 0.0), ("End", 1.0)):
            self.scroller.bind(f"<{key}>", on_event(self.scroller.yview_moveto, part))
        self.more = button(self, _("list.more"), on_more, surface="raised")
        self.rows: list[tuple[str, ttk.Button | None]] = []
        self.others: list[ttk.Button | None] = []

    def fill(self, rows: Sequence[ListedRow], empty: str, *, more: bool = False) -> None:
        """Show other rows, or say why there are none.

        :param more: whether there is another page.
        """
        inside = self.scroller.inside
        had_focus = str(self.focus_get() or "").startswith(str(inside))
        for child in inside.winfo_children():
            child.destroy()
        self.others = []
        self.rows = [self._row(row) for row in rows]
        if not rows and empty:
            ttk.Label(inside, text=empty, style="Raised.Muted.TLabel").pack(anchor="w")
        self.more.pack_forget()
        if more:
            self.more.pack(anchor="w", pady=(self._look.px(8), 0))
        inside.update_idletasks()
        self.bar.pack_forget()
        ring = self._look.px(2)
        self.scroller.widen(self._width - ring)
        if inside.winfo_reqheight() > int(self.scroller.cget("height")):
            self.bar.pack(side="right", fill="y", before=self.scroller)
            self.scroller.widen(self._width - self._look.px(14) - 2 * ring)
        self.scroller.watch()
        if had_focus:
            self.take_focus()

    def _scroll(self, pixels: int) -> str:
        self.scroller.yview_scroll(pixels, "units")
        return "break"

    def take_focus(self) -> bool:
        """Give the keyboard to the first button of the list; False where there is none."""
        first = next((made for _words, made in self.rows if made is not None), None)
        if first is not None:
            first.focus_set()
        return first is not None

    def _row(self, row: ListedRow) -> tuple[str, ttk.Button | None]:
        look = self._look
        frame = ttk.Frame(self.scroller.inside, style="Raised.TFrame")
        frame.pack(fill="x", pady=look.px(4))
        wrap = self._width - look.px(40)
        made = button(frame, row.act, row.on_act, surface="raised") if row.act else None
        other = button(frame, row.other, row.on_other, surface="raised") if row.other else None
        for one in (other, made):  # from the right
            if one is not None:
                one.pack(side="right", padx=(look.px(8), 0))
                wrap -= look.px(_BUTTON_WIDE)
        Words(frame, look, "Raised.Bold", look.line(row.head), wrap=wrap).pack(anchor="w")
        style = "Raised.Danger" if row.danger else "Raised.Small"
        if row.detail:
            Words(frame, look, style, look.line(row.detail), wrap=wrap).pack(anchor="w")
        self.others.append(other)
        return f"{row.head}: {row.detail}", made


def list_height(look: Look, wanted: int) -> int:
    """Return how many pixels high a list of a sheet is: as wanted, or what the window leaves."""
    left = look.root.winfo_height() - look.px(_SURROUNDINGS)
    return max(look.px(90), min(look.px(wanted), left))
