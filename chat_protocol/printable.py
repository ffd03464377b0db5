"""What a terminal, a log or a script may be shown of text that people chose; it knows no place of showing.

Control characters move the cursor and write lines, format characters turn the direction or hide: a terminal
obeys what it is sent, and a log is read line by line.
"""

import unicodedata
from typing import Final

_UNSHOWN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def is_shown(char: str) -> bool:
    """Return whether a character may be shown as it is."""
    return unicodedata.category(char) not in _UNSHOWN


def escape(text: str) -> str:
    r"""Return the text with control, format and line characters as `\x1b`, `\u202e` or `\U000e0001`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if is_shown(char) else _escaped(char) for char in text)


def escape_json(encoded: str) -> str:
    """Return JSON that says the same, with those characters written as JSON escapes."""
    if encoded.isascii() and encoded.isprintable():
        return encoded
    return "".join(char if is_shown(char) or char == "\n" else _json_escaped(char) for char in encoded)


def _escaped(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escaped(char: str) -> str:
    code = ord(char)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
