"""Gives every field the keys of the rest of the desktop, and takes in what is pasted; Tk thread only.

Tk's own fields follow Emacs on X11: there Ctrl+A goes to the start of the line and Ctrl+Y pastes. It knows no
room and no message.
"""

import contextlib
import re
import tkinter as tk
from collections.abc import Callable
from functools import partial
from tkinter import ttk
from typing import Final

from chat_client.ui.widgets.clipboard import ClipboardError, clipboard_text

#: What Emacs has on X11, by Tk's virtual events; the key alone, since each stands there with Lock, too.
_EMACS: Final = {
    "<<LineStart>>": "a",
    "<<LineEnd>>": "e",
    "<<NextChar>>": "f",
    "<<PrevChar>>": "b",
    "<<NextLine>>": "n",
    "<<PrevLine>>": "p",
    "<<SelectLineStart>>": "A",
    "<<SelectLineEnd>>": "E",
    "<<SelectNextChar>>": "F",
    "<<SelectPrevChar>>": "B",
    "<<SelectNextLine>>": "N",
    "<<SelectPrevLine>>": "P",
    "<<Paste>>": "y",
    "<<Copy>>": "w",
    "<<Cut>>": "w",
}
#: Keys of the fields themselves that delete or move what the user did not mean.
_EMACS_KEYS: Final = ("d", "h", "k", "o", "t")
_CLASSES: Final = ("Text", "Entry", "TEntry")
_WORD_BEFORE: Final = re.compile(r"(?:\w+|[^\w\s]+)?\s*\Z")
_WORD_AFTER: Final = re.compile(r"\s*(?:\w+|[^\w\s]+)?")
#: What an entry of one line takes from the clipboard; none of them needs more.
_ENTRY_MAX_CHARS: Final = 4000


def use_desktop_keys(root: tk.Misc) -> None:
    """Let Ctrl+A, Ctrl+Y, Ctrl+Backspace and Ctrl+Delete do in all fields what they do elsewhere.

    macOS has keys of its own for all of them, and Emacs's in every program.
    """
    system = str(root.tk.call("tk", "windowingsystem"))
    if system == "aqua":
        return
    if system == "x11":
        _forget_emacs(root)
    for event, key in (("<<SelectAll>>", "a"), ("<<Redo>>", "y"), ("<<Undo>>", "z")):
        root.event_add(event, f"<Control-{key}>", f"<Control-Lock-{key.upper()}>")
    root.event_add("<<Redo>>", "<Control-Shift-Z>", "<Control-Shift-Lock-z>")
    for name in _CLASSES:
        for key, back in (("BackSpace", True), ("Delete", False)):
            root.bind_class(name, f"<Control-{key}>", partial(_delete_word, root, back=back))
    for name in ("Entry", "TEntry"):
        root.bind_class(name, "<FocusIn>", lambda event: _history(event.widget), add="+")
        root.bind_class(name, "<<Paste>>", lambda event: _paste_line(_known(root, event.widget)))


def _known(root: tk.Misc, widget: tk.Misc | str) -> tk.Misc:
    """Return a widget of Python's; the entries of Tk's own dialogs are known to Tk alone, by their path."""
    if not isinstance(widget, str):
        return widget
    entry = ttk.Entry.__new__(ttk.Entry)
    entry.tk, entry._w = root.tk, widget  # type: ignore[attr-defined]  # as Tk has them, untyped
    return entry


def _forget_emacs(root: tk.Misc) -> None:
    for event, key in _EMACS.items():
        for sequence in root.event_info(event):
            if re.fullmatch(
                rf"<(?:Control|Meta)(?:-Shift)?(?:-Lock)?-(?:Key-)?{key}>", sequence, re.IGNORECASE
            ):
                root.event_delete(event, sequence)
    for name in _CLASSES:
        for key in _EMACS_KEYS:
            root.unbind_class(name, f"<Control-{key}>")
            root.unbind_class(name, f"<Meta-{key}>")


# Words


def _delete_word(root: tk.Misc, event: "tk.Event[tk.Misc]", *, back: bool) -> str:
    """Delete what is selected, or the word before or after the cursor."""
    widget = _known(root, event.widget)
    if isinstance(widget, tk.Text):
        if str(widget.cget("state")) == "normal":
            _delete_in_text(widget, back)
    elif isinstance(widget, tk.Entry) and str(widget.cget("state")) == "normal":
        _delete_in_entry(widget, back)
    return "break"


def _delete_in_text(text: tk.Text, back: bool) -> None:
    text.edit_separator()
    if text.tag_ranges("sel"):
        text.delete("sel.first", "sel.last")
    elif back:
        length = _before(text.get("insert linestart", "insert"))
        text.delete(f"insert - {max(1, length)} chars", "insert")
    else:
        length = _after(text.get("insert", "insert lineend"))
        text.delete("insert", f"insert + {max(1, length)} chars")
    text.see("insert")


def _delete_in_entry(entry: tk.Entry, back: bool) -> None:
    if entry.selection_present():
        entry.delete("sel.first", "sel.last")
        return
    at, value = entry.index("insert"), entry.get()
    if entry.cget("show"):  # where the words end is nobody's business
        first, last = (0, at) if back else (at, len(value))
    elif back:
        first, last = at - _before(value[:at]), at
    else:
        first, last = at, at + _after(value[at:])
    entry.delete(first, last)


def _before(text: str) -> int:
    found = _WORD_BEFORE.search(text)
    return len(found.group()) if found else 0


def _after(text: str) -> int:
    found = _WORD_AFTER.match(text)
    return len(found.group()) if found else 0


# Taking back


class _History:
    """What stood in an entry before, for Ctrl+Z and Ctrl+Y: Tk's entries keep none."""

    STEPS_MAX = 200

    def __init__(self, entry: tk.Entry) -> None:
        self._entry = entry
        self._past: list[tuple[str, int]] = []
        self._future: list[tuple[str, int]] = []
        self._now = self._look()
        for sequence in ("<KeyRelease>", "<ButtonRelease>", "<FocusOut>"):
            entry.bind(sequence, lambda _event: self.note(), add="+")
        entry.bind("<<Undo>>", lambda _event: self._step(self._past, self._future))
        entry.bind("<<Redo>>", lambda _event: self._step(self._future, self._past))

    def _look(self) -> tuple[str, int]:
        return self._entry.get(), self._entry.index("insert")

    def note(self) -> None:
        """Keep what stood there if it has changed."""
        seen = self._look()
        if seen[0] != self._now[0]:
            self._past = [*self._past[1 - self.STEPS_MAX :], self._now]
            self._future.clear()
        self._now = seen

    def _step(self, source: list[tuple[str, int]], target: list[tuple[str, int]]) -> str:
        self.note()
        if source:
            target.append(self._now)
            self._now = source.pop()
            self._entry.delete(0, "end")
            self._entry.insert(0, self._now[0])
            self._entry.icursor(self._now[1])
        return "break"


def _history(entry: tk.Misc) -> None:
    """Begin to remember what stands in an entry; a password is not remembered."""
    if isinstance(entry, tk.Entry) and not entry.cget("show") and not entry.bind("<<Undo>>"):
        _History(entry)  # kept by what it binds


# Pasting


def _paste_line(widget: tk.Misc) -> str:
    if isinstance(widget, tk.Entry):
        pasted = ""
        with contextlib.suppress(ClipboardError):
            pasted = clipboard_text(widget) or ""
        if pasted:
            if widget.selection_present():
                widget.delete("sel.first", "sel.last")
            widget.insert("insert", " ".join(pasted[:_ENTRY_MAX_CHARS].split("\n")))
    return "break"


class Paster:
    """Puts what is pasted into a text, as far as there is room for it.

    :param clean: makes a text safe to show.
    :param most: how many characters the text may hold; Tk would stand still over very many.
    :param left_out: told how many characters were left out, of which text, and where the part put in begins.
    :param nothing: told, as a key of the client's texts, why nothing was put in.
    :param take: takes what is on the clipboard beside text; False where there is nothing of that kind. It may
        raise :class:`ClipboardError`.
    """

    def __init__(
        self,
        text: tk.Text,
        clean: Callable[[str], str],
        most: int,
        left_out: Callable[[int, str, str], object],
        nothing: Callable[[str], object],
        take: Callable[[], bool] = lambda: False,
    ) -> None:
        self._text, self._clean, self._most = text, clean, most
        self._left_out, self._nothing, self._take = left_out, nothing, take
        text.bind("<<Paste>>", lambda _event: self.paste())
        text.bind("<<PasteSelection>>", self._paste_selection)

    def paste(self, selection: str = "CLIPBOARD") -> str:
        """Put in what is on the clipboard, in place of what is selected."""
        try:
            if selection == "CLIPBOARD" and self._take():
                return "break"
            pasted = clipboard_text(self._text, selection)
        except ClipboardError as error:
            self._nothing(str(error))
            return "break"
        if pasted is None:
            self._nothing("composer.no_text")
        else:
            self._put_in(pasted, selection)
        return "break"

    def _put_in(self, pasted: str, selection: str) -> None:
        text = self._text
        text.edit_separator()
        if selection == "CLIPBOARD" and text.tag_ranges("sel"):
            text.delete("sel.first", "sel.last")
        room = max(0, self._most - len(text.get("1.0", "end-1c")))
        # Cleaning 300,000 characters takes longer than to see that most of them have no place.
        fitting = self._clean(pasted[: room + 1])[:room]
        start = text.index("insert")
        text.insert("insert", fitting)
        text.edit_separator()
        text.see("insert")
        if len(pasted) > room:
            self._left_out(len(pasted) - len(fitting), pasted, start)

    def _paste_selection(self, event: "tk.Event[tk.Misc]") -> str:
        if str(self._text.tk.call("set", "::tk::Priv(mouseMoved)")) != "0":
            return "break"  # the middle button has moved the text
        self._text.mark_set("insert", f"@{event.x},{event.y}")
        self._text.focus_set()
        return self.paste("PRIMARY")
