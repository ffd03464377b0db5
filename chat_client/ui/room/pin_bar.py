"""The bar above the timeline that shows what was pinned last, and leads there and to all; Tk thread only."""

import tkinter as tk

from chat_client.file_words import said_in
from chat_client.i18n import _, ngettext
from chat_client.model.pins import pins_of
from chat_client.model.state import ClientState, RoomState
from chat_client.ui.actions import Actions
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import author_of
from chat_client.ui.room.markup import plain
from chat_client.ui.widgets.widgets import Tooltip, button, fit
from chat_protocol.objects import Message

HEIGHT = 38


class PinBar(tk.Frame):
    """The widget; it is there while something is pinned in the room shown.

    :param below: where it stands.
    """

    def __init__(self, parent: tk.Misc, look: Look, actions: Actions, below: tk.Misc) -> None:
        super().__init__(parent, background=look.palette.paper)
        self._look, self._below = look, below
        self._window = actions.window
        self._pin: Message | None = None
        self._room = ""
        self.words = ""
        self._author = ""
        tk.Frame(self, height=1, background=look.palette.line).pack(side="bottom", fill="x")
        self.all = button(self, "", lambda: actions.do("pins"), surface="paper")
        self.all.pack(side="right", padx=(look.px(8), look.px(12)), pady=look.px(4))
        Tooltip(look, self.all, actions.find("pins").tip)
        self.line = tk.Canvas(
            self,
            height=look.px(HEIGHT),
            width=10,
            background=look.palette.paper,
            highlightthickness=0,
            borderwidth=0,
            cursor="hand2",
        )
        self.line.pack(side="left", fill="both", expand=True)
        self.line.bind("<Configure>", lambda _event: self._draw())
        self.line.bind("<Button-1>", lambda _event: self.jump())
        Tooltip(look, self.line, _("pins.show"))

    def show(self, state: ClientState, room: RoomState | None) -> None:
        """Show what was pinned last in a room; nothing where nothing is."""
        pins = pins_of(room) if room is not None and room.joined else []
        if not pins or room is None:
            self._pin = None
            self.pack_forget()
            return
        self._pin, self._room = pins[0], room.key
        author = self._look.line(author_of(state, "" if pins[0].former else pins[0].author))
        words = self._look.line(plain(said_in(pins[0])))
        self.all.configure(text=ngettext("pins.all", len(pins)))
        if (author, words) != (self._author, self.words):
            self._author, self.words = author, words
            self._draw()
        if not self.winfo_manager():
            self.pack(fill="x", after=self._below)

    def jump(self) -> None:
        """Show the message in the timeline."""
        if self._pin is not None:
            self._window.jump(self._room, self._pin.seq)

    def _draw(self) -> None:
        look, line = self._look, self.line
        line.delete("all")
        left, middle = look.px(16), look.px(HEIGHT) // 2
        line.create_image(left, middle, image=look.pictures.icon("pin", "muted", 18), anchor="w")
        left += look.px(34)
        bold, font = look.mixed("small_bold"), look.mixed("small")
        bold.draw(line, left, middle, self._author, look.palette.text)
        left += bold.measure(self._author) + look.px(8)
        words = fit(self.words, font, line.winfo_width() - left - look.px(4))
        font.draw(line, left, middle, words, look.palette.muted)
