"""The window's keys, and where the keyboard goes when its place is lost; it knows no action's effect."""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from typing import Protocol

from chat_client.ui.action_targets import Program, Window
from chat_client.ui.actions import PROGRAM, WINDOW, Action
from chat_client.ui.timer import Timer
from chat_client.ui.widgets.widgets import FOCUS_LOST


class View(Protocol):
    """What fills the window: the rooms, or the sign-in."""

    def take_focus(self) -> None:
        """Give the keyboard a place where it is seen."""


class Keyboard:
    """Bind the actions' keys, and keep the keyboard's focus in sight.

    :param program: on which the program's actions are carried out.
    :param rooms: gives what the window's actions are carried out on; None while nobody is signed in.
    :param view: gives what is shown.
    """

    def __init__(
        self,
        root: tk.Tk,
        program: Program,
        rooms: Callable[[], Window | None],
        view: Callable[[], View | None],
    ) -> None:
        self._root = root
        self._rooms = rooms
        self._view = view
        self._focus = Timer(root, self._find_focus)
        # Where the keyboard goes from a widget to the window itself, Tk tells of the first half only.
        for event in ("<FocusIn>", "<FocusOut>", FOCUS_LOST):
            root.bind(event, lambda _event: self._focus.soon(), add="+")
        for of_program in PROGRAM:
            for key in of_program.keys:
                self._bind(f"<{key}>", partial(of_program.perform, program))
        for of_window in WINDOW:
            for key in of_window.keys:
                self._bind(f"<{key}>", partial(self._on_rooms, of_window))

    def _bind(self, sequence: str, act: Callable[[], object]) -> None:
        """Bind a key of the window; a text has its own Ctrl+K and Ctrl+F, which would come first."""
        for widget_class in ("Text", "Entry", "TEntry"):
            self._root.unbind_class(widget_class, sequence)
        self._root.bind(sequence, lambda _event: act())
        if str(self._root.tk.call("tk", "windowingsystem")) == "aqua":
            self._root.bind(sequence.replace("Control", "Command"), lambda _event: act())

    def _on_rooms(self, action: Action[Window]) -> str:
        rooms = self._rooms()
        if rooms is not None and not self._root.tk.call("grab", "current", self._root):
            action.perform(rooms)
        return "break"

    def _find_focus(self) -> None:
        """Pass the keyboard on to a place where it is seen: in the window itself it is lost."""
        alone = str(self._root.tk.call("focus")) == "."
        view = self._view()
        if alone and view is not None and not self._root.tk.call("grab", "current", self._root):
            view.take_focus()
