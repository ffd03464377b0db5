"""Circles of objects that hold something of Tk end on the window's thread."""

import gc
import threading

from chat_client.ui.garbage import collect_due, collected_here


class Circle:
    """Refers to itself, and notes the thread on which it ends."""

    def __init__(self, ended: list[threading.Thread]) -> None:
        self.ended = ended
        self.itself = self

    def __del__(self) -> None:
        self.ended.append(threading.current_thread())


def busy() -> None:
    """Make as many objects as start a collection of the youngest generation a few times."""
    kept = [[number] for number in range(5 * gc.get_threshold()[0])]
    assert kept


def test_no_other_thread_collects() -> None:
    """While the window runs, a thread that makes many objects leaves what others dropped alone."""
    ended: list[threading.Thread] = []
    with collected_here():
        Circle(ended)
        thread = threading.Thread(target=busy)
        thread.start()
        thread.join()
        assert ended == []
    assert ended == [threading.current_thread()]


def test_window_collects_what_is_due() -> None:
    """A circle ends at the next look once enough objects were made, not before."""
    ended: list[threading.Thread] = []
    with collected_here():
        gc.collect()
        Circle(ended)
        collect_due()
        assert ended == []
        kept = [[number] for number in range(2 * gc.get_threshold()[0])]
        collect_due()
        assert ended == [threading.current_thread()]
        assert kept


def test_collector_is_left_as_it_was() -> None:
    """Blocks within each other leave the collector off until the outer one ends."""
    with collected_here():
        with collected_here():
            pass
        assert not gc.isenabled()
    # The module's own block is around this one.
    assert not gc.isenabled()
