"""Lends MySQL connections for a piece of work, and decides what may be tried again; it knows no driver.

Any thread may call it. Work is done again only when the first try is known to have left nothing behind.
"""

import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from chat_server.storage.core.errors import GivenUp, OutcomeUnknown, StorageError, StorageUnavailable
from chat_server.storage.core.outage import Outage, Use
from chat_server.storage.core.pool import Pool
from chat_server.storage.mysql.errors import Conflict, ConnectionLost, TooLarge

C = TypeVar("C")
T = TypeVar("T")

TRIES: Final = 3


class Lender(Generic[C]):
    """Gives work a connection of a pool, and the pool its connection back, if that is still good."""

    def __init__(
        self,
        pool: Pool[C],
        begin_max_s: float,
        turn_max_s: float,
        is_left: Callable[[C], bool] = lambda _connection: False,
    ) -> None:
        """Bound the waiting.

        :param pool: of the connections.
        :param begin_max_s: after so many seconds no try begins: what it takes comes on top.
        :param turn_max_s: seconds to wait for a connection.
        :param is_left: tells a connection to a server that is not used any more.
        """
        self._pool = pool
        self._begin_max_s = begin_max_s
        self._turn_max_s = turn_max_s
        self._is_left = is_left
        self._outage = Outage()

    def lend(self, use: Use, work: Callable[[C], T], *, first: bool = False) -> T:
        """Run `work` on a connection and return its result.

        :param first: do not wait behind others for the connection.
        :raises StorageUnavailable: when the database is down, or there was no time.
        """
        if not self._outage.may_try(use):
            raise StorageUnavailable("the database does not answer")
        try:
            result = self._try(work, first)
        except (GivenUp, Conflict):
            raise  # busy, but there
        except StorageUnavailable as error:
            self._outage.failed(use, error)
            raise
        self._outage.worked(use)
        return result

    def _try(self, work: Callable[[C], T], first: bool) -> T:
        deadline = time.monotonic() + self._begin_max_s
        tries = 1
        while True:
            try:
                return self._try_once(work, deadline, first)
            except (ConnectionLost, Conflict):
                # Nothing was committed.
                if tries == TRIES or time.monotonic() > deadline:
                    raise
            tries += 1

    def _try_once(self, work: Callable[[C], T], deadline: float, first: bool) -> T:
        pool = self._pool
        connection = pool.take(self._turn_max_s, first=first)
        while self._is_left(connection):
            pool.drop(connection)
            connection = pool.take(self._turn_max_s, first=first)
        try:
            if time.monotonic() > deadline:
                raise GivenUp("the database answers too slowly")
            result = work(connection)
        except (ConnectionLost, OutcomeUnknown):
            pool.drop(connection)
            pool.drop_idle()
            raise
        except TooLarge:
            pool.drop(connection)
            raise
        except StorageError:
            pool.give(connection)  # rolled back, and in order
            raise
        except BaseException:
            pool.drop(connection)
            raise
        pool.give(connection)
        return result
