"""Lays out the panes beside the timeline: what there is space for, and what was asked for; Tk thread only."""

import tkinter as tk
from collections.abc import Callable, Mapping
from tkinter import ttk

from chat_client.ui.look.look import Look

#: Narrower windows (in the design's units) hide the first pane at the right until it is asked for.
WIDE = 940
#: The timeline is not made narrower than this by a pane.
NARROWEST = 320


class Panes:
    """The layout of one window: ``left``, ``middle``, and one of ``asides`` at the right.

    The first of ``asides`` belongs to the room: it is there by itself where the window is wide, and only
    where ``room_has_one`` says so. The others are there while they are asked for.
    """

    def __init__(
        self,
        window: tk.Frame,
        look: Look,
        left: ttk.Frame,
        middle: ttk.Frame,
        asides: Mapping[str, ttk.Frame],
        room_has_one: Callable[[], bool],
    ) -> None:
        self._window = window
        self._look = look
        self._left = left
        self._middle = middle
        self._asides = asides
        self._room_has_one = room_has_one
        self._usual = next(iter(asides))
        self._chosen = self._usual
        self._usual_wanted: bool | None = None
        self._arranged_width = 0
        self._arranged_with_usual = False
        self._left_line = tk.Frame(window, width=1, background=look.palette.line)
        self._right_line = tk.Frame(window, width=1, background=look.palette.line)
        left.pack(side="left", fill="y")
        self._left_line.pack(side="left", fill="y")
        middle.pack(side="left", fill="both", expand=True)
        window.bind("<Configure>", lambda _event: self._resized())

    def choose(self, name: str = "") -> None:
        """Show one of the panes at the right; without a name the usual one."""
        self._chosen = name or self._usual
        self.arrange()

    def toggle_usual(self) -> None:
        """Show or hide the usual pane."""
        shown = bool(self._asides[self._usual].winfo_manager())
        self._usual_wanted = not shown
        self.choose()

    def follow(self) -> None:
        """Arrange again where the open room has a pane of its own now, or none any more."""
        if self._room_has_one() != self._arranged_with_usual:
            self.arrange()

    def _resized(self) -> None:
        if self._window.winfo_width() != self._arranged_width:
            self.arrange()

    def arrange(self) -> None:
        """Pack what is to be seen at the present width."""
        self._arranged_width = width = self._window.winfo_width()
        self._arranged_with_usual = self._room_has_one()
        shown = self._chosen if self._is_wanted(width) else ""
        for name, pane in self._asides.items():
            if name != shown:
                pane.pack_forget()
        self._right_line.pack_forget()
        space = width - int(self._left.cget("width"))
        if shown:
            pane = self._asides[shown]
            pane.pack(side="right", fill="y", before=self._middle)
            self._right_line.pack(side="right", fill="y", before=self._middle)
            space -= int(pane.cget("width"))
        self._show_left(space >= self._look.px(NARROWEST))

    def _is_wanted(self, width: int) -> bool:
        if self._chosen != self._usual:
            return True
        if not self._room_has_one():
            return False
        return width >= self._look.px(WIDE) if self._usual_wanted is None else self._usual_wanted

    def _show_left(self, shown: bool) -> None:
        """In a narrow window the pane at the right takes the place of the one at the left."""
        if shown and not self._left.winfo_manager():
            self._left.pack(side="left", fill="y", before=self._middle)
            self._left_line.pack(side="left", fill="y", before=self._middle)
        elif not shown:
            self._left.pack_forget()
            self._left_line.pack_forget()
