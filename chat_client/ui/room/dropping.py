"""Files that are dropped onto the window, where tkinterdnd2 is installed; it sends nothing. Tk thread."""

import importlib
import tkinter as tk
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

PACKAGE = "tkinterdnd2"


def dropping() -> Any:
    """Return the package, or None: it is used where it is there, and never needed."""
    try:
        return importlib.import_module(PACKAGE)
    except ImportError:
        return None


def take_drops(widgets: Iterable[tk.Misc], dropped: Callable[[list[Path]], object]) -> bool:
    """Have a function called with the files that are dropped onto some widgets.

    :return: whether that is possible here.
    """
    package = dropping()
    if package is None:
        return False
    for number, widget in enumerate(widgets):
        try:
            if not number:
                package.TkinterDnD._require(widget.winfo_toplevel())
            register(widget, package.DND_FILES, dropped)
        except (RuntimeError, tk.TclError):  # none of its libraries is for this system
            return False
    return True


def register(widget: Any, kind: str, dropped: Callable[[list[Path]], object]) -> None:
    """Let one widget take files; the package has given every widget the methods for that."""
    widget.drop_target_register(kind)
    widget.dnd_bind("<<Drop>>", lambda event: dropped(dropped_files(widget, event.data)))


def dropped_files(widget: tk.Misc, data: str) -> list[Path]:
    """Return the files of a drop, without folders."""
    return [path for name in widget.tk.splitlist(data) if (path := Path(name)).is_file()]
