"""Looks for words in the memory of a process; it knows nothing of what the process does."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_RANGE: Final = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw")
#: How Python, Tcl and the fonts of X keep the characters of a text.
_ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-32-le")


def remembered(pid: int, words: Iterable[str]) -> list[str]:
    """Return which of several texts stand anywhere in what a process can write to."""
    wanted = {word: [word.encode(encoding) for encoding in _ENCODINGS] for word in words}
    found: dict[str, None] = {}
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for part in _parts(pid):
            try:
                memory.seek(part.start)
                data = memory.read(len(part))
            except (OSError, ValueError, OverflowError):
                continue  # a part that is gone meanwhile, or the kernel's
            found |= {word: None for word, forms in wanted.items() if any(form in data for form in forms)}
    return list(found)


def _parts(pid: int) -> list[range]:
    maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    matches = (_RANGE.match(line) for line in maps)
    return [range(int(found[1], 16), int(found[2], 16)) for found in matches if found]
