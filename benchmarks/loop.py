"""Runs many clients on one thread: who has bytes to read is called; it must not know what the clients do."""

import select
import time
from collections.abc import Callable, Iterable

from benchmarks.clients import Client

READ_BYTES = 1 << 20
# So many listeners are served before the senders have their turn again.
LISTENERS_AT_A_TIME = 64


class Loop:
    """Two groups of clients: the prompt ones (senders, probes) never wait for a long row of listeners."""

    def __init__(self) -> None:
        self._view = memoryview(bytearray(READ_BYTES))
        self._prompt = select.epoll()
        self._all = select.epoll()
        # An epoll object can itself be waited for.
        self._all.register(self._prompt.fileno(), select.EPOLLIN)
        self._clients: dict[int, Client] = {}
        self.lost: list[Client] = []
        # How often a client was served: stands still when nothing comes any more.
        self.reads = 0

    def add(self, clients: Iterable[Client], *, prompt: bool = False) -> None:
        poll = self._prompt if prompt else self._all
        for client in clients:
            self._clients[client.connection.fileno()] = client
            poll.register(client.connection.fileno(), select.EPOLLIN)

    def remove(self, client: Client) -> None:
        """Forget a client whose connection is still open."""
        fd = client.connection.fileno()
        del self._clients[fd]
        for poll in (self._prompt, self._all):
            try:
                poll.unregister(fd)
            except FileNotFoundError:
                continue

    def close(self) -> None:
        self._all.close()
        self._prompt.close()

    def run_until(self, deadline: float) -> None:
        """Serve until *deadline*, a time of ``time.perf_counter``."""
        while (left := deadline - time.perf_counter()) > 0:
            self.turn(left)

    def run_while(self, waiting: Callable[[], bool], progress: Callable[[], int], quiet_s: float) -> bool:
        """Serve while *waiting* says so, but give up when *progress* stands still for *quiet_s* seconds.

        :returns: whether the wait was fulfilled.
        """
        before, since = progress(), time.perf_counter()
        while waiting():
            self.turn(0.05)
            now, at = time.perf_counter(), progress()
            if at != before:
                before, since = at, now
            elif now - since > quiet_s:
                return False
        return True

    def turn(self, timeout: float) -> None:
        """Serve those that have something, waiting at most *timeout* seconds for the first."""
        for fd, _ in self._all.poll(timeout, LISTENERS_AT_A_TIME):
            client = self._clients.get(fd)
            if client is not None:
                self._serve(client)
        for fd, _ in self._prompt.poll(0):
            self._serve(self._clients[fd])

    def _serve(self, client: Client) -> None:
        self.reads += 1
        client.readable(self._view)
        if client.lost is not None:
            self.remove(client)
            self.lost.append(client)
