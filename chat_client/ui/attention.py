"""Knows whether the window is in front, and calls for attention when it is not; Tk thread only."""

import contextlib
import tkinter as tk
from collections.abc import Callable

from chat_client.engine.client import Client
from chat_client.file_words import said_in
from chat_client.model.changes import Attention
from chat_client.ui.notify import Notifier, draw_attention
from chat_client.ui.panes.people import name_of, title_of
from chat_client.ui.room.markup import plain


class AttentionKeeper:
    """One window's attention.

    ``on_front`` is called when the user comes back to the window; ``client`` may be exchanged.
    """

    def __init__(self, root: tk.Tk, client: Client, notifier: Notifier) -> None:
        self._root = root
        self._notifier = notifier
        self.client = client
        self.on_front: Callable[[], object] = lambda: None
        self.in_front = False
        self._marked = False
        root.bind("<FocusIn>", lambda _event: self.focus(True), add="+")
        root.bind("<FocusOut>", lambda _event: root.after_idle(self._check_focus), add="+")

    def attend(self, change: Attention) -> None:
        """Tell of a message, unless the user is looking at it."""
        settings, state = self.client.settings, self.client.state
        if (self.in_front and change.room == state.open_room) or state.status == "busy":
            return
        if settings.get("sound"):
            self._root.bell()
        if self.in_front:
            return
        if not self._marked:  # each mark asks the X server: one is enough until the window is looked at
            self._marked = True
            draw_attention(self._root)
        room = state.rooms.get(change.room)
        if settings.get("desktop_notifications") and room is not None:
            author = name_of(state, change.message.author)
            title = author if room.is_direct else f"{author} — {title_of(state, room)}"
            self._notifier.show(title, plain(said_in(change.message)), change.room)

    def tell(self, words: str) -> None:
        """Tell of something besides messages, unless the user is looking at the window, or busy."""
        state = self.client.state
        if self.in_front or state.status == "busy":
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
            draw_attention(self._root, False)
            self.on_front()

    def _check_focus(self) -> None:
        with contextlib.suppress(KeyError, tk.TclError):
            self.focus(self._root.focus_displayof() is not None)
