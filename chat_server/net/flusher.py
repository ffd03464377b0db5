"""The flusher thread: writes on to sockets that were full, and ends those that linger too long.

It knows connections only by `flush` and `abandon`; what they carry is not its business.
"""

import contextlib
import heapq
import itertools
import logging
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable

from chat_server.net.flushing import Flushable

_log = logging.getLogger("chat.flusher")


class Flusher:
    """Wait with one epoll for sockets to become writable.

    `watch`, `linger` and `forget` are called under a connection's lock and take no lock: an epoll may be
    changed while another thread waits in it (epoll_wait(2)), and dict and deque operations are atomic.

    :param clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._epoll = select.epoll()
        self._watched: dict[int, Flushable] = {}
        self._new_deadlines: deque[tuple[float, Flushable]] = deque()
        self._deadlines: list[tuple[float, int, Flushable]] = []
        self._order = itertools.count()
        self._stopping = False
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._epoll.register(self._wake_reader, select.EPOLLIN)
        self._thread = threading.Thread(target=self._run, name="flusher", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread and wait for it; connections are left as they are."""
        self._stopping = True
        self._wake()
        self._thread.join()
        self._epoll.close()
        self._wake_reader.close()
        self._wake_writer.close()

    def watch(self, connection: Flushable) -> None:
        """Call `connection.flush()` once its socket is writable."""
        known = connection.fd in self._watched
        self._watched[connection.fd] = connection
        flags = select.EPOLLOUT | select.EPOLLONESHOT
        if known:
            self._epoll.modify(connection.fd, flags)
        else:
            self._epoll.register(connection.fd, flags)

    def linger(self, connection: Flushable, seconds: float) -> None:
        """Call `connection.abandon()` after a while."""
        self._new_deadlines.append((self._clock() + seconds, connection))
        self._wake()

    def forget(self, connection: Flushable) -> None:
        """Drop a connection whose socket is about to be closed (closing removes it from the epoll)."""
        if self._watched.get(connection.fd) is connection:
            del self._watched[connection.fd]

    def is_behind(self) -> bool:
        """Whether any connection has bytes that its socket does not take; of all, few have ever had any."""
        return any(connection.waiting_bytes for connection in list(self._watched.values()))

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # enough wake-ups are on their way
            self._wake_writer.send(b"\0", socket.MSG_DONTWAIT)

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._turn()
            except Exception:  # whatever one socket does, the others must be served
                _log.exception("flushing failed")

    def _turn(self) -> None:
        for fd, _ in self._epoll.poll(self._patience()):
            connection = self._watched.get(fd)
            if connection is not None:
                connection.flush()
            elif fd == self._wake_reader.fileno():
                self._wake_reader.recv(4096)
        while self._new_deadlines:
            deadline, connection = self._new_deadlines.popleft()
            heapq.heappush(self._deadlines, (deadline, next(self._order), connection))
        while self._deadlines and self._deadlines[0][0] <= self._clock():
            heapq.heappop(self._deadlines)[2].abandon()

    def _patience(self) -> float | None:
        if self._new_deadlines:
            return 0
        return max(0.0, self._deadlines[0][0] - self._clock()) if self._deadlines else None
