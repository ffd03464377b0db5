"""What is said above the composer, with the button that helps; Tk thread only, it knows no room."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from chat_client.ui.look.look import Look
from chat_client.ui.widgets.widgets import button
from chat_client.ui.widgets.words import Words


class Said(ttk.Frame):
    """The words, wrapped beside their button; hidden while there are none.

    :param before: the widget of the same parent above which it is packed.
    """

    def __init__(self, parent: tk.Misc, look: Look, before: tk.Widget) -> None:
        super().__init__(parent, style="Paper.TFrame")
        self._look, self._before = look, before
        self._act: Callable[[], object] = lambda: None
        self._label = Words(self, look, "Paper.Danger")
        self._label.pack(side="left")
        self.button = button(self, "", lambda: self._act(), kind="Link")
        self.bind("<Configure>", lambda _event: self._wrap())

    @property
    def words(self) -> str:
        """What is said now, or nothing."""
        return self._label.text if self.winfo_manager() else ""

    def say(self, words: str, label: str = "", act: Callable[[], object] | None = None) -> None:
        """Say something else.

        :param label: what stands on the button.
        :param act: what the button does; without it there is no button.
        """
        self.button.pack_forget()
        if act is not None:
            self._act = act
            self.button.configure(text=label)
            self.button.pack(side="left", padx=self._look.px(8))
        self._label.say(words)
        self._wrap()
        self.pack(fill="x", before=self._before, pady=(0, self._look.px(4)))

    def hide(self) -> None:
        """Say nothing."""
        self.pack_forget()

    def _wrap(self) -> None:
        beside = self.button.winfo_reqwidth() + self._look.px(16) if self.button.winfo_manager() else 0
        width = max(self._before.winfo_width(), self._look.px(200)) - beside
        self._label.wrap(max(self._look.px(140), width))
