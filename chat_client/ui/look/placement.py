"""Where the window was, and where it may be: on a screen that is there; maximised is remembered as such.

It knows the window manager's words, and no view.
"""

import contextlib
import re
import tkinter as tk
from typing import Final

_GEOMETRY: Final = re.compile(r"(\d+)x(\d+)(?:\+(-?\d+)\+(-?\d+))?\Z")
_TITLE_BAR: Final = 40  # pixels, about: Tk speaks of what is inside it


def fitted(geometry: str, screen: tuple[int, int, int, int]) -> str:
    """Give a geometry that lies on the screen as a whole.

    :param geometry: Tk's own word for size and place.
    :param screen: left, top, width and height of all screens together, in pixels.
    :returns: an empty text where the geometry is none; without a place where it names none.
    """
    found = _GEOMETRY.match(geometry)
    if found is None:
        return ""
    left, top, width, height = screen
    wide, high = min(int(found[1]), width), min(int(found[2]), height - _TITLE_BAR)
    if found[3] is None:
        return f"{wide}x{high}"
    x = max(left, min(int(found[3]), left + width - wide))
    y = max(top, min(int(found[4]), top + height - high - _TITLE_BAR))
    return f"{wide}x{high}+{x}+{y}"


def screens(root: tk.Tk) -> tuple[int, int, int, int]:
    """Give the place and the size of all screens together."""
    return (
        root.winfo_vrootx(),
        root.winfo_vrooty(),
        max(root.winfo_vrootwidth(), root.winfo_screenwidth()),
        max(root.winfo_vrootheight(), root.winfo_screenheight()),
    )


class Placement:
    """Remembers the place that a window has while it is not maximised."""

    def __init__(self, root: tk.Tk) -> None:
        self._root = root
        self.normal = ""
        root.bind("<Configure>", self._note, add="+")

    def _note(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self._root and not is_maximised(self._root):
            self.normal = self._root.geometry()

    def restore(self, geometry: str, first: str, maximised: bool) -> None:
        """Put the window where it was; ``first`` is for a start without a memory."""
        screen = screens(self._root)
        self._root.geometry(fitted(geometry, screen) or fitted(first, screen))
        if maximised:
            maximise(self._root)


def is_maximised(root: tk.Tk) -> bool:
    """Say whether the window fills the screen."""
    if _is_x11(root):
        return bool(root.tk.call("wm", "attributes", root, "-zoomed"))
    return root.state() == "zoomed"


def maximise(root: tk.Tk) -> None:
    """Fill the screen, where the window manager can."""
    with contextlib.suppress(tk.TclError):
        if _is_x11(root):
            root.tk.call("wm", "attributes", root, "-zoomed", True)
        else:
            root.state("zoomed")


def _is_x11(root: tk.Tk) -> bool:
    return str(root.tk.call("tk", "windowingsystem")) == "x11"
