"""The names of files: what is left of one that somebody chose; it must not know where a file is kept."""

import re
import unicodedata
from typing import Final

from chat_protocol.limits import FILE_NAME_MAX_CHARS
from chat_protocol.printable import is_shown

NAMELESS: Final = "file"  # what a file is called of whose name nothing is left
_SEPARATORS: Final = re.compile(r"[/\\]")
_HIDING: Final = frozenset({"Co", "Cn", "Zl", "Zp"})


def clean_file_name(name: str) -> str:
    """Return what stands behind the last slash, composed (NFC), without what hides or turns the reading.

    It is a name for people: where a file is saved under it, it still has to fit the place.
    """
    last = _SEPARATORS.split(unicodedata.normalize("NFC", name))[-1]
    shown = "".join(char for char in last if is_shown(char) and unicodedata.category(char) not in _HIDING)
    shown = " ".join(shown.split())[:FILE_NAME_MAX_CHARS].strip()
    return shown if shown.strip(".") else NAMELESS
