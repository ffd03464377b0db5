"""Waits until something has come true, for at most so long; it imports nothing of the project."""

import time
from collections.abc import Callable

WITHIN_S = 20.0
POLL_S = 0.005


def came_true(holds: Callable[[], object], within_s: float = WITHIN_S, poll_s: float = POLL_S) -> bool:
    """Look again and again until something holds; return whether it came to that in time."""
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(poll_s)
    return True


def until(
    holds: Callable[[], object],
    seen: Callable[[], object] = str,
    within_s: float = WITHIN_S,
    poll_s: float = POLL_S,
) -> None:
    """Wait until something holds, and fail where it does not come to that.

    :param seen: what the failure tells, asked for at the end.
    """
    assert came_true(holds, within_s, poll_s), seen()
