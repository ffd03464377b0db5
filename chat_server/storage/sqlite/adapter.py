"""The SQLite adapter: one writer, a few readers, a lock against a second server. It must not know the domain.

Any thread may call it. Write-ahead log with synchronous=FULL: a commit is on the disk when it returns.
"""

import json
import math
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, Final, TypeVar

from chat_server.storage.core.database import (
    CALL_MAX_S,
    Database,
    Migrator,
    Parameters,
    Row,
    TextRow,
    Transaction,
    placeholders,
)
from chat_server.storage.core.errors import (
    GivenUp,
    StorageConfigError,
    StorageError,
    StorageUnavailable,
)
from chat_server.storage.core.filelock import FileLock
from chat_server.storage.core.outage import Outage, Use
from chat_server.storage.core.owner import Owner
from chat_server.storage.core.pool import Pool
from chat_server.storage.sqlite.errors import translation

T = TypeVar("T")

OLDEST_SQLITE: Final = (3, 35, 0)  # the first with RETURNING
READERS: Final = 4
# Together under database.CALL_MAX_S.
TURN_MAX_S: Final = 3.0  # waiting for the writer, or for a reader
BUSY_MAX_S: Final = 1.5  # waiting for another process: a backup, the sqlite3 shell
INSERT_ROWS_MAX: Final = 128  # SQLite keeps the statement of each size prepared: 6 MB together
INSTRUCTIONS_BETWEEN_LOOKS: Final = 200_000  # of SQLite's machine, at the clock: some 10 ms
STATEMENTS_KEPT: Final = 2 * INSERT_ROWS_MAX
LOG_KEPT_BYTES: Final = 64 * 1024 * 1024  # of a write-ahead log that grew while a backup was made
WRITER_CACHE_KIB: Final = 32_768

RAISE_ONE: Final = "UPDATE rooms SET last_seq = last_seq + ? WHERE id = ? RETURNING id, last_seq"
RAISE_MANY: Final = (
    "UPDATE rooms SET last_seq = last_seq + counts.value FROM json_each(?) AS counts"
    " WHERE rooms.id = CAST(counts.key AS INTEGER) RETURNING id, last_seq"
)


class BoundedConnection(sqlite3.Connection):
    """A connection whose statements are interrupted when they run past the deadline."""

    deadline = math.inf  # by time.monotonic()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.set_progress_handler(self._too_late, INSTRUCTIONS_BETWEEN_LOOKS)

    def _too_late(self) -> bool:
        return time.monotonic() > self.deadline


class SqliteTransaction(Transaction):
    """Statements on one SQLite connection, each for itself."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        return self._execute(sql, parameters).fetchall()

    def run(self, sql: str, parameters: Parameters = ()) -> int:
        return self._execute(sql, parameters).rowcount

    def insert(self, sql: str, parameters: Parameters = ()) -> int:
        return self._execute(sql, parameters).lastrowid or 0

    def insert_new(self, table: str, values: Mapping[str, Any]) -> bool:
        row = f"({', '.join(values)}) VALUES ({placeholders(list(values))})"
        return self.run(f"INSERT INTO {table} {row} ON CONFLICT DO NOTHING", tuple(values.values())) == 1

    def put(self, table: str, values: Mapping[str, Any], key: Sequence[str], update: Sequence[str]) -> None:
        changes = ", ".join(f"{column} = excluded.{column}" for column in update)
        self.run(
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({placeholders(list(values))})"
            f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}",
            tuple(values.values()),
        )

    def raise_last_seq(self, counts: Mapping[int, int]) -> dict[int, int]:
        if len(counts) == 1:
            return dict(self.rows(RAISE_ONE, next((count, room_id) for room_id, count in counts.items())))
        return dict(self.rows(RAISE_MANY, (json.dumps(counts),)))

    def insert_texts(self, rows: Sequence[TextRow]) -> None:
        # One statement, not executemany: each step of a statement gives the GIL away and has to win it back.
        for start in range(0, len(rows), INSERT_ROWS_MAX):
            piece = rows[start : start + INSERT_ROWS_MAX]
            self._execute(_insert_texts(len(piece)), list(chain.from_iterable(piece)))

    def _execute(self, sql: str, parameters: Parameters) -> sqlite3.Cursor:
        return self._connection.execute(sql, parameters)


class SqliteWriting(SqliteTransaction):
    """A transaction that begins with its first statement; the usual one is a single statement.

    A batch of plain messages becomes one `INSERT`, which is a transaction by itself: a trigger raises
    `rooms.last_seq`, and where that stood is known from the commit before. What was put off is carried out
    in its place as soon as anything else is asked for.

    :param last_seqs: room id -> last_seq as committed, as far as it is known; no other process may write to
        the file. It belongs to whoever holds the connection.
    """

    def __init__(self, connection: sqlite3.Connection, last_seqs: dict[int, int]) -> None:
        super().__init__(connection)
        self._last_seqs = last_seqs
        self._raised: dict[int, int] = {}
        self._counts: Mapping[int, int] = {}  # put off
        self._texts: Sequence[TextRow] = ()  # put off

    def raise_last_seq(self, counts: Mapping[int, int]) -> dict[int, int]:
        if self._connection.in_transaction or not counts.keys() <= self._last_seqs.keys():
            self._raised = super().raise_last_seq(counts)
        else:
            self._counts = counts
            self._raised = {room_id: self._last_seqs[room_id] + count for room_id, count in counts.items()}
        return self._raised

    def insert_texts(self, rows: Sequence[TextRow]) -> None:
        if self._counts and not self._texts:
            self._texts = rows
        else:
            super().insert_texts(rows)

    def commit(self) -> None:
        """Make all of it durable."""
        if self._texts and len(self._texts) == sum(self._counts.values()) <= INSERT_ROWS_MAX:
            self._connection.execute(_insert_texts(len(self._texts)), list(chain.from_iterable(self._texts)))
        else:
            self._carry_out_put_off()
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")
        self._last_seqs |= self._raised

    def roll_back(self) -> None:
        """Leave nothing of it."""
        self._last_seqs.clear()
        # SQLite itself has rolled back after some errors, a full disk among them.
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _execute(self, sql: str, parameters: Parameters) -> sqlite3.Cursor:
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
        self._carry_out_put_off()
        return super()._execute(sql, parameters)

    def _carry_out_put_off(self) -> None:
        counts, texts = self._counts, self._texts
        self._counts, self._texts = {}, ()
        if counts:
            super().raise_last_seq(counts)
            super().insert_texts(texts)


@lru_cache(maxsize=INSERT_ROWS_MAX)
def _insert_texts(count: int) -> str:
    values = ", ".join(["(?, ?, ?, ?, ?, ?)"] * count)
    return f"INSERT INTO messages (room_id, seq, sender_id, body, nonce, sent_at) VALUES {values}"


class SqliteMigrator(Migrator):
    """The writer's connection, while the schema changes: SQLite's steps are atomic with their record."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        with translation():
            return self._connection.execute(sql, parameters).fetchall()

    def execute(self, sql: str, parameters: Parameters = ()) -> None:
        with translation():
            self._connection.execute(sql, parameters)

    def step(self, sql: str, record: str, parameters: Parameters, *, resumed: bool) -> None:
        with translation(), _in_transaction(self._connection):
            self._connection.execute(sql)
            self._connection.execute(record, parameters)


@contextmanager
def _in_transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite itself has rolled back after some errors, a full disk among them.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


class SqliteDatabase(Database):
    """One database file of this process alone."""

    name = "sqlite"

    def __init__(self, path: Path, *, exclusive: bool = True) -> None:
        """Open the file, making it and its folder where they are missing.

        :param exclusive: keep every other server off the file.
        :raises StorageConfigError: when it is no database, may not be written, or another server has it.
        """
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise StorageConfigError(
                f"this Python has SQLite {sqlite3.sqlite_version}; "
                f"{'.'.join(map(str, OLDEST_SQLITE))} or newer is needed"
            )
        self._path = path
        self._outage = Outage()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            self._lock = FileLock(path) if exclusive else None
        except OSError as error:
            raise StorageConfigError(f"the database file {path} cannot be used: {error.strerror}") from None
        self._last_seqs: dict[int, int] = {}  # SqliteWriting's, for whoever holds the writer
        self._writer: Pool[BoundedConnection] = Pool(1, self._open_writer, BoundedConnection.close)
        self._readers: Pool[BoundedConnection] = Pool(READERS, self._open_reader, BoundedConnection.close)
        try:
            self._try_to_open()
        except StorageError as error:
            self.close()
            raise StorageConfigError(f"the database file {path} cannot be used: {error}") from None

    def _try_to_open(self) -> None:
        with translation():
            writer = self._writer.take(TURN_MAX_S)
            try:
                writer.execute("SELECT * FROM sqlite_schema LIMIT 1")
            finally:
                self._writer.give(writer)

    def read(self, work: Callable[[Transaction], T]) -> T:
        return self._lend(
            self._readers, Use.READ, lambda reader: work(SqliteTransaction(reader)), first=False
        )

    def write(self, work: Callable[[Transaction], T], *, durable: bool = True, urgent: bool = False) -> T:
        def carry_out(writer: sqlite3.Connection) -> T:
            with _synchronous(writer, durable):
                transaction = SqliteWriting(writer, self._last_seqs)
                try:
                    result = work(transaction)
                    transaction.commit()
                except BaseException:
                    transaction.roll_back()
                    raise
                return result

        return self._lend(self._writer, Use.WRITE, carry_out, first=urgent)

    @contextmanager
    def migrator(self) -> Iterator[Migrator]:
        connection = self._writer.take(TURN_MAX_S)
        try:
            # A step that a power cut takes back is taken back with its record.
            with _synchronous(connection, durable=False):
                yield SqliteMigrator(connection)
            connection.execute("PRAGMA wal_checkpoint")
        finally:
            self._writer.give(connection)

    def connections(self) -> tuple[int, int]:
        return self._writer.opened + self._readers.opened, self._writer.allowed + self._readers.allowed

    def check(self) -> list[str]:
        return []

    def hold(self, owner: Owner, tell: Callable[[str], None], *, shared: bool = False) -> bool:
        if shared:
            raise StorageConfigError("--cluster needs MySQL or MariaDB: a SQLite file belongs to one server")
        return True

    def on_lost(self, callback: Callable[[], None]) -> None:
        """Do nothing: nobody takes a lock of a file away."""

    def release(self, wait_s: float) -> None:
        """Do nothing: the lock goes when the file is closed."""

    def close(self) -> None:
        self._readers.close()
        self._writer.close()
        if self._lock is not None:
            self._lock.release()

    def _lend(
        self,
        pool: Pool[BoundedConnection],
        use: Use,
        work: Callable[[BoundedConnection], T],
        *,
        first: bool,
    ) -> T:
        deadline = time.monotonic() + CALL_MAX_S
        try:
            with translation():
                connection = pool.take(TURN_MAX_S, first=first)
                try:
                    connection.deadline = deadline
                    before = connection.total_changes
                    result = work(connection)
                    # What changed no row has written nothing, and says nothing of a disk that is full.
                    proved = use is Use.READ or connection.total_changes != before
                finally:
                    connection.deadline = math.inf
                    pool.give(connection)
        except GivenUp:
            raise
        except StorageUnavailable as error:
            self._outage.failed(use, error)
            raise
        if proved:
            self._outage.worked(use)
        return result

    def _open_writer(self) -> BoundedConnection:
        connection = self._open()
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {LOG_KEPT_BYTES}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIB}")
        return connection

    def _open_reader(self) -> BoundedConnection:
        connection = self._open()
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _open(self) -> BoundedConnection:
        return BoundedConnection(
            self._path,
            timeout=BUSY_MAX_S,
            isolation_level=None,  # transactions begin and end where this module says so
            check_same_thread=False,  # the pool lends each connection to one thread at a time
            cached_statements=STATEMENTS_KEPT,
        )


@contextmanager
def _synchronous(connection: sqlite3.Connection, durable: bool) -> Iterator[None]:
    if durable:
        yield
        return
    # The next durable commit takes this one to the disk with it.
    connection.execute("PRAGMA synchronous = NORMAL")
    try:
        yield
    finally:
        connection.execute("PRAGMA synchronous = FULL")
