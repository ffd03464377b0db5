"""Opens the window at the root of all others; it must not know what these show. Tk thread only."""

import tkinter as tk
from typing import Any, Final

# Tcl ends the process when an interpreter is freed on another thread than its own (Tcl_AsyncDelete), and
# Python frees what stands in a circle on whichever thread collects next: so none is ever freed.
_kept: Final[list[Any]] = []


def make_root(class_name: str = "Tk") -> tk.Tk:
    """Open a root window; its interpreter stays until the end of the process.

    :raises tk.TclError: when there is no display.
    """
    root = tk.Tk(className=class_name)
    _kept.append(root.tk)
    return root
