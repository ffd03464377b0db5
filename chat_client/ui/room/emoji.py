"""The reactions on offer, and the small palette to choose one from; Tk thread only."""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk

from chat_client.ui.look.look import Look
from chat_client.ui.widgets.widgets import give_back_focus, on_event

REACTIONS = ("👍", "❤️", "😂", "🎉", "😮", "😢", "👀", "✅", "🙏", "👏", "🔥", "🤔", "💡", "☕")
#: Where colour emoji would end the program: signs that every font has.
PLAIN_REACTIONS = ("✔", "✘", "❤", "★", "☺", "☹", "☀", "☕")


class EmojiPalette(tk.Frame):
    """A grid of reactions over the window; arrows move in it, Escape or a click elsewhere closes it."""

    COLUMNS = 7

    def __init__(self, look: Look, x: int, y: int, on_choose: Callable[[str], object]) -> None:
        root = look.root
        super().__init__(root, background=look.palette.field_line, padx=1, pady=1)
        self._look = look
        self._on_choose = on_choose
        self._returns_to = root.focus_get()
        inside = ttk.Frame(self, style="Raised.TFrame", padding=look.px(6))
        inside.pack()
        self.buttons: list[ttk.Button] = []
        for number, emoji in enumerate(REACTIONS if look.emoji else PLAIN_REACTIONS):
            made = ttk.Button(
                inside,
                text=emoji,
                width=2,
                style="Raised.Emoji.TButton",
                command=partial(self._choose, emoji),
            )
            made.grid(row=number // self.COLUMNS, column=number % self.COLUMNS, padx=1, pady=1)
            made.bind("<Return>", on_event(self._choose, emoji))
            for key, step in (("Left", -1), ("Right", 1), ("Up", -self.COLUMNS), ("Down", self.COLUMNS)):
                made.bind(f"<{key}>", on_event(self._move, number + step))
            made.bind("<Escape>", lambda _event: self.close())
            self.buttons.append(made)
        self.update_idletasks()
        left = min(x - root.winfo_rootx(), root.winfo_width() - self.winfo_reqwidth() - look.px(8))
        top = min(y - root.winfo_rooty(), root.winfo_height() - self.winfo_reqheight() - look.px(8))
        self.place(x=max(look.px(8), left), y=max(look.px(8), top))
        self.lift()
        self._move(0)
        # With the grab, a press anywhere else in the window comes here.
        self.bind("<Button-1>", lambda _event: self.close())
        self.grab_set()

    def _move(self, to: int) -> str:
        if 0 <= to < len(self.buttons):
            self.buttons[to].focus_set()
        return "break"

    def _choose(self, emoji: str) -> str:
        self.close()
        self._on_choose(emoji)
        return "break"

    def close(self) -> None:
        """Close the list and give the focus back."""
        back = self._returns_to
        self.destroy()
        give_back_focus(self._look.root, back)
