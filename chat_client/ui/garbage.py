"""Collects garbage on the window's thread alone, as Tk needs it; it must not know what is collected.

A closed sheet is a circle of objects, and its variables and pictures tell Tk that they end. On another
thread, where a collection may begin by itself, that waits for the window, or fails where none is left.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OLDEST = 2  # the last of the collector's generations


@contextmanager
def collected_here() -> Iterator[None]:
    """Let no thread collect by itself within the `with` block; at its end this thread collects everything."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        if was_enabled:
            gc.enable()


def collect_due() -> None:
    """Collect what the collector would by itself: the oldest generation that has reached its threshold."""
    counts, thresholds = gc.get_count(), gc.get_threshold()
    for generation in range(OLDEST, -1, -1):
        if counts[generation] > thresholds[generation] > 0:
            gc.collect(generation)
            return
