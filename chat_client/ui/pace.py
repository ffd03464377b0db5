"""How soon the window looks again at what has arrived: at once at rest; it knows no widget and no client."""

import time
from collections.abc import Callable

#: Looks may take so long at a stretch, and wait no longer than this for their next turn.
STRETCH_MS = 20


class Pace:
    """Leaves half of the time to keys and pointer while much arrives: each look draws.

    Time without a look is saved up, to `STRETCH_MS`, and a look spends it. So at rest two looks may follow
    each other, as those of a line and of its tick. In a flood each waits as long as the last one took.

    :param clock: a monotonic clock, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = self._ended = clock()
        self._saved_ms = float(STRETCH_MS)  # when the last look ended
        self._drawing = False
        self._asked = False

    def begin(self) -> None:
        """Note that a look begins."""
        self._saved_ms = self._saved_now_ms()
        self._began = self._clock()
        self._drawing, self._asked = True, False

    def end(self) -> bool:
        """Note that all is drawn; return whether somebody has asked for another look meanwhile."""
        self._ended = self._clock()
        self._saved_ms = max(-STRETCH_MS, self._saved_ms - (self._ended - self._began) * 1000)
        self._drawing = False
        return self._asked

    def ask(self) -> int | None:
        """Return in how many milliseconds to look again (0: now); None while the last look is being drawn."""
        if self._drawing:
            self._asked = True
            return None
        return max(0, round(-self._saved_now_ms()))

    def _saved_now_ms(self) -> float:
        return min(float(STRETCH_MS), self._saved_ms + (self._clock() - self._ended) * 1000)
