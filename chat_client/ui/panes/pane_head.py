"""What panes that are asked for at the right have in common: head, place, a list; Tk thread only."""

import tkinter as tk
from tkinter import ttk

from chat_client.i18n import _
from chat_client.ui.actions import Actions
from chat_client.ui.look.look import Look
from chat_client.ui.widgets.row_list import RowList
from chat_client.ui.widgets.widgets import icon_button

#: Of such a pane, in the design's units.
WIDTH = 340


def pane_head(parent: tk.Misc, look: Look, actions: Actions, title: str) -> ttk.Frame:
    """Make the head; closing shows the members again."""
    head = ttk.Frame(parent, style="Side.TFrame")
    ttk.Label(head, text=title, style="Side.Title.TLabel").pack(side="left")
    icon_button(
        head, look, "close", _("action.close"), actions.window.show_members_again, surface="side", size=16
    ).pack(side="right")
    return head


class AskedPane(ttk.Frame):
    """A pane that is there while it is asked for."""

    def __init__(self, parent: tk.Misc, look: Look, actions: Actions, title: str) -> None:
        super().__init__(parent, style="Side.TFrame", width=look.px(WIDTH))
        self.pack_propagate(False)
        head = pane_head(self, look, actions, title)
        head.configure(padding=(look.px(16), look.px(12), look.px(8), look.px(8)))
        head.pack(fill="x")
        self.words = ttk.Label(
            self, style="Side.Small.TLabel", wraplength=look.px(WIDTH - 32), padding=(look.px(16), look.px(4))
        )

    def start(self) -> None:
        """Take the keyboard."""
        raise NotImplementedError


class ListPane(AskedPane):
    """One with a list, and words above it where there is something to say. Escape leaves it."""

    def __init__(self, parent: tk.Misc, look: Look, actions: Actions, title: str) -> None:
        super().__init__(parent, look, actions, title)
        self.list = RowList(self, look, surface="side")
        self.list.pack(fill="both", expand=True)
        self.list.canvas.bind("<Escape>", lambda _event: actions.window.show_members_again())
        self.menu = look.menu(self)

    def start(self) -> None:
        """Draw the list, and take the keyboard."""
        self.show()
        self.list.canvas.focus_set()

    def show(self) -> None:
        """Draw the list where the pane is there."""
        if self.winfo_manager():
            self.draw()

    def draw(self) -> None:
        """Draw the list."""
        raise NotImplementedError

    def key_at_cursor(self) -> str | None:
        """Return the key of the row that the keyboard is at."""
        at = self.list.cursor
        return self.list.rows[at].key if 0 <= at < len(self.list.rows) else None

    def say(self, words: str) -> None:
        """Show words above the list, or none."""
        self.words.configure(text=words)
        if words:
            self.words.pack(fill="x", before=self.list)
        else:
            self.words.pack_forget()
