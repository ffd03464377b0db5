"""Log lines in a terminal where somebody types: above the half-typed line, which is shown again below them.

It must not know what is logged. Any thread logs.
"""

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Final, TextIO

CLEAR_LINE: Final = "\r\x1b[K"  # ECMA-48: to the first column, erase to the end


class Interjection:
    """A stream for a log handler that writes to the terminal of the console.

    :param stream: the terminal.
    :param half_typed: returns the prompt and what is typed after it, empty when nobody is asked.
    """

    def __init__(self, stream: TextIO, half_typed: Callable[[], str]) -> None:
        self._stream = stream
        self._half_typed = half_typed

    def write(self, text: str) -> int:
        """Write above the half-typed line; return how much was written."""
        line = self._half_typed()
        return self._stream.write(f"{CLEAR_LINE}{text}{line}" if line else text)

    def flush(self) -> None:
        """Show what was written."""
        self._stream.flush()


@contextlib.contextmanager
def log_interjected(half_typed: Callable[[], str]) -> Iterator[None]:
    """Let the log's lines on the terminal spare what is being typed there."""
    handlers = [
        handler
        for handler in logging.getLogger("chat").handlers
        if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stderr and sys.stderr.isatty()
    ]
    for handler in handlers:
        handler.setStream(Interjection(sys.stderr, half_typed))
    try:
        yield
    finally:
        for handler in handlers:
            handler.setStream(sys.stderr)
