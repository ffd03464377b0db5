"""The icon in the desktop's tray, where Tk has one (from Tk 9 on); it knows no room. Tk thread only."""

import logging
import tkinter as tk
from collections.abc import Callable

from chat_client.ui.look.icon import application_icon
from chat_client.ui.look.look import Look

_log = logging.getLogger("chat.client")


def has_tray(root: tk.Misc) -> bool:
    """Say whether this Tk can put an icon into the tray."""
    try:
        root.tk.call("tk", "systray", "exists")
    except tk.TclError:
        return False
    return True


class Tray:
    """The icon: its picture says whether something is unread, its tooltip what and where.

    :param on_click: is called when the icon is pressed.
    """

    def __init__(self, root: tk.Misc, on_click: Callable[[], object]) -> None:
        self._root = root
        self._images: dict[bool, tk.PhotoImage] = {}
        self._shown: tuple[bool, str] | None = None  # None: there is no icon
        self._can = has_tray(root)
        self._press = root.register(on_click) if self._can else ""

    def dress(self, look: Look) -> None:
        """Draw its pictures in the colours of a look."""
        if self._can:
            drawn = {unread: application_icon(self._root, look, unread) for unread in (False, True)}
            self._images = {unread: image.subsample(2) for unread, image in drawn.items()}  # trays are small
            if self._shown is not None:
                self._call("configure", "-image", self._images[self._shown[0]])

    def show(self, unread: bool, words: str) -> None:
        """Put the icon there, or let it say something else; without the tray nothing happens."""
        if not self._can or self._shown == (unread, words):
            return
        options = ("-image", self._images[unread], "-text", words)
        if self._shown is None:
            self._can = self._call("create", *options, "-button1", self._press)
        else:
            self._call("configure", *options)
        if self._can:
            self._shown = (unread, words)

    def hide(self) -> None:
        """Take the icon away."""
        if self._shown is not None:
            self._shown = None
            self._call("destroy")

    def _call(self, *words: object) -> bool:
        """Ask Tk; False where the desktop refuses."""
        try:
            self._root.tk.call("tk", "systray", *words)
        except tk.TclError as error:
            _log.info("no icon in the tray: %s", error)
            return False
        return True
