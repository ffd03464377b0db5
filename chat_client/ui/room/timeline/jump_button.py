"""The button that leads to the newest message, and how many came meanwhile; it does not scroll."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from chat_client.i18n import _, ngettext
from chat_client.model.state import RoomState
from chat_client.ui.look.look import Look
from chat_client.ui.room.timeline.loaded_range import newest_seq, place_in
from chat_client.ui.room.timeline.timeline_text import TimelineText
from chat_client.ui.widgets.widgets import button


class JumpButton:
    """Belongs to one timeline.

    :param on_press: goes to the newest message.
    """

    def __init__(self, look: Look, paper: TimelineText, on_press: Callable[[], object]) -> None:
        self._paper = paper
        self._bottom = -look.px(12)
        #: How many messages have come since the reader was at the newest.
        self.missed = 0
        self._counted_to = 0
        # A button's round corners show the ground that it stands on: over a picture that is the card's.
        self._card = tk.Frame(paper.master, background=look.palette.line, padx=1, pady=1)
        inside = ttk.Frame(self._card, style="Raised.TFrame", padding=look.px(4))
        inside.pack()
        self.button = button(inside, "", on_press, kind="Accent", surface="raised")
        self.button.pack()
        self.button.configure(image=look.pictures.icon("down", "on_accent", 15), compound="left")

    def begin(self, room: RoomState | None) -> None:
        """Count what comes to a room from now on."""
        self._counted_to = newest_seq(room) if room is not None else 0

    def count(self, room: RoomState) -> int:
        """Return what others wrote since the last count; far above, all that is below may be 100,000."""
        fresh = room.messages[place_in(room, self._counted_to + 1) :]
        self._counted_to = newest_seq(room)
        return sum(not message.mine for message in fresh)

    def show(self) -> None:
        """Stand below the text, with what was missed."""
        text = ngettext("timeline.new_below", self.missed) if self.missed else _("timeline.to_newest")
        self.button.configure(text=" " + text)
        self._card.place(in_=self._paper, relx=0.5, rely=1.0, y=self._bottom, anchor="s")
        self._card.lift()

    def hide(self) -> None:
        """Stand nowhere."""
        self._card.place_forget()
