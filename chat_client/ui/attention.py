"""Knows whether the window is in front, and calls for attention when it is not; Tk thread only.

While the user is busy, pauses, or has quiet hours, nothing calls; what came is told as one when that ends.
"""

import contextlib
import tkinter as tk
from collections.abc import Callable
from datetime import datetime
from typing import Final

from chat_client.engine.client import Client
from chat_client.file_words import said_in
from chat_client.i18n import ngettext
from chat_client.model.changes import Attention
from chat_client.ui.notify import Notifier, draw_attention
from chat_client.ui.panes.people import name_of, title_of
from chat_client.ui.room.markup import plain
from chat_client.ui.timer import Timer

#: After a notification, so long what comes is gathered for the next one.
GATHER_MS: Final = 5_000
SILENCE_LOOK_MS: Final = 20_000


class AttentionKeeper:
    """One window's attention.

    :param now: returns the time by the clock of this computer.

    ``on_front`` is called when the user comes back to the window; ``client`` may be exchanged.
    """

    def __init__(
        self,
        root: tk.Tk,
        client: Client,
        notifier: Notifier,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._root = root
        self._notifier = notifier
        self.client = client
        self.on_front: Callable[[], object] = lambda: None
        self.in_front = False
        self._marked = False
        self._missed: list[Attention] = []
        self._leaving = Timer(root, self._check_focus)
        self._next = Timer(root, self._look_again)  # look at what was missed
        self._kept_silent = False  # whether that waits for the end of a silence
        self._now = now
        root.bind("<FocusIn>", lambda _event: self.focus(True), add="+")
        root.bind("<FocusOut>", lambda _event: self._leaving.soon(), add="+")

    def attend(self, change: Attention) -> None:
        """Tell of a message, unless the user is looking at it; several in a short time are told as one."""
        if self.in_front and change.room == self.client.state.open_room:
            return
        if self.silent:
            self._keep(change)
            return
        if self.client.settings.get("sound"):
            self._root.bell()
        if self.in_front:
            return
        self._keep(change)
        if self._kept_silent:  # the silence has just ended
            self._next.cancel()
            self._kept_silent = False
        if not self._next.due:
            self._tell_missed()

    @property
    def silent(self) -> bool:
        """Whether nothing is to call for attention now."""
        state = self.client.state
        return state.status == "busy" or state.attention.silent_at(self._now())

    def _keep(self, change: Attention) -> None:
        """Keep a message for a notification, of whatever account it is."""
        if not self.in_front:
            self._missed.append(change)
        if self.silent and not self._next.due:
            self._wait_for_the_end()

    def _wait_for_the_end(self) -> None:
        self._kept_silent = True
        self._next.again(SILENCE_LOOK_MS)

    def _look_again(self) -> None:
        self._kept_silent = False
        if self.in_front:
            self._missed.clear()
        elif self._missed and self.silent:
            self._wait_for_the_end()
        elif self._missed:
            self._tell_missed()

    def _tell_missed(self) -> None:
        """Show one notification of all that was missed, and gather what comes next."""
        missed, self._missed = self._missed, []
        self._next.again(GATHER_MS)
        if not self._marked:  # each mark asks the X server: one is enough until the window is looked at
            self._marked = True
            draw_attention(self._root)
        rooms = self.client.state.rooms
        missed = [change for change in missed if change.room in rooms]
        if missed and self.client.settings.get("desktop_notifications"):
            self._notifier.show(*self._words(missed))

    def _words(self, missed: list[Attention]) -> tuple[str, str, str]:
        """Return the title, the text, and the room that a click opens."""
        state, last = self.client.state, missed[-1]
        room = state.rooms[last.room]
        author = name_of(state, last.message.author)
        if len(missed) == 1:
            title = author if room.is_direct else f"{author} — {title_of(state, room)}"
            return title, plain(said_in(last.message)), last.room
        titles = dict.fromkeys(title_of(state, state.rooms[change.room]) for change in missed)
        return ngettext("notify.missed", len(missed)), ", ".join(titles), last.room

    def tell(self, words: str) -> None:
        """Tell of something besides messages, unless the user is looking at the window, or busy."""
        state = self.client.state
        if self.in_front or self.silent:
            return
        draw_attention(self._root)
        self._marked = True
        if self.client.settings.get("desktop_notifications"):
            self._notifier.show(state.connection.server or state.connection.host, words)

    def focus(self, focused: bool) -> None:
        """Note that the window has come to the front, or has gone behind."""
        if focused == self.in_front:
            return
        self.in_front = focused
        if focused:
            self._marked = False
            self._missed.clear()
            draw_attention(self._root, False)
            self.on_front()

    def _check_focus(self) -> None:
        with contextlib.suppress(KeyError, tk.TclError):
            self.focus(self._root.focus_displayof() is not None)
