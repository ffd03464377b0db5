"""What the servers of a cluster tell each other, sent and read; it must not know what it means.

Sending is any thread's, reading the cluster's. Ids of the table are not in the order of the commits: what was
told in the last seconds is read again each time, and what was applied before is left out.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from chat_server.storage.core.errors import StorageError, StorageUnavailable
from chat_server.storage.mysql.servers import KEPT_MS, Change, Servers

OVERLAP_MS: Final = 15_000  # longer than a commit takes, whatever happens to the database meanwhile
WAITING_MAX: Final = 10_000  # past it, in an outage, the oldest is forgotten: people sign in again after it

_log = logging.getLogger("chat.cluster")


class Outbox:
    """What waits to be told to the others, in order.

    :param lazy: kinds that the cluster's thread may send a moment later.
    """

    def __init__(self, servers: Servers, lazy: frozenset[str]) -> None:
        self._servers = servers
        self._lazy = lazy
        #: Called, on any thread, when something waits for the cluster's thread.
        self.on_waiting: Callable[[], object] = lambda: None
        #: Called, on any thread, after something was stored for the others.
        self.on_told: Callable[[], object] = lambda: None
        self._waiting: deque[Change] = deque(maxlen=WAITING_MAX)
        self._lock = threading.Lock()  # held while sending, so that the order stays; guards what follows
        self._sending: deque[Change] = deque(maxlen=WAITING_MAX)

    def put(self, kind: str, number: int, other: int, detail: str) -> None:
        """Tell the others; what is more than news is stored when this returns, if the database answers."""
        self._waiting.append(Change(kind, number, other, detail))
        if kind in self._lazy:
            self.on_waiting()
            return
        try:
            self.send()
        except StorageError as error:
            _log.warning("the other servers are told later: %s", error)

    def send(self) -> None:
        """Store what waits.

        :raises StorageUnavailable: when the database is down; it then waits on.
        """
        with self._lock:
            while self._waiting:
                self._sending.append(self._waiting.popleft())
            if not self._sending:
                return
            self._servers.tell(list(self._sending))
            self._sending.clear()
        self.on_told()


class Feed:
    """What the others told.

    :param since: the database's time before anything was read from storage.
    :param apply: does what a change says; raises StorageUnavailable when that is to be done again.
    """

    def __init__(self, servers: Servers, since: int, apply: Callable[[Change], None]) -> None:
        self._servers = servers
        self._from = since - OVERLAP_MS
        self._apply = apply
        self._applied: set[int] = set()

    def read(self) -> None:
        """Apply what is new.

        :raises StorageUnavailable: when the database is down; the rest is applied at the next call.
        """
        now, told = self._servers.since(self._from)
        if now - self._from > KEPT_MS:
            _log.error(
                "This server heard nothing of the others for more than an hour: restart it, or what they did"
                " meanwhile is not seen here"
            )
        applied = set()
        for each in told:
            if each.server != self._servers.id and each.id not in self._applied:
                self._apply_one(each.change)
                self._applied.add(each.id)
            applied.add(each.id)
        self._applied = applied
        self._from = now - OVERLAP_MS

    def _apply_one(self, change: Change) -> None:
        try:
            self._apply(change)
        except StorageUnavailable:
            raise
        except Exception:  # the next ones are applied all the same
            _log.exception("what another server did could not be applied: %s", change.kind)
