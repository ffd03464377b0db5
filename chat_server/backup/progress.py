"""Says on one line of a terminal how far a long piece of work has come, and nothing without a terminal."""

import time
from collections.abc import Callable
from typing import Final, TextIO

from chat_protocol.printable import escape

EVERY_S: Final = 0.2
CLEAR: Final = "\r\x1b[K"


class Progress:
    """The line. One thread.

    :param stream: where it is shown, when that is a terminal.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._shown = stream.isatty()
        self._clock = clock
        self._next = 0.0

    def show(self, what: str, done: int, total: int) -> None:
        """Show how much of `total` is done; not more often than can be read."""
        if not self._shown or self._clock() < self._next:
            return
        self._next = self._clock() + EVERY_S
        share = f" of {total:,} ({min(100, 100 * done // total)} %)" if total else ""
        self._stream.write(f"{CLEAR}{escape(what)}: {done:,}{share}")
        self._stream.flush()

    def clear(self) -> None:
        """Clear the line."""
        if self._shown:
            self._stream.write(CLEAR)
            self._stream.flush()
