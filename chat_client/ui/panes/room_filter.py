"""The field above the list of rooms that leaves those whose name fits; it opens at the first letter typed.

Tk thread only; which rooms fit it does not know.
"""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from chat_client.ui.look.look import Look
from chat_client.ui.widgets.row_list import RowList

_CONTROL_OR_ALT = 0x4 | 0x8 | 0x20000


class RoomFilter:
    """The field.

    :param rooms: the list: letters typed there come here, and arrows typed here move its place.
    :param changed: called when something else is to be shown.
    """

    def __init__(self, parent: tk.Misc, look: Look, rooms: RowList, changed: Callable[[], object]) -> None:
        self._look, self._list, self._changed = look, rooms, changed
        self._text = tk.StringVar(parent)
        self.entry = ttk.Entry(parent, textvariable=self._text, style="Side.TEntry", font=look.font("body"))
        rooms.follow_keys(self.entry)
        self.entry.bind("<Escape>", lambda _event: self._escape())
        rooms.canvas.bind("<Key>", self._typed)
        rooms.canvas.bind("<Escape>", lambda _event: self._escape())
        self._text.trace_add("write", lambda *_args: self._show_marked())

    @property
    def query(self) -> str:
        """What is typed; empty where nothing is to be left out."""
        return self._text.get().strip() if self.entry.winfo_manager() else ""

    def open(self) -> None:
        """Show the field and give it the keyboard; once more, take it away."""
        if self.entry.winfo_manager() and self.entry.focus_get() is self.entry:
            self._escape()
            return
        self.entry.pack(fill="x", pady=(self._look.px(6), 0))
        self.entry.update_idletasks()  # what is not mapped yet would get the keyboard later
        self.entry.focus_set()

    def close(self) -> None:
        """Take the field away: all rooms are shown."""
        if self.entry.winfo_manager():
            self.entry.pack_forget()
            self._text.set("")

    def _show_marked(self) -> None:
        self._list.mark = bool(self.query)
        self._changed()

    def _typed(self, event: "tk.Event[tk.Misc]") -> str | None:
        """Take a letter that was typed into the list."""
        if not event.char.strip() or not event.char.isprintable() or int(event.state) & _CONTROL_OR_ALT:
            return None
        if not self.entry.winfo_manager():
            self.open()
        self.entry.focus_set()
        self.entry.insert("end", event.char)
        return "break"

    def _escape(self) -> str:
        self.close()
        self._list.canvas.focus_set()
        return "break"
