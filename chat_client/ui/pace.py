"""How soon the window looks again at what has arrived: at once at rest; it knows no widget and no client."""

import time
from collections.abc import Callable

#: After a look, at least as long as it took is left to keys and pointer, but no longer than this.
PAUSE_MAX_MS = 20


class Pace:
    """Keeps looks apart: each draws.

    :param clock: a monotonic clock, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = self._ended = clock()
        self._drawing = False
        self._asked = False

    def begin(self) -> None:
        """Note that a look begins."""
        self._began = self._clock()
        self._drawing, self._asked = True, False

    def end(self) -> bool:
        """Note that all is drawn; return whether somebody has asked for another look meanwhile."""
        self._ended = self._clock()
        self._drawing = False
        return self._asked

    def ask(self) -> int | None:
        """Return in how many milliseconds to look again (0: now); None while the last look is being drawn."""
        if self._drawing:
            self._asked = True
            return None
        took_ms = (self._ended - self._began) * 1000
        since_ms = (self._clock() - self._ended) * 1000
        return max(0, round(min(took_ms, PAUSE_MAX_MS) - since_ms))
