"""Puts the marks of bold, italic and code around what is selected, or takes them off; it sends nothing."""

import re
import tkinter as tk
from collections.abc import Callable
from typing import Final

from chat_client.ui.room.markup import BOLD, CODE, FENCE, ITALIC

_OUTER: Final = re.compile(r"(\s*)(.*?)(\s*)\Z", re.DOTALL)


def toggle_mark(text: tk.Text, mark: str) -> None:
    """Mark what is selected, or unmark it; without a selection put the cursor between two marks.

    The selection stays on what it was on. A mark ends with its line, so each line gets its own; of code,
    several lines get a fence around them.
    """
    text.edit_separator()
    if not text.tag_ranges("sel"):
        text.insert("insert", mark + mark)
        text.mark_set("insert", f"insert - {len(mark)} chars")
    else:
        start, selected = text.index("sel.first"), text.get("sel.first", "sel.last")
        if _has_around(text, mark):
            _unmark_around(text, mark)
        else:
            marked = toggled(selected, mark)
            text.replace("sel.first", "sel.last", marked)
            text.tag_add("sel", start, f"{start} + {len(marked)} chars")
            text.mark_set("insert", f"{start} + {len(marked)} chars")
    text.edit_separator()
    text.see("insert")


def toggled(selected: str, mark: str) -> str:
    """Return a text with marks around it, or without those that it has."""
    if mark == CODE and "\n" in selected.strip("\n"):
        inner = selected.strip("\n")
        if inner.startswith(FENCE) and inner.endswith(FENCE) and len(inner) > 2 * len(FENCE):
            return inner[len(FENCE) : -len(FENCE)].strip("\n")
        return f"{FENCE}\n{inner}\n{FENCE}"
    lines = selected.split("\n")
    if all(_is_marked(line.strip(), mark) for line in lines if line.strip()):
        return "\n".join(_outside(line, lambda inner: inner[len(mark) : -len(mark)]) for line in lines)
    return "\n".join(_outside(line, lambda inner: mark + inner + mark) for line in lines)


def _outside(line: str, change: Callable[[str], str]) -> str:
    found = _OUTER.match(line)
    assert found is not None
    before, inner, after = found.groups()
    return before + change(inner) + after if inner else line


def _is_marked(inner: str, mark: str) -> bool:
    """Say whether a text stands between marks; two of three stars are bold's, one is italic's."""
    if len(inner) <= 2 * len(mark) or not (inner.startswith(mark) and inner.endswith(mark)):
        return False
    if mark != ITALIC:
        return True
    stars = len(inner) - len(inner.lstrip("*"))
    return stars != len(BOLD)


def _has_around(text: tk.Text, mark: str) -> bool:
    before = text.get(f"sel.first - {len(BOLD) + 1} chars", "sel.first").rpartition("\n")[2]
    after = text.get("sel.last", f"sel.last + {len(BOLD) + 1} chars").partition("\n")[0]
    if mark == CODE:
        return before.endswith(mark) and after.startswith(mark)
    opening = len(before) - len(before.rstrip("*"))
    closing = len(after) - len(after.lstrip("*"))
    stars = min(opening, closing)
    return stars >= 2 if mark == BOLD else stars in (1, 3)


def _unmark_around(text: tk.Text, mark: str) -> None:
    text.delete("sel.last", f"sel.last + {len(mark)} chars")
    text.delete(f"sel.first - {len(mark)} chars", "sel.first")
