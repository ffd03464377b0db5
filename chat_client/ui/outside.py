"""What the desktop shows of the window: title, picture, icon in the tray; and how it comes to the front.

Tk thread only. It knows no view.
"""

import tkinter as tk

from chat_client.engine.client import Client
from chat_client.model.state import RoomState
from chat_client.ui.look.icon import application_icon
from chat_client.ui.look.look import Look
from chat_client.ui.notify import APPLICATION
from chat_client.ui.panes.people import title_of
from chat_client.ui.tray import Tray


class Outside:
    """The outside of one window."""

    def __init__(self, root: tk.Tk) -> None:
        self._root = root
        self._title = ""
        self._tray = Tray(root, self.come_to_front)

    def dress(self, look: Look) -> None:
        """Draw the pictures in the colours of a look."""
        self._root.iconphoto(True, application_icon(self._root, look))
        self._tray.dress(look)

    def show(self, client: Client, look: Look, room: RoomState | None) -> None:
        """Say which room is open, and how much is unread."""
        state = client.state
        unread = state.unread_total()
        parts = [look.plain_line(title_of(state, room))] if room is not None else []
        title = " — ".join([*parts, state.connection.server or APPLICATION])
        title = f"({unread}) {title}" if unread else title
        if title != self._title:
            self._title = title
            self._root.title(title)
        if client.settings.get("tray"):
            self._tray.show(unread > 0, title)
        else:
            self._tray.hide()

    def come_to_front(self) -> None:
        """Bring the window before all others, with the keyboard."""
        self._root.deiconify()
        self._root.lift()
        self._root.focus_force()

    def close(self) -> None:
        """Leave nothing in the tray."""
        self._tray.hide()
