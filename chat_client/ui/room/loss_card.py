"""What stands in the middle after the open room was removed, or the user was taken out of it; Tk thread only.

It keeps what was being written to copy, and takes the keyboard: what is still typed goes nowhere.
"""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from chat_client.i18n import _
from chat_client.ui.look.look import Look
from chat_client.ui.widgets.widgets import button, close_menu, text_box
from chat_client.ui.widgets.words import Words, mark_emoji

WIDTH = 420
LINES_MAX = 8


class LossCard(ttk.Frame):
    """The widget. ``go_on`` leaves it."""

    def __init__(self, parent: tk.Misc, look: Look, go_on: Callable[[], object]) -> None:
        super().__init__(parent, style="Paper.TFrame", takefocus=True)
        self._look = look
        width = look.px(WIDTH)
        card = ttk.Frame(self, style="Paper.TFrame")
        card.place(relx=0.5, rely=0.42, anchor="center", width=width)
        icon = look.pictures.icon("lock", "field_line", 44)
        ttk.Label(card, style="Paper.TLabel", image=icon).pack(pady=(0, look.px(12)))
        self.title = Words(card, look, "Paper.Display", justify="center", wrap=width)
        self.title.pack()
        self.words = Words(card, look, "Paper.Muted", justify="center", wrap=width)
        self.words.pack(pady=(look.px(6), look.px(16)))
        self._kept = ttk.Frame(card, style="Paper.TFrame")
        label = ttk.Label(self._kept, text=_("loss.unsent"), style="Paper.SmallBold.TLabel")
        label.pack(anchor="w", pady=(0, look.px(3)))
        box = ttk.Frame(self._kept, style="Paper.Field.TFrame", padding=(look.px(10), look.px(6)))
        box.pack(fill="x")
        self.text = text_box(box, look)
        self.text.pack(fill="both")
        buttons = ttk.Frame(card, style="Paper.TFrame")
        self.copy = button(buttons, _("loss.copy"), self._copy, kind="Accent")
        self.go_on = button(buttons, _("loss.go_on"), go_on, kind="Quiet")
        self._buttons = buttons
        self._unsent = ""

    def show(self, title: str, words: str, unsent: str) -> None:
        """Say what happened, and show what was not sent."""
        look = self._look
        self.title.say(look.line(title))
        self.words.say(look.line(words))
        for widget in (self._kept, self._buttons, self.copy, self.go_on):
            widget.pack_forget()
        self._unsent = unsent
        if unsent:
            lines = 1 + len(unsent) // 50 + unsent.count("\n")
            self.text.configure(state="normal", height=min(LINES_MAX, lines))
            self.text.replace("1.0", "end", look.text(unsent))
            mark_emoji(self.text, look)
            self.text.configure(state="disabled")
            self._kept.pack(fill="x", pady=(0, look.px(14)))
            self.copy.pack(side="left", padx=(0, look.px(8)))
        self._buttons.pack()
        self.go_on.pack(side="left")
        close_menu(self)
        self.focus_set()

    def _copy(self) -> None:
        self.clipboard_clear()
        self.clipboard_append(self._unsent)
