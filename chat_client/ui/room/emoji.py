"""The palette of emoji, for messages and reactions: recent ones first, and a search; Tk thread only."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk
from typing import Final

from chat_client.engine.client import Client
from chat_client.i18n import _, language
from chat_client.ui.look.look import Look
from chat_client.ui.room.emoji_grid import EmojiGrid
from chat_client.ui.room.emoji_names import LETTERS_MIN, all_emoji, emoji_name, find_emoji
from chat_client.ui.widgets.widgets import close_menu, give_back_focus, on_event
from chat_client.ui.widgets.words import Words
from chat_protocol.names import fold_text

REACTIONS: Final = ("👍", "❤️", "😂", "🎉", "😮", "😢", "👀", "✅", "🙏", "👏", "🔥", "🤔", "💡", "☕")
#: Where colour emoji would end the program: signs that every font has.
PLAIN_REACTIONS: Final = ("✔", "✘", "❤", "★", "☺", "☹", "☀", "☕")
FOUND_MAX: Final = 96


class EmojiPalette(tk.Frame):
    """The palette, over the window: arrows move in it while one types, Escape or a click elsewhere closes it.

    :param x: where on the screen it is to appear; it keeps inside of the window.
    :param y: its upper edge; where there is no room below, its lower edge.
    :param recent: what was taken lately, the last one first.
    """

    def __init__(
        self, look: Look, x: int, y: int, on_choose: Callable[[str], object], recent: Sequence[str] = ()
    ) -> None:
        root = look.root
        close_menu(root)
        super().__init__(root, background=look.palette.field_line, padx=1, pady=1)
        self._look = look
        self._on_choose = on_choose
        self._returns_to = root.focus_get()
        self._offered = all_emoji() if look.emoji else PLAIN_REACTIONS
        known = {*self._offered, *(REACTIONS if look.emoji else ())}
        self._recent = [emoji for emoji in recent if emoji in known]
        inside = ttk.Frame(self, style="Raised.TFrame", padding=look.px(8))
        inside.pack()
        self.query = tk.StringVar(self)
        self.entry = ttk.Entry(
            inside, textvariable=self.query, style="Raised.TEntry", font=look.font("body"), width=10
        )
        self.entry.pack(fill="x", pady=(0, look.px(6)))
        self.emoji_grid = EmojiGrid(inside, look)
        self.emoji_grid.pack()
        self.name = Words(inside, look, "Raised.Small", filled=True)
        self.name.pack(fill="x", pady=(look.px(6), 0))
        self.emoji_grid.on_point = self._tell
        self.emoji_grid.on_take = self._choose
        self._bind_keys()
        self.fill()
        self.query.trace_add("write", lambda *_args: self.fill())
        self._place_at(x, y)
        self.entry.focus_set()
        # With the grab, a click anywhere else comes here; closed by its press it would leave the release
        # to what lies below, such as a link.
        self.bind("<ButtonRelease-1>", lambda _event: self.close())
        self.grab_set()

    def _place_at(self, x: int, y: int) -> None:
        look, root = self._look, self._look.root
        self.update_idletasks()
        margin, high = look.px(8), self.winfo_reqheight()
        left = min(x - root.winfo_rootx(), root.winfo_width() - self.winfo_reqwidth() - margin)
        top = y - root.winfo_rooty()
        if top + high + margin > root.winfo_height():
            top = top - high if top - high >= margin else root.winfo_height() - high - margin
        self.place(x=max(margin, left), y=max(margin, top))
        self.lift()
        self.update_idletasks()  # a field that is not mapped yet would get the keyboard later

    def _bind_keys(self) -> None:
        entry, grid = self.entry, self.emoji_grid
        for key, across, down in (("Left", -1, 0), ("Right", 1, 0), ("Up", 0, -1), ("Down", 0, 1)):
            entry.bind(f"<{key}>", on_event(grid.move, across, down))
        for key, down in (("Prior", -5), ("Next", 5)):
            entry.bind(f"<{key}>", on_event(grid.move, 0, down))
        for key in ("Return", "KP_Enter"):
            entry.bind(f"<{key}>", lambda _event: grid.take())
        for key in ("Tab", "Shift-Tab"):
            entry.bind(f"<{key}>", lambda _event: "break")
        entry.bind("<Escape>", lambda _event: self.close())

    # Contents

    def fill(self) -> None:
        """Show what fits: without a search the recent ones, those of most reactions, and all others."""
        typed = self.query.get()
        if len(fold_text(typed).strip()) < LETTERS_MIN:
            usual = REACTIONS if self._look.emoji else ()
            first = [*self._recent, *(emoji for emoji in usual if emoji not in self._recent)]
            rest = [emoji for emoji in self._offered if emoji not in first]
            head = _("emoji.recent") if self._recent else _("emoji.usual")
            self.emoji_grid.fill([(head, first), (_("emoji.all"), rest)])
        else:
            found = [emoji for emoji, _name in find_emoji(typed, language(), FOUND_MAX)]
            self.emoji_grid.fill([("", [emoji for emoji in found if emoji in self._offered])])

    def _tell(self, emoji: str) -> None:
        self.name.say(self._look.line(emoji_name(emoji, language())) if emoji else _("emoji.none"))

    def _choose(self, emoji: str) -> None:
        self.close()
        self._on_choose(emoji)

    def close(self) -> str:
        """Close it and give the focus back."""
        back = self._returns_to
        self.destroy()
        give_back_focus(self._look.root, back)
        return "break"


class EmojiChooser:
    """Opens the palette, and keeps what was taken from it for the next time."""

    def __init__(self, look: Look, client: Client) -> None:
        self._look, self._client = look, client

    def offer(self, x: int, y: int, take: Callable[[str], object]) -> EmojiPalette:
        """Open the palette at a place on the screen; `take` gets what is chosen."""

        def taken(emoji: str) -> None:
            self._client.emoji.used(emoji)
            take(emoji)

        return EmojiPalette(self._look, x, y, taken, self._client.emoji.recent())
