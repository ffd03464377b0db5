"""A short word at the bottom of the window that goes away by itself; Tk thread only."""

import tkinter as tk

from chat_client.ui.look.look import Look

_SHOWN_MS = 5000


class Toast(tk.Label):
    """The widget; a click takes it away at once."""

    def __init__(self, parent: tk.Misc, look: Look) -> None:
        super().__init__(
            parent,
            font=look.font("label"),
            padx=look.px(16),
            pady=look.px(10),
            borderwidth=0,
            wraplength=look.px(420),
            justify="left",
        )
        self._look = look
        self._timer = ""
        self.bind("<Button-1>", lambda _event: self.hide())

    def say(self, words: str, *, danger: bool = False) -> None:
        """Show some words for some seconds."""
        palette = self._look.palette
        ground = palette.danger_soft if danger else palette.text
        ink = palette.danger_text if danger else palette.paper
        self.configure(
            text=self._look.paragraph(words, "label", self._look.px(420)), background=ground, foreground=ink
        )
        self.place(relx=0.5, rely=1.0, y=-self._look.px(96), anchor="s")
        self.lift()
        if self._timer:
            self.after_cancel(self._timer)
        self._timer = self.after(_SHOWN_MS, self.hide)

    def hide(self) -> None:
        """Take the words away."""
        self._timer = ""
        self.place_forget()

    @property
    def words(self) -> str:
        """What the toast says while it is shown."""
        return str(self.cget("text")) if self.winfo_manager() else ""
