"""Fills an empty database with the rows of a backup; it must not know where they come from.

While it does, the database carries a mark that no server starts on: half a restore is never taken for a whole
one. One thread.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from chat_server.storage.core.database import Database, Migrator
from chat_server.storage.core.errors import StorageConfigError
from chat_server.storage.schema.catalogue import Query, tables_in
from chat_server.storage.schema.migrations import RESTORING, known_migrations, migrate
from chat_server.storage.schema.tables import DERIVED, MIGRATIONS, TABLES, columns_of

# A SQLite file has a lock instead.
_IN_USE: Final = "SELECT 1 FROM leases WHERE until_ms > UNIX_TIMESTAMP(NOW(3)) * 1000"
INSERT_ROWS_MAX: Final = 1_000
INSERT_CHARS_MAX: Final = 250_000  # of one statement's texts: at most 2 MiB when every sign is escaped


class RestoreTarget:
    """A marked database: rows go in, and are read back for comparison."""

    def __init__(self, migrator: Migrator, kind: str) -> None:
        self._migrator = migrator
        self.kind = kind
        self.query: Query = migrator.rows

    def tables(self) -> set[str]:
        """Return the tables that a backup of this schema has."""
        return tables_in(self.query, self.kind) & TABLES.keys()

    def columns(self, table: str) -> tuple[str, ...]:
        """Return the columns that a table has, in the order of their names."""
        return columns_of(self.query, self.kind, table)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows, a statement and a transaction for each thousand."""
        row_marks = f"({', '.join('?' * len(columns))})"
        head = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "
        for part in _parts(rows):
            parameters = [value for row in part for value in row]
            self._migrator.execute(head + ", ".join([row_marks] * len(part)), parameters)


@contextmanager
def restore_into(database: Database, version: int) -> Iterator[RestoreTarget]:
    """Give an empty database the schema of `version`, let the block fill it, and bring it up to date.

    When the block raises, the mark stays, and the next restore starts again.

    :raises StorageConfigError: when the database holds anything.
    """
    with database.migrator() as migrator:
        _clear(migrator, database.name)
    migrate(database, known_migrations(database.name)[:version])
    with database.migrator() as migrator:
        _require_empty(migrator.rows, database.name)
        _mark(migrator)
        migrator.execute("DELETE FROM rooms")  # those of a first start
        yield RestoreTarget(migrator, database.name)
        migrator.execute(f"DELETE FROM {MIGRATIONS} WHERE version = ?", (RESTORING,))
    migrate(database)


def _clear(migrator: Migrator, kind: str) -> None:
    """Drop the tables, which hold nothing, or the rows of a restore that was not finished."""
    found = tables_in(migrator.rows, kind)
    if kind == "mysql" and "leases" in found and migrator.rows(_IN_USE):
        raise StorageConfigError("a server uses this database: stop it first, or restore into a new database")
    if MIGRATIONS in found:
        if not _is_marked(migrator.rows):
            _require_empty(migrator.rows, kind)
            _mark(migrator)
    elif found & TABLES.keys():
        raise StorageConfigError("the database holds tables of the same names that are not this program's")
    for table in (*DERIVED, *reversed(list(TABLES)), MIGRATIONS):  # the mark last
        migrator.execute(f"DROP TABLE IF EXISTS {table}")


def _require_empty(query: Query, kind: str) -> None:
    found = tables_in(query, kind)
    for table in TABLES:
        # Rooms without a message are those of a first start.
        condition = " WHERE last_seq > 0 OR kind IN ('direct', 'private')" if table == "rooms" else ""
        if table in found and query(f"SELECT 1 FROM {table}{condition} LIMIT 1", ()):
            raise StorageConfigError(f"the database is not empty: it has {table}; restore into a new one")


def _is_marked(query: Query) -> bool:
    return bool(query(f"SELECT 1 FROM {MIGRATIONS} WHERE version = ?", (RESTORING,)))


def _mark(migrator: Migrator) -> None:
    migrator.execute(
        f"INSERT INTO {MIGRATIONS} (version, name, steps, steps_begun, steps_done) VALUES (?, ?, 0, 0, 0)",
        (RESTORING, "restore under way"),
    )


def _parts(rows: Sequence[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    """Cut rows into pieces that fit one statement."""
    part: list[Sequence[Any]] = []
    chars = 0
    for row in rows:
        part.append(row)
        chars += sum(len(value) for value in row if isinstance(value, str))
        if len(part) == INSERT_ROWS_MAX or chars > INSERT_CHARS_MAX:
            yield part
            part, chars = [], 0
    if part:
        yield part
