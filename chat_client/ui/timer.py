"""A call that a widget has due, and that goes with its widget; Tk thread only.

tkinter names the Tcl command behind a callback after the function's id, and deletes it with the widget that
set the timer. The timer itself stays: it rings for a command that is gone, or for a later one of the same id.
"""

import tkinter as tk
from collections.abc import Callable


class Timer:
    """One call, due at most once at a time; never after its widget is gone.

    :param widget: whose call it is. The timer itself is the window's, which outlives it.
    :param ring: what is called.
    """

    def __init__(self, widget: tk.Misc, ring: Callable[[], object]) -> None:
        self._widget, self._ring = widget, ring
        self._root = widget.nametowidget(".")
        self._id = ""

    @property
    def due(self) -> bool:
        """Whether it is to ring."""
        return bool(self._id)

    def soon(self) -> None:
        """Ring once the events that wait have been handled, unless it is due already."""
        if not self._id:
            self._id = self._root.after_idle(self._run)

    def later(self, delay_ms: int) -> None:
        """Ring after some time, unless it is due already."""
        if not self._id:
            self._id = self._root.after(delay_ms, self._run)

    def again(self, delay_ms: int) -> None:
        """Ring after some time, which begins anew."""
        self.cancel()
        self.later(delay_ms)

    def cancel(self) -> None:
        """Ring no more."""
        if self._id:
            self._root.after_cancel(self._id)
            self._id = ""

    def _run(self) -> None:
        self._id = ""
        if self._widget.winfo_exists():
            self._ring()
