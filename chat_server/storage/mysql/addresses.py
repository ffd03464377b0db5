"""Which of several database servers is used, and which come next when it fails; it must not know the driver.

Any thread. Every chat server has the same list and tries it in the same order, so that in peace all write on
the same one: a replicated database refuses what two of its servers write at once. Nobody goes back to an
earlier address while the present one works: an address that comes and goes would have the chat servers change
sides at different times.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, Generic, Protocol, TypeVar

from chat_server.storage.core.urls import MysqlAddress
from chat_server.storage.mysql.errors import ConnectionLost

DEAD_S: Final = 10.0  # an address that failed is not tried again for so long, where there is another
GO_ON_S: Final = 2.5  # from here on the next address is left to the next request: one time-out is enough

log = logging.getLogger("chat.storage")


class Connection(Protocol):
    """What is asked of a connection."""

    address: MysqlAddress

    def close(self) -> None:
        """Close it, whatever its state."""


C = TypeVar("C", bound=Connection)


class Addresses(Generic[C]):
    """The servers of one database, in the order in which they are tried."""

    def __init__(
        self, addresses: Sequence[MysqlAddress], *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._addresses = tuple(addresses)
        self._monotonic = monotonic
        self._lock = threading.Lock()  # guards what follows
        self._current: MysqlAddress | None = None
        self._last_move = object()  # another one at each move
        self._failed_at: dict[MysqlAddress, float] = {}

    def open(self, connect: Callable[[MysqlAddress], C]) -> C:
        """Open a connection to the address that worked last, or else to the first that does.

        :param connect: raises ConnectionLost where the server does not answer or may not write.
        :raises ConnectionLost: what the first of the addresses tried was refused with.
        """
        while True:
            last_move = self._last_move
            connection = self._open_any(connect)
            if self._settle(connection.address, last_move):
                return connection
            connection.close()  # the others have moved on meanwhile

    def is_left(self, connection: C) -> bool:
        """Return whether a connection leads to an address that is not used any more."""
        return connection.address is not self._current

    def _open_any(self, connect: Callable[[MysqlAddress], C]) -> C:
        began = self._monotonic()
        refused: ConnectionLost | None = None
        for address in self._order():
            if refused is not None and self._monotonic() - began > GO_ON_S:
                raise refused
            try:
                return connect(address)
            except ConnectionLost as error:
                refused = refused or error
                with self._lock:
                    self._failed_at[address] = self._monotonic()
        assert refused is not None  # there is an address at least
        raise refused

    def _order(self) -> Sequence[MysqlAddress]:
        """Return the addresses to try: those not known dead, or else the one that failed longest ago."""
        with self._lock:
            dead_since = self._monotonic() - DEAD_S
            ranked = sorted(self._addresses, key=lambda address: address is not self._current)
            failed_at = dict(self._failed_at)
        alive = [address for address in ranked if failed_at.get(address, dead_since) <= dead_since]
        return alive or [min(ranked, key=lambda address: failed_at[address])]

    def _settle(self, address: MysqlAddress, last_move: object) -> bool:
        """Make an address the one in use, unless another has become that since `last_move` was read."""
        with self._lock:
            self._failed_at.pop(address, None)
            if address is self._current:
                return True
            if last_move is not self._last_move:
                return False
            former, self._current = self._current, address
            self._last_move = object()
        if former is not None:
            log.warning("The database is used at %s from now on: %s failed", address.place, former.place)
        return True
