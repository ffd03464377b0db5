"""Where a file that somebody sent is saved: a name that is safe on every platform, and over no other file."""

import itertools
import re
from pathlib import Path
from typing import Final

from chat_protocol.file_names import NAMELESS, clean_file_name

NAME_MAX_BYTES: Final = 200  # file systems take 255, and a copy beside it has a longer name
EXTENSION_MAX_CHARS: Final = 16
_REFUSED: Final = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
# Windows opens a device of this name whatever stands behind the dot:
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.IGNORECASE)


def safe_name(name: str) -> str:
    """Make a name that opens no device, hides no file and fits every file system."""
    cleaned = _REFUSED.sub("_", clean_file_name(name)).strip(" .")
    if _DEVICE.match(cleaned):
        cleaned = f"_{cleaned}"
    stem, dot, extension = cleaned.rpartition(".")
    if not dot or len(extension) > EXTENSION_MAX_CHARS:
        stem, dot, extension = cleaned, "", ""
    room = NAME_MAX_BYTES - len(f"{dot}{extension}".encode())
    stem = stem.encode()[:room].decode(errors="ignore").rstrip(" .")
    return f"{stem}{dot}{extension}" if stem else NAMELESS


def free_path(folder: Path, name: str) -> Path:
    """Return a place in a folder where nothing stands yet: `a.png`, then `a (2).png`."""
    path = folder / safe_name(name)
    numbered = (path.with_name(f"{path.stem} ({number}){path.suffix}") for number in itertools.count(2))
    return next(one for one in itertools.chain([path], numbered) if not one.exists() and not one.is_symlink())
