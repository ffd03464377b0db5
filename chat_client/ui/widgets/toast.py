"""A short word at the bottom of the window that goes away by itself; Tk thread only."""

import tkinter as tk
from collections.abc import Callable

from chat_client.ui.look.look import Look
from chat_client.ui.timer import Timer
from chat_client.ui.widgets.words import Words

_SHOWN_MS = 5000


class Toast(tk.Frame):
    """The widget; a click takes it away at once, and does what it leads to."""

    def __init__(self, parent: tk.Misc, look: Look) -> None:
        super().__init__(parent, padx=look.px(16), pady=look.px(10), borderwidth=0)
        self._look = look
        self.hiding = Timer(self, self.hide)
        self._on_click: Callable[[], object] | None = None
        self._label = Words(self, look, "Paper", wrap=look.px(420))
        self._label.pack()
        for widget in (self, self._label):
            widget.bind("<Button-1>", lambda _event: self.click())

    def say(self, words: str, *, danger: bool = False, on_click: Callable[[], object] | None = None) -> None:
        """Show some words for some seconds, or, where they lead somewhere, until they are clicked."""
        self._on_click = on_click
        palette = self._look.palette
        ground = palette.danger_soft if danger else palette.text
        ink = palette.danger_text if danger else palette.paper
        self.configure(background=ground, cursor="hand2" if on_click else "")
        self._label.paint(ink, ground)
        self._label.say(self._look.paragraph(words, "label", self._look.px(420)))
        self.place(relx=0.5, rely=1.0, y=-self._look.px(96), anchor="s")
        self.lift()
        self.hiding.cancel()
        if on_click is None:
            self.hiding.later(_SHOWN_MS)

    def click(self) -> None:
        """Take the words away, and go to where they lead."""
        self.hide()
        if self._on_click is not None:
            self._on_click()

    def hide(self) -> None:
        """Take the words away."""
        self.hiding.cancel()
        self.place_forget()

    @property
    def words(self) -> str:
        """What the toast says while it is shown."""
        return self._label.text if self.winfo_manager() else ""
