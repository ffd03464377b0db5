"""Changes the schema of a MySQL database on one patient connection; it must not import the driver."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from chat_server.storage.core.database import Migrator, Parameters, Row, Transaction
from chat_server.storage.core.errors import SchemaError, StorageError
from chat_server.storage.mysql.errors import ALREADY_DONE, DENIED


class Connection(Protocol):
    """What is asked of a connection."""

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Return all rows of a query."""

    def run(self, sql: str, parameters: Parameters = ()) -> int:
        """Carry out a statement."""

    def transact(self, work: Callable[[Transaction], None]) -> None:
        """Run `work` in a transaction."""


class MysqlMigrator(Migrator):
    """A connection that waits an hour. A change of a table commits by itself here, before it is recorded."""

    table_options = " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        return self._connection.rows(sql, parameters)

    def execute(self, sql: str, parameters: Parameters = ()) -> None:
        with _denial_told():
            self._connection.run(sql, parameters)

    def step(self, sql: str, record: str, parameters: Parameters, *, resumed: bool) -> None:
        def work(transaction: Transaction) -> None:
            try:
                transaction.run(sql)
            except StorageError as error:
                if not resumed or getattr(error.__cause__, "errno", None) not in ALREADY_DONE:
                    raise
            transaction.run(record, parameters)

        with _denial_told():
            self._connection.transact(work)


@contextmanager
def _denial_told() -> Iterator[None]:
    """Say what to do where the database's user may not change the schema."""
    try:
        yield
    except StorageError as error:
        if getattr(error.__cause__, "errno", None) not in DENIED:
            raise
        raise SchemaError(
            "the database has to be brought up to date, which its user may not do: start the server once with"
            f" a user who has all privileges on it ({error})"
        ) from error
