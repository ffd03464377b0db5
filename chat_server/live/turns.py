"""Turns at the interpreter, so that whoever has many threads at work is not many against one.

One thread at a time runs Python, and each that wants to waits for all others that do: in a delivery to a
hundred readers, two hundred times. So the threads of one user, of one address, and of all strangers together
want it a few at a time. It must not know the work.
"""

import threading
from typing import Final

WAIT_MAX_S: Final = 1.0  # then without a turn: whom a database keeps waiting does not keep others


class Turn:
    """What a few threads may be at, while others wait. A context manager that many threads share, each once.

    :param places: how many may be at it.
    """

    __slots__ = ("_holders", "_places")

    def __init__(self, places: int = 1) -> None:
        self._places = threading.Lock() if places == 1 else threading.BoundedSemaphore(places)
        self._holders: set[int] = set()  # threads; each adds and removes itself alone

    def __enter__(self) -> None:
        if self._places.acquire(timeout=WAIT_MAX_S):
            self._holders.add(threading.get_ident())

    def __exit__(self, *_error: object) -> None:
        me = threading.get_ident()
        if me in self._holders:
            self._holders.remove(me)
            self._places.release()
