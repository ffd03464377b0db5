"""Frames: bytes in, lines and objects out, and back; it reads from no socket and knows no request."""

import json
import json.scanner
import re
from collections.abc import Mapping
from typing import Any, NoReturn, cast

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import FRAME_MAX_BYTES

# The C stack of a client's thread is small, and the JSON scanner of some Python versions recurses without a
# bound of its own.
DEPTH_MAX = 32


class FrameTooLarge(ChatError):
    """A line is longer than a frame may be: nothing after it can be trusted, the connection must end."""

    def __init__(self) -> None:
        super().__init__(
            ErrorCode.FRAME_TOO_LARGE, f"A frame has at most {FRAME_MAX_BYTES} bytes, newline included."
        )


class FrameDecoder:
    """Cut a stream of bytes into lines, however the network has glued or split them.

    :param max_bytes: the longest line allowed, newline included.
    """

    def __init__(self, max_bytes: int = FRAME_MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._parts: list[bytes] = []
        self._pending_bytes = 0
        self.too_large = False

    @property
    def in_line(self) -> bool:
        """Whether a line has been begun and not finished."""
        return self._pending_bytes > 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that `data` completes, without their ends; empty lines are left out.

        After a line over the limit, `too_large` is set and what follows it is dropped; the lines
        before it are still returned, because they were valid requests.
        """
        if self.too_large:
            return []
        if b"\n" not in data:
            self._keep(data)
            return []
        self._parts.append(data)
        lines = b"".join(self._parts).split(b"\n")
        self._parts, self._pending_bytes = [], 0
        self._keep(lines.pop())
        return self._allowed(lines)

    def _keep(self, rest: bytes) -> None:
        if rest:
            self._parts.append(rest)
            self._pending_bytes += len(rest)
            if self._pending_bytes >= self._max_bytes:
                self.too_large = True
                self._parts = []

    def _allowed(self, lines: list[bytes]) -> list[bytes]:
        allowed = []
        for line in lines:
            if len(line) >= self._max_bytes:
                self.too_large = True
                break
            if line and line != b"\r":
                allowed.append(line)
        return allowed


def decode_object(line: bytes) -> dict[str, Any]:
    """Read one line as a JSON object.

    :raises ChatError: `bad_frame` when it is not UTF-8, not JSON (RFC 8259: no NaN), or no object.
    """
    if line.endswith(b"\r\r"):
        raise ChatError(ErrorCode.BAD_FRAME, "A line ends with \\n, and at most one \\r before it.")
    if line.count(b"[") + line.count(b"{") > DEPTH_MAX and _depth(line) > DEPTH_MAX:
        raise ChatError(ErrorCode.BAD_FRAME, f"A frame is nested at most {DEPTH_MAX} deep.")
    try:
        text = line.decode("utf-8").lstrip(" \t\r")
        value, end = _scan(text, 0)
        if end != len(text) and text[end:].strip(" \t\r"):
            raise ValueError("something stands behind the object")
    except (ValueError, RecursionError, StopIteration):
        raise ChatError(ErrorCode.BAD_FRAME, "The line is not a JSON object in UTF-8.") from None
    if type(value) is not dict:
        raise ChatError(ErrorCode.BAD_FRAME, "The line is not a JSON object.")
    return value


def may_hold_half_a_pair(line: bytes) -> bool:
    """Return whether a line spells a surrogate: whole pairs do, too, but most lines have none."""
    return b"\\u" in line and _SURROGATE.search(line) is not None


def encode_frame(frame: Mapping[str, Any]) -> bytes:
    """Write one frame: compact JSON in UTF-8 and a newline."""
    return _ENCODER.encode(frame).encode("utf-8", "replace") + b"\n"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _depth(line: bytes) -> int:
    """Return how deep the brackets outside strings are nested."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", line)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


# Linear in the line's length: a string without an end is matched too, and nothing is tried twice (`*+`).
_STRINGS = re.compile(rb'"(?:[^"\\]+|\\.)*+"?', re.DOTALL)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_BRACKETS = re.compile(rb"[\[\]{}]")
# The scanner itself, without the decoder's searches for white space around the value: a frame begins with its
# brace. It raises StopIteration where no value begins.
_scan = json.scanner.make_scanner(cast(Any, json.JSONDecoder(parse_constant=_refuse_constant)))
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
