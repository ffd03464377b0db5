"""A small pool of connections that waits, but never longer than it is told; it must not know the driver.

Any thread may call it. A connection that comes back goes to the thread that has waited longest: where anybody
may overtake, the commit thread under load takes it again and again, and sign-ins starve.
"""

import threading
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from chat_server.storage.core.errors import GivenUp

C = TypeVar("C")


class Pool(Generic[C]):
    """Lends each connection to one thread at a time and opens them as they are needed.

    There is one slot per connection: an idle connection, or None where one is still to be opened. Opening,
    using and closing happen outside the lock.
    """

    def __init__(
        self, size: int, open_connection: Callable[[], C], close_connection: Callable[[C], None]
    ) -> None:
        self._open = open_connection
        self._close_connection = close_connection
        self._lock = threading.Lock()  # guards what follows
        self._idle: list[C | None] = [None] * size
        self._waiting: deque[SimpleQueue[C | None]] = deque()  # not empty only while _idle is
        self._closed = False

    def take(self, timeout_s: float, *, first: bool = False) -> C:
        """Borrow a connection; give it back with :meth:`give` or :meth:`drop`.

        :param first: be served before the others that wait.
        :raises GivenUp: when none came free within `timeout_s`, or the pool is closed.
        """
        slot = self._take_slot(timeout_s, first)
        try:
            if self._closed:
                raise GivenUp("the storage is closed")
            return self._open() if slot is None else slot
        except BaseException:
            self._put(slot)
            raise

    def give(self, connection: C) -> None:
        """Return a connection that is fit for use."""
        if self._closed:
            self.drop(connection)
        else:
            self._put(connection)

    def drop(self, connection: C) -> None:
        """Return the slot of a connection that is not to be used again, and close it."""
        try:
            self._close_connection(connection)
        finally:
            self._put(None)

    def drop_idle(self) -> None:
        """Close the connections that nobody uses: after a loss they are most likely lost too."""
        with self._lock:
            dropped = [connection for connection in self._idle if connection is not None]
            self._idle = [None] * len(self._idle)
        for connection in dropped:
            self._close_connection(connection)

    def close(self) -> None:
        """Refuse further loans and close the connections; one that is out closes when it is returned."""
        self._closed = True
        self.drop_idle()

    def _take_slot(self, timeout_s: float, first: bool) -> C | None:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            box: SimpleQueue[C | None] = SimpleQueue()
            if first:
                self._waiting.appendleft(box)
            else:
                self._waiting.append(box)
        try:
            return box.get(timeout=timeout_s)
        except Empty:
            if self._stopped_waiting(box):
                raise GivenUp("every connection to the database is busy") from None
            return box.get()  # it came in the moment between
        except BaseException:  # Ctrl+C in the console must not cost the pool a connection
            if not self._stopped_waiting(box):
                self._put(box.get())
            raise

    def _stopped_waiting(self, box: "SimpleQueue[C | None]") -> bool:
        with self._lock:
            if box not in self._waiting:
                return False
            self._waiting.remove(box)
            return True

    def _put(self, slot: C | None) -> None:
        with self._lock:
            if not self._waiting:
                # On top: what was used last is the warmest, and what is not needed stays unopened.
                self._idle.append(slot)
                return
            box = self._waiting.popleft()
            box.put(slot)
