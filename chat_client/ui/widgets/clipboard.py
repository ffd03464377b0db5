"""Reads what other programs offer on the clipboard; Tk thread only, it writes nothing there.

Tk takes at most 400,000 bytes at once (MAX_PROP_WORDS in its tkUnixSelect.c). GTK and Qt hand over what is
larger in pieces that it takes; `xclip` does so only past a megabyte, in pieces of that size, and then waits
for Tk for ever. So a picture is asked for by `xclip` where that program is installed, whoever offers it.
"""

import shutil
import subprocess
import tkinter as tk
from typing import Final

#: The kinds of text that a clipboard may hold, as X11 calls them.
_TEXT_TARGETS: Final = {"UTF8_STRING", "STRING", "TEXT", "COMPOUND_TEXT", "text/plain"}
_XCLIP_MAX_S: Final = 5.0  # as long as Tk waits for an owner
#: Why nothing could be taken, by the last word of Tk's error code.
_TOO_LARGE: Final = "clipboard.too_large"
_REASONS: Final = {"SIZE": _TOO_LARGE, "IGNORED": "clipboard.silent"}


class ClipboardError(Exception):
    """Say, as a key of the client's texts, why what is on the clipboard could not be taken."""


def clipboard_text(widget: tk.Misc, selection: str = "CLIPBOARD") -> str | None:
    """Give the text on the clipboard, or None where it holds something else.

    An image would otherwise be given as the numbers of its bytes.

    :raises ClipboardError: there is something that could not be taken.
    """
    targets = set((offered(widget, "TARGETS", selection) or "").split())
    if targets and not any(target.split(";")[0] in _TEXT_TARGETS for target in targets):
        return None
    for kind in ("UTF8_STRING", "STRING"):
        try:
            text = offered(widget, kind, selection)
        except ClipboardError as error:
            if str(error) != _TOO_LARGE or not (data := by_xclip(widget, kind, selection)):
                raise
            text = data.decode("utf-8", "replace")
        if text is not None:
            return text
    return None


def offered(widget: tk.Misc, kind: str, selection: str = "CLIPBOARD") -> str | None:
    """Return what is offered of a kind, as Tk writes it, or None where nobody offers it.

    :raises ClipboardError: it is too large for Tk, or its owner does not answer for five seconds.
    """
    call = widget.tk.call
    try:
        return str(call("selection", "get", "-displayof", widget, "-selection", selection, "-type", kind))
    except tk.TclError:
        code = widget.tk.splitlist(widget.tk.call("set", "::errorCode"))
        if reason := _REASONS.get(str(code[-1]) if code else ""):
            raise ClipboardError(reason) from None
        return None


def by_xclip(widget: tk.Misc, kind: str, selection: str = "CLIPBOARD") -> bytes:
    """Return what `xclip` takes of a kind from another program; nothing where it is missing or fails.

    It would wait in vain for this one.
    """
    program = shutil.which("xclip")
    if program is None or str(widget.tk.call("tk", "windowingsystem")) != "x11":
        return b""
    try:
        ended = subprocess.run(
            [program, "-selection", selection.lower(), "-target", kind, "-out"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_XCLIP_MAX_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return b""
    return ended.stdout
