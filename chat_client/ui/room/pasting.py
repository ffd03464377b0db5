"""Files and pictures from the clipboard of X11, and files onto it; Tk thread only, it sends nothing."""

import contextlib
import os
import time
import tkinter as tk
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

from chat_client.store.files import make_private_folder
from chat_client.ui.widgets.clipboard import by_xclip, offered

PICTURE: Final = "image/png"
URIS: Final = "text/uri-list"
GNOME_FILES: Final = "x-special/gnome-copied-files"
_TK: Final = "TK_WINDOW"  # what Tk alone offers
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_BYTES: Final = {f"0x{value:x}": value for value in range(256)}
_KEPT_S: Final = 24 * 3600.0


def clipboard_files(widget: tk.Misc, folder: Path) -> list[Path]:
    """Return the files that were copied, or a file with the picture that is on the clipboard.

    :param folder: where the picture is put; what is older than a day goes from there.
    :raises ClipboardError: there is something that could not be taken.
    """
    if str(widget.tk.call("tk", "windowingsystem")) != "x11":
        return []
    kinds = (offered(widget, "TARGETS") or "").split()
    if URIS in kinds:
        return uri_files(_bytes(offered(widget, URIS)))
    if PICTURE in kinds:
        data = b"" if _TK in kinds else by_xclip(widget, PICTURE)  # Tk's may be this very program
        data = data or _bytes(offered(widget, PICTURE))
        if data.startswith(_PNG):
            return [keep(folder, data, "png")]
    return []


def copy_file(widget: tk.Misc, path: Path) -> None:
    """Put a file on the clipboard, as file managers do; where only text can be there, its path."""
    widget.clipboard_clear()
    if str(widget.tk.call("tk", "windowingsystem")) != "x11":
        widget.clipboard_append(str(path))
        return
    address = path.resolve().as_uri()
    widget.clipboard_append(f"{address}\r\n", type=URIS)
    widget.clipboard_append(f"copy\n{address}", type=GNOME_FILES)


def uri_files(data: bytes) -> list[Path]:
    """Return the local files of a list of addresses (RFC 2483), without folders and what is elsewhere."""
    found = []
    for line in data.decode("utf-8", "replace").splitlines():
        with contextlib.suppress(ValueError, OSError):
            parts = urlsplit(line.strip())
            path = Path(os.fsdecode(unquote_to_bytes(parts.path)))
            if parts.scheme == "file" and parts.netloc in ("", "localhost") and path.is_file():
                found.append(path)
    return found


def _bytes(words: str | None) -> bytes:
    """Read the bytes that Tk writes as `0x89 0x50 …`, which it does with all that it takes for no text."""
    words = words or ""
    try:
        return bytes(map(_BYTES.__getitem__, words.split()))
    except KeyError:
        return words.encode("utf-8", "surrogateescape")


def keep(folder: Path, data: bytes, ending: str) -> Path:
    """Put what was pasted into a file that can be attached, named by the time; what is older than a day goes.

    :raises OSError: it cannot be written.
    """
    make_private_folder(folder)
    now = time.time()
    for old in folder.iterdir():
        with contextlib.suppress(OSError):
            if now - old.stat().st_mtime > _KEPT_S:
                old.unlink()
    name = time.strftime(f"%Y-%m-%d %H-%M-%S {time.time_ns() % 1000:03}", time.localtime(now))
    path = folder / f"{name}.{ending}"
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    return path
