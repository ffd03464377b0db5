"""Runs inside a window's process: starts ``python -m chat_client``, presses keys and reads what is shown.

It knows Tk and nothing of the client. Commands come as lines of JSON on stdin, one answer each on stdout; a
command is tried again until it works or its time is up. At the end of stdin the window is closed.
"""

import json
import os
import re
import runpy
import sys
import time
import tkinter as tk
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from tkinter import ttk
from typing import Any

AGAIN_MS = 20
#: Texts on a canvas whose middles are so near belong to one line.
LINE_PIXELS = 3
KEYS = {" ": "space", ".": "period", ",": "comma", "-": "minus"}


@dataclass(frozen=True)
class Piece:
    """A line that is shown, and the place in its widget where a pointer would press it."""

    texts: tuple[str, ...]
    widget: tk.Misc
    x: int
    y: int


class Hand:
    """Serves the commands of one window, in Tk's thread."""

    def __init__(self, root: tk.Misc) -> None:
        self._root = root
        self._received = b""
        self._message_actions: dict[str, Callable[..., bool]] = {
            "front": self._front,
            "type": self._type,
            "press": self._press,
            "press for dialog": self._press_for_dialog,
            "paste": self._paste,
            "click": self._click,
            "wait": self._wait,
            "dialog": self._dialog,
            "close": self._close,
        }
        root.tk.createfilehandler(sys.stdin, tk.READABLE, lambda *_args: self._read())

    def _read(self) -> None:
        data = os.read(sys.stdin.fileno(), 65_536)
        if not data:
            self._root.tk.deletefilehandler(sys.stdin)
            self._close()
            return
        self._received += data
        *lines, self._received = self._received.split(b"\n")
        for line in lines:
            command = json.loads(line)
            self._try(command, time.monotonic() + command.pop("seconds"))

    def _try(self, command: dict[str, Any], deadline: float) -> None:
        """Do what is asked as soon as it can be done, and answer."""
        deed = self._message_actions[command["do"]]
        done, problem = False, ""
        try:
            done = deed(**{name: value for name, value in command.items() if name != "do"})
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        if done or problem or time.monotonic() > deadline:
            answer = {
                "done": done,
                "problem": problem,
                "shown": "" if command["do"] == "close" else self.shown(),
            }
            print(json.dumps(answer), flush=True)
        else:
            self._root.after(AGAIN_MS, self._try, command, deadline)

    # Reading

    def shown(self) -> str:
        """Return the window's title and every text in view, a line each."""
        lines = ["  ".join(piece.texts) for piece in pieces(self._root)]
        return "\n".join([self._root.winfo_toplevel().title(), *lines])

    def _wait(self, pattern: str, gone: bool) -> bool:
        return (re.search(pattern, self.shown(), re.MULTILINE) is None) == gone

    # Keyboard and pointer

    def _front(self) -> bool:
        """Give the window the keyboard, as a click on its title bar does."""
        if self._root.focus_get() is not None:
            return True
        (self._root.focus_lastfor() or self._root).focus_force()
        return False

    def _press(self, key: str) -> bool:
        self._generate(f"<{key}>")
        return True

    def _press_for_dialog(self, key: str) -> bool:
        """Press a key that opens a dialog of Tk's: it comes back when that is closed, and no answer waits."""
        self._root.after(AGAIN_MS, self._generate, f"<{key}>")
        return True

    def _type(self, text: str) -> bool:
        for character in text:
            self._generate("<KeyPress>", "-keysym", KEYS.get(character, character))
        return True

    def _paste(self, text: str) -> bool:
        self._root.clipboard_clear()
        self._root.clipboard_append(text)
        self._generate("<<Paste>>")
        return True

    def _generate(self, event: str, *details: str) -> None:
        self._root.tk.call("event", "generate", self._focused(), event, *details)

    def _focused(self) -> str:
        """Return the path of what has the keyboard; dialogs of Tk's own are no widgets of Python's."""
        path = str(self._root.tk.call("focus", "-displayof", "."))
        if not path:
            raise RuntimeError("the window does not have the keyboard")
        return path

    def _dialog(self, shown: bool) -> bool:
        """Say whether a dialog of Tk's own asks for a file, and has the name in it that it begins with."""
        path = str(self._root.tk.call("focus", "-displayof", "."))
        asks = "__tk_filedialog" in path and path.endswith(".ent") and bool(self._root.tk.call(path, "get"))
        return asks if shown else "__tk_filedialog" not in path

    def _click(self, text: str) -> bool:
        found = next((piece for piece in pieces(self._root) if text in piece.texts), None)
        if found is None:
            return False
        for event in ("<Enter>", "<Motion>", "<ButtonPress-1>", "<ButtonRelease-1>", "<Leave>"):
            if found.widget.winfo_exists():
                found.widget.event_generate(event, x=found.x, y=found.y)
        return True

    def _close(self) -> bool:
        """Do what a press on the title bar's cross does."""
        self._root.tk.eval(self._root.winfo_toplevel().protocol("WM_DELETE_WINDOW"))
        return True


def pieces(widget: tk.Misc) -> Iterator[Piece]:
    """Yield what a widget and those inside it show, in the order in which they were made."""
    if not widget.winfo_viewable():
        return
    for texts, x, y in _own(widget):
        yield Piece(texts, widget, x, y)
    for child in widget.winfo_children():
        yield from pieces(child)


def _own(widget: tk.Misc) -> Iterator[tuple[tuple[str, ...], int, int]]:
    width, height = widget.winfo_width(), widget.winfo_height()
    if isinstance(widget, tk.Canvas):
        yield from _on_canvas(widget, width, height)
        return
    if isinstance(widget, tk.Text):
        text = widget.get("@0,0", f"@{width},{height}")
    elif isinstance(widget, (tk.Entry, ttk.Entry)):
        text = str(widget.cget("show")) * len(widget.get()) or widget.get()
    else:
        text = str(widget.cget("text")) if "text" in widget.keys() else ""  # noqa: SIM118 - Tk's, no dict
    if text.strip():
        yield (text.strip(),), width // 2, height // 2


def _on_canvas(canvas: tk.Canvas, width: int, height: int) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Yield the texts in view on a canvas, those beside each other together."""
    found: list[tuple[int, int, str]] = []
    for item in canvas.find_overlapping(0, 0, width, height):
        if str(canvas.type(item)) == "text" and (text := canvas.itemcget(item, "text").strip()):
            left, top, right, bottom = canvas.bbox(item)
            found.append(((top + bottom) // 2, (left + right) // 2, text))
    found.sort()
    breaks = [at for at, (one, other) in enumerate(pairwise(found), 1) if other[0] - one[0] > LINE_PIXELS]
    for first, last in pairwise([0, *breaks, len(found)]):
        line = sorted(found[first:last], key=lambda part: part[1])
        if line:
            yield tuple(text for _y, _x, text in line), line[0][1], line[0][0]


def main() -> None:
    """Run the client with the command line of this process, and serve its window once it is shown."""
    mainloop = tk.Misc.mainloop

    def served(root: tk.Misc, threshold: int = 0) -> None:
        Hand(root)
        mainloop(root, threshold)

    setattr(tk.Misc, "mainloop", served)  # noqa: B010 - the type checker knows its own signature
    runpy.run_module("chat_client", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
