"""One database on one or several MySQL or MariaDB servers, through a pool; it must not know the domain.

Any thread may call it. Connections are lent by a pool that waits.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from chat_server.storage.core.database import CALL_MAX_S, Database, Migrator, Transaction
from chat_server.storage.core.errors import NoMoreConnections, StorageConfigError, StorageUnavailable
from chat_server.storage.core.outage import Use
from chat_server.storage.core.owner import Owner
from chat_server.storage.core.pool import LAST_RETRY_S, Pool
from chat_server.storage.core.urls import MysqlAddress
from chat_server.storage.mysql.addresses import Addresses
from chat_server.storage.mysql.checks import warnings_about
from chat_server.storage.mysql.connection import (
    ANSWER_MAX_S,
    DRIVER_ERRORS,
    DRIVER_VERSION,
    HAS_C_EXTENSION,
    MysqlConnection,
    text_of,
)
from chat_server.storage.mysql.errors import FULL, MISCONFIGURED, ConnectionLost
from chat_server.storage.mysql.lease import Lease
from chat_server.storage.mysql.lending import Lender
from chat_server.storage.mysql.migrator import MysqlMigrator

T = TypeVar("T")

CONNECTIONS: Final = 9  # one of them is for the commit thread, which never queues behind the clients' threads
START_MAX_S: Final = 5.0  # waiting for a first connection
# A call that meets a server which has just stopped answering takes this, and one of each of a connection's
# bounds, at most.
TURN_MAX_S: Final = 1.5  # waiting for a connection of the pool
MIGRATION_MAX_S: Final = 3600
MIGRATION_LOCK: Final = "chat_schema"
_HAS_LEASES: Final = (
    "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'leases'"
)

_log = logging.getLogger("chat.storage")


class MysqlDatabase(Database):
    """One database, on a server that other programs may use too, or on several that hold the same."""

    name = "mysql"

    def __init__(self, address: MysqlAddress, *, pure: bool = False, writable: bool = True) -> None:
        """Connect once, to know that the address is right.

        :param pure: use the driver's implementation in Python.
        :param writable: refuse servers that may not write.
        :raises StorageConfigError: when the server refuses the user or the database.
        :raises StorageUnavailable: when it does not answer.
        """
        self._address = address
        self._pure = pure
        self._writable = writable
        self._addresses: Addresses[MysqlConnection] = Addresses(address.each())
        self.has_others = bool(address.others)
        self._lease: Lease | None = None
        self._cluster_member: Owner | None = None
        self._pool: Pool[MysqlConnection] = Pool(CONNECTIONS, self._open, MysqlConnection.close, reserved=1)
        self._lender: Lender[MysqlConnection] = Lender(
            self._pool, CALL_MAX_S - ANSWER_MAX_S, TURN_MAX_S, self._addresses.is_left
        )
        self._connect_first(len(address.each()))

    def _connect_first(self, tries: int) -> None:
        refused: ConnectionLost | None = None
        for _ in range(tries):  # one may take as long as an address that does not answer
            try:
                self._pool.give(self._pool.take(START_MAX_S))
            except ConnectionLost as error:
                refused = refused or error
            else:
                return
        assert refused is not None
        if getattr(refused.__cause__, "errno", None) in MISCONFIGURED:
            raise StorageConfigError(str(refused).replace("does not answer", "refuses")) from None
        raise refused

    def read(self, work: Callable[[Transaction], T]) -> T:
        return self._lender.lend(Use.READ, work)

    def write(self, work: Callable[[Transaction], T], *, durable: bool = True, urgent: bool = False) -> T:
        guard = None if self._lease is None else self._lease.guard
        return self._lender.lend(Use.WRITE, lambda connection: connection.transact(work, guard), first=urgent)

    def hold(self, owner: Owner, tell: Callable[[str], None], *, shared: bool = False) -> bool:
        self._cluster_member = owner if shared else None
        if not self.rows(_HAS_LEASES):
            return False
        lease = Lease(owner, self._write_unguarded, shared=shared)
        lease.take(tell)
        lease.keep()
        self._lease = lease
        return True

    def on_lost(self, callback: Callable[[], None]) -> None:
        if self._lease is not None:
            self._lease.on_lost(callback)

    def _write_unguarded(self, work: Callable[[Transaction], T]) -> T:
        return self._lender.lend(Use.WRITE, lambda connection: connection.transact(work))

    @contextmanager
    def migrator(self) -> Iterator[Migrator]:
        connection = self.open_apart(MIGRATION_MAX_S)
        try:
            locked = connection.row("SELECT GET_LOCK(?, 60)", (MIGRATION_LOCK,))
            if locked != (1,):
                raise StorageUnavailable("another server is changing the schema")
            with self._schema_lease():
                yield MysqlMigrator(connection)
        finally:
            connection.close()  # and with it the lock

    @contextmanager
    def _schema_lease(self) -> Iterator[None]:
        """Keep the other servers of a cluster off the schema: a lock holds on one server of the database."""
        if self._cluster_member is None or self._lease is None:
            yield
            return
        lease = Lease(self._cluster_member, self._write_unguarded, name="schema")
        lease.take(lambda _line: None)
        lease.keep()
        try:
            yield
        finally:
            lease.release()

    def connections(self) -> tuple[int, int]:
        return self._pool.opened, self._pool.allowed

    def check(self) -> list[str]:
        implementation = "C" if HAS_C_EXTENSION and not self._pure else "Python (slower)"
        version = self.rows("SELECT VERSION()")[0][0]
        _log.info(
            "%s, server %s, driver %s in %s, up to %d connections",
            self._address,
            version,
            DRIVER_VERSION,
            implementation,
            CONNECTIONS,
        )
        return warnings_about(self.rows)

    def release(self, wait_s: float) -> None:
        if self._lease is not None:
            self._lease.release(wait_s)

    def close(self) -> None:
        self._pool.close()

    def _open(self, answer_max_s: int = ANSWER_MAX_S) -> MysqlConnection:
        return self._addresses.open(lambda address: self._connect(address, answer_max_s))

    def _connect(self, address: MysqlAddress, answer_max_s: int) -> MysqlConnection:
        try:
            connection = MysqlConnection(address, answer_max_s, pure=self._pure)
        except DRIVER_ERRORS as error:
            if getattr(error, "errno", None) in FULL:
                raise NoMoreConnections(f"{address} has no connection left: {text_of(error)}") from error
            raise ConnectionLost(f"{address} does not answer: {text_of(error)}") from error
        if self._writable:
            connection.require_writable()
        return connection

    def open_apart(self, answer_max_s: int) -> MysqlConnection:
        """Open a connection beside the pool's, in place of its idle ones where there is no room for both.

        :param answer_max_s: how long it waits for an answer; the caller closes it.
        """
        deadline = time.monotonic() + START_MAX_S
        while True:
            try:
                return self._open(answer_max_s)
            except NoMoreConnections:
                self._pool.drop_idle()
                if time.monotonic() >= deadline:
                    raise
                time.sleep(LAST_RETRY_S)
