"""When to try again: back-off with jitter, and the notice that the computer has slept; pure arithmetic."""

import random

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
STABLE_AFTER_S = 10.0
SLEPT_AFTER_S = 20.0


class Backoff:
    """Delays that double from half a second to half a minute, spread so that clients do not come all at once.

    :param rng: the source of the jitter.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._delay_s = FIRST_DELAY_S

    def next_delay(self, at_least_s: float = 0.0) -> float:
        """Return how long to wait before the next attempt, in seconds."""
        delay = max(self._delay_s, at_least_s)
        self._delay_s = min(self._delay_s * 2, LONGEST_DELAY_S)
        return delay * self._rng.uniform(1.0, 1.5) if at_least_s else delay * self._rng.uniform(0.5, 1.0)

    def brief_delay(self) -> float:
        """Return how long to wait before an attempt at another address of the same server, in seconds."""
        return FIRST_DELAY_S * self._rng.uniform(0.0, 1.0)

    def reset(self) -> None:
        """Start again: the connection has held for a while."""
        self._delay_s = FIRST_DELAY_S


class SleepWatch:
    """Tell that the computer was suspended, from clocks that are looked at many times a second.

    Some systems' monotonic clock stands still while they sleep and others' does not; the wall clock jumps on
    all of them. A clock set forward looks the same, and costs one needless reconnection.
    """

    def __init__(self) -> None:
        self._last: float | None = None

    def slept(self, wall_s: float) -> bool:
        """Say whether much more time has passed since the last call than between two looks."""
        last, self._last = self._last, wall_s
        return last is not None and wall_s - last >= SLEPT_AFTER_S
