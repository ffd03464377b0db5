"""Notices that the machine's clock was set, and says so once for each time; it must not know who uses it.

Runs on the timer thread.
"""

import logging
from collections.abc import Callable
from typing import Final

from chat_protocol.times import steady_s

LOOK_EVERY_S: Final = 5.0
JUMP_MIN_S: Final = 60.0  # less is what time servers correct

_log = logging.getLogger("chat.clock")


class ClockWatch:
    """Compare the clock with one that nobody sets.

    :param clock: milliseconds since 1970 UTC.
    :param steady: seconds that never jump.
    """

    def __init__(self, clock: Callable[[], int], steady: Callable[[], float] = steady_s) -> None:
        self._clock = clock
        self._steady = steady
        self._offset_s = self._offset()

    def look(self) -> None:
        """Warn when the clock has jumped since the last look."""
        offset_s = self._offset()
        jump_s, self._offset_s = offset_s - self._offset_s, offset_s
        if abs(jump_s) >= JUMP_MIN_S:
            _log.warning(
                "the system's clock was set %s by %.0f s: messages carry the new time",
                _way(jump_s),
                abs(jump_s),
            )

    def _offset(self) -> float:
        return self._clock() / 1000 - self._steady()


def _way(jump_s: float) -> str:
    return "forward" if jump_s > 0 else "back"
