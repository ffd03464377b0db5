"""A bounded queue whose consumer takes all that waits at once; it knows nothing of what it carries."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class BatchQueue(Generic[T]):
    """Many producers, one consumer. Batching needs no timer: while one batch is worked on, the next collects.

    :param limit: how many items may wait; past it, producers wait (back-pressure).
    :param on_put: called with how many items there are to be, before the consumer can take them.
    """

    def __init__(self, limit: int, on_put: Callable[[int], object] = int) -> None:
        self._on_put = on_put
        self._limit = limit
        self._items: deque[T] = deque()
        self._closed = False
        self._lock = threading.Lock()  # guards the three above
        self._not_empty = threading.Condition(
            self._lock
        )  # signalled when the first item comes, or at the end
        self._not_full = threading.Condition(self._lock)  # signalled when the consumer has taken items

    def put(self, items: Sequence[T], timeout: float | None = None) -> bool:
        """Append items, in one piece; wait while the queue is full.

        :param timeout: seconds to wait at most.
        :return: False when the queue was closed or stayed full; then nothing was appended.
        """
        with self._lock:
            if not self._not_full.wait_for(lambda: self._closed or len(self._items) < self._limit, timeout):
                return False
            if self._closed:
                return False
            self._on_put(len(items))
            self._items.extend(items)
            self._not_empty.notify()
            return True

    def take(self, most: int, timeout: float | None = None) -> list[T]:
        """Wait for items and return up to `most` of them.

        :param timeout: seconds to wait at most.
        :return: none when the queue is closed and drained, or nothing came in time.
        """
        with self._lock:
            self._not_empty.wait_for(lambda: self._items or self._closed, timeout)
            was_full = len(self._items) >= self._limit
            if len(self._items) <= most:
                taken = list(self._items)
                self._items.clear()
            else:
                taken = [self._items.popleft() for _ in range(most)]
            if was_full:
                self._not_full.notify_all()
            return taken

    def close(self) -> None:
        """Accept no more items; what waits is still given out."""
        with self._lock:
            self._closed = True
            self._not_empty.notify_all()
            self._not_full.notify_all()

    def __len__(self) -> int:
        """Return how many items wait: an approximate snapshot."""
        return len(self._items)
