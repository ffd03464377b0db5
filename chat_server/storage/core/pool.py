"""A small pool of connections that waits, but never longer than it is told; it must not know the driver.

Any thread may call it. A connection that comes back goes to the thread that has waited longest: where anybody
may overtake, the commit thread under load takes it again and again, and sign-ins starve. Where the database
has no more connections for this program, the pool makes do with those that it has.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final, Generic, TypeVar

from chat_server.storage.core.errors import GivenUp, NoMoreConnections

C = TypeVar("C")

GROW_EVERY_S: Final = 5.0  # between two tries to open more than the database allowed
LAST_RETRY_S: Final = 0.1  # between two tries to open the only one


class Pool(Generic[C]):
    """Lends each connection to one thread at a time and opens them as they are needed.

    There is one slot per connection: an idle connection, or None where one is still to be opened. Opening,
    using and closing happen outside the lock. A slot whose connection the database refused is put aside for
    :data:`GROW_EVERY_S`.
    """

    def __init__(
        self,
        size: int,
        open_connection: Callable[[], C],
        close_connection: Callable[[C], None],
        *,
        reserved: int = 0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open nothing yet.

        :param open_connection: raises NoMoreConnections where there are others, but not one more.
        :param reserved: how many slots are for those who come `first`, unless there is but one.
        """
        self._size = size
        self._open = open_connection
        self._close_connection = close_connection
        self._reserved = reserved
        self._monotonic = monotonic
        self._lock = threading.Lock()  # guards what follows
        self._idle: list[C | None] = [None] * size
        self._waiting: deque[_Waiter[C]] = deque()  # those who are `first` stand before the others
        self._aside = 0
        self._grow_at = 0.0
        self._opened = 0
        self._closed = False

    @property
    def opened(self) -> int:
        """How many connections are open."""
        return self._opened

    @property
    def allowed(self) -> int:
        """How many there may be, as far as the database has let it be known."""
        return self._size - self._aside

    def take(self, timeout_s: float, *, first: bool = False) -> C:
        """Borrow a connection; give it back with :meth:`give` or :meth:`drop`.

        :param first: be served before the others that wait.
        :raises GivenUp: when none came free within `timeout_s`, or the pool is closed.
        :raises NoMoreConnections: when the database has not even one for this program.
        """
        deadline = self._monotonic() + timeout_s
        while True:
            slot = self._take_slot(max(0.0, deadline - self._monotonic()), first)
            try:
                if self._closed:
                    raise GivenUp("the storage is closed")
                return self._opened_now() if slot is None else slot
            except NoMoreConnections:
                if not self._put_aside():  # the only one
                    if self._monotonic() + LAST_RETRY_S >= deadline:
                        raise
                    time.sleep(LAST_RETRY_S)
            except BaseException:
                self._put(slot)
                raise

    def _opened_now(self) -> C:
        connection = self._open()
        with self._lock:
            self._opened += 1
        return connection

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
            with self._lock:
                self._opened -= 1
            self._put(None)

    def drop_idle(self) -> None:
        """Close the connections that nobody uses: after a loss they are most likely lost too."""
        with self._lock:
            dropped = [connection for connection in self._idle if connection is not None]
            self._idle = [None] * len(self._idle)
            self._opened -= len(dropped)
        for connection in dropped:
            self._close_connection(connection)

    def close(self) -> None:
        """Refuse further loans and close the connections; one that is out closes when it is returned."""
        self._closed = True
        self.drop_idle()

    def _take_slot(self, timeout_s: float, first: bool) -> C | None:
        waiter: _Waiter[C] = _Waiter(first)
        with self._lock:
            if first:
                self._waiting.appendleft(waiter)
            else:
                self._waiting.append(waiter)
            self._share_out_locked()
            if waiter in self._waiting and self._aside and self._monotonic() >= self._grow_at:
                self._aside -= 1
                self._idle.append(None)
                self._share_out_locked()
        try:
            return waiter.box.get(timeout=timeout_s) if timeout_s else waiter.box.get_nowait()
        except Empty:
            if self._stopped_waiting(waiter):
                raise GivenUp("every connection to the database is busy") from None
            return waiter.box.get()  # it came in the moment between
        except BaseException:  # Ctrl+C in the console must not cost the pool a connection
            if not self._stopped_waiting(waiter):
                self._put(waiter.box.get())
            raise

    def _stopped_waiting(self, waiter: "_Waiter[C]") -> bool:
        with self._lock:
            if waiter not in self._waiting:
                return False
            self._waiting.remove(waiter)
            self._share_out_locked()
            return True

    def _put(self, slot: C | None) -> None:
        with self._lock:
            # On top: what was used last is the warmest, and what is not needed stays unopened.
            self._idle.insert(0 if slot is None else len(self._idle), slot)
            self._share_out_locked()

    def _put_aside(self) -> bool:
        """Do without a slot for a while; return False, and keep it, when it is the only one."""
        with self._lock:
            self._grow_at = self._monotonic() + GROW_EVERY_S
            is_only_one = self._aside == self._size - 1
            if is_only_one:
                self._idle.insert(0, None)
            else:
                self._aside += 1
            self._share_out_locked()
            return not is_only_one

    def _share_out_locked(self) -> None:
        """Give slots to those who wait, in their order; the lock is held."""
        reserved = min(self._reserved, self._size - self._aside - 1)
        while self._waiting and len(self._idle) > (0 if self._waiting[0].first else reserved):
            self._waiting.popleft().box.put(self._idle.pop())


class _Waiter(Generic[C]):
    """One who waits for a slot."""

    __slots__ = ("box", "first")

    def __init__(self, first: bool) -> None:
        self.first = first
        self.box: SimpleQueue[C | None] = SimpleQueue()
