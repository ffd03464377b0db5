"""Opens the window at the root of all others; it must not know what these show. Tk thread only."""

import tkinter as tk
from typing import Any, Final

# Tcl ends the process when an interpreter is freed on another thread than its own (Tcl_AsyncDelete), and
# Python frees what stands in a circle on whichever thread collects next: so none is ever freed.
_kept: Final[list[Any]] = []

# Tk 8.6 notes for each display the widget that has the keyboard (`focusPtr` in tkFocus.c). Where the pointer
# takes the keyboard away from a window, or an open menu does, the note stays; where that widget is then
# destroyed while it is still the one that its window remembers, the note is not taken back, and the next
# `focus -force`, or a key, reads what was freed. So the window remembers itself before a widget goes.
_DESTROY_WITHOUT_THE_KEYBOARD: Final = """
rename destroy ::tk::Destroy
proc destroy args {
    foreach widget $args {
        if {[winfo exists $widget]} {
            set window [winfo toplevel $widget]
            if {$widget ne $window && [string first $widget. [focus -lastfor $widget].] == 0} {
                focus $window
            }
        }
    }
    tailcall ::tk::Destroy {*}$args
}
"""


def make_root(class_name: str = "Tk") -> tk.Tk:
    """Open a root window; its interpreter stays until the end of the process.

    :raises tk.TclError: when there is no display.
    """
    root = tk.Tk(className=class_name)
    _kept.append(root.tk)
    root.tk.eval(_DESTROY_WITHOUT_THE_KEYBOARD)
    return root
