"""Lets any thread wake Tk's: a socket pair that Tk watches, where it can; knows no client and no widget.

Tk may be called from its own thread only. Where it watches files (all systems but Windows), a byte in a
socket is the one thing another thread may give it: the window then sleeps until something happens.
"""

import contextlib
import socket
import threading
import tkinter as tk
from collections.abc import Callable
from typing import Any


class Waker:
    """Calls a function on the Tk thread soon after any thread has asked for it.

    :param root: the window.
    :param call: what is called; once for all that asked meanwhile.

    `works` is False where Tk watches no files: then nobody is woken, and the window has to look by itself.
    """

    def __init__(self, root: tk.Misc, call: Callable[[], object]) -> None:
        self._call = call
        self._tk: Any = root.tk
        self.works = hasattr(self._tk, "createfilehandler")
        self._lock = threading.Lock()  # guards _asked, and _bell against its closing
        self._asked = False
        self._heard, self._bell = socket.socketpair()
        self._heard.setblocking(False)
        self._bell.setblocking(False)
        if self.works:
            self._tk.createfilehandler(self._heard, tk.READABLE, self._ring)

    def wake(self) -> None:
        """Ask for the call; from any thread, and without waiting."""
        with self._lock:
            if self._asked or not self.works or self._bell.fileno() < 0:
                return
            self._asked = True
            self._bell.send(b"\0")

    def _ring(self, _file: object, _mask: int) -> None:
        # What is asked for from here on is asked for again: the call may have looked already.
        with self._lock:
            self._asked = False
            with contextlib.suppress(BlockingIOError):
                self._heard.recv(16)
        self._call()

    def close(self) -> None:
        """Wake nobody any more."""
        with self._lock:
            if self._bell.fileno() < 0:
                return
            if self.works:
                self._tk.deletefilehandler(self._heard)
            self._bell.close()
            self._heard.close()
