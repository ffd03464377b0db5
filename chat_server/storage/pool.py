"""A small pool of connections that waits, but never longer than it is told; it must not know the driver."""

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from chat_server.storage.errors import GivenUp

C = TypeVar("C")


class Pool(Generic[C]):
    """Lends each connection to one thread at a time and opens them as they are needed.

    The queue holds one slot per connection: an idle connection, or None where one is still to be opened.
    Opening, using and closing happen outside any lock.
    """

    def __init__(
        self, size: int, open_connection: Callable[[], C], close_connection: Callable[[C], None]
    ) -> None:
        self.size = size
        self._open = open_connection
        self._close_connection = close_connection
        self._slots: queue.LifoQueue[C | None] = queue.LifoQueue()
        self._closed = threading.Event()
        for _ in range(size):
            self._slots.put(None)

    def take(self, timeout_s: float) -> C:
        """Borrow a connection; give it back with :meth:`give` or :meth:`drop`.

        :raises GivenUp: when none came free within `timeout_s`, or the pool is closed.
        """
        try:
            connection = self._slots.get(timeout=max(0.0, timeout_s))
        except queue.Empty:
            raise GivenUp("every connection to the database is busy") from None
        try:
            if self._closed.is_set():
                raise GivenUp("the storage is closed")
            return self._open() if connection is None else connection
        except BaseException:
            self._slots.put(connection)
            raise

    def give(self, connection: C) -> None:
        """Return a connection that is fit for use."""
        if self._closed.is_set():
            self.drop(connection)
        else:
            self._slots.put(connection)

    def drop(self, connection: C) -> None:
        """Return the slot of a connection that is not to be used again, and close it."""
        try:
            self._close_connection(connection)
        finally:
            self._slots.put(None)

    def drop_idle(self) -> None:
        """Close the connections that nobody uses: after a loss they are most likely lost too."""
        for connection in self._taken_at_once():
            if connection is None:
                self._slots.put(None)
            else:
                self.drop(connection)

    def close(self) -> None:
        """Refuse further loans and close the connections; one that is out closes when it is returned."""
        self._closed.set()
        self.drop_idle()

    def _taken_at_once(self) -> list[C | None]:
        taken: list[C | None] = []
        while True:
            try:
                taken.append(self._slots.get_nowait())
            except queue.Empty:
                return taken
