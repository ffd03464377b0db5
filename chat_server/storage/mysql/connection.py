"""A connection to a MySQL server, the only module that imports the driver; it must not know the domain.

A connection serves one thread at a time, and is closed after whatever leaves its state in doubt. The driver's
two implementations, C and Python, are used alike.
"""

import importlib
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, Final, TypeVar

import mysql.connector
from mysql.connector.constants import ClientFlag

from chat_server.storage.core.database import Parameters, Row, TextRow, Transaction, placeholders
from chat_server.storage.core.errors import (
    DuplicateKey,
    OutcomeUnknown,
    StorageConfigError,
    StorageError,
)
from chat_server.storage.core.urls import MysqlAddress
from chat_server.storage.mysql.errors import ConnectionLost, error_of

T = TypeVar("T")

CONNECT_MAX_S: Final = 2
ANSWER_MAX_S: Final = 3
LOCK_WAIT_MAX_S: Final = 1  # leaves time for a second try
INSERT_MAX_CHARS: Final = 250_000  # of one statement's bodies: at most 2 MiB when every sign is escaped
_IDLE: Final = "idle_transaction_timeout"  # MariaDB's
_STATE: Final = f"SHOW SESSION VARIABLES WHERE Variable_name IN ('read_only', 'wsrep_on', '{_IDLE}')"
HAS_C_EXTENSION: Final[bool] = mysql.connector.HAVE_CEXT
DRIVER_VERSION: Final[str] = mysql.connector.__version__


def _driver_errors() -> tuple[type[Exception], ...]:
    # The C extension's own error, which commit and rollback raise, is not one of the driver's.
    own: list[type[Exception]] = [mysql.connector.Error, OSError]
    if mysql.connector.HAVE_CEXT:
        own.append(importlib.import_module("_mysql_connector").MySQLInterfaceError)
    return tuple(own)


DRIVER_ERRORS: Final = _driver_errors()


@lru_cache(maxsize=1024)
def _with_driver_marks(sql: str) -> str:
    return sql.replace("?", "%s")


def _tls_settings(address: MysqlAddress) -> dict[str, Any]:
    """Return what the driver is told about encryption."""
    if address.tls == "off":
        return {"ssl_disabled": True}
    if address.tls != "verify":
        return {}
    authorities = address.ca or ssl.get_default_verify_paths().cafile
    return {"ssl_ca": authorities, "ssl_verify_cert": True, "ssl_verify_identity": True}


class MysqlConnection(Transaction):
    """Statements on one connection, through one cursor: making a cursor costs a round trip."""

    def __init__(
        self, address: MysqlAddress, answer_max_s: int = ANSWER_MAX_S, *, pure: bool = False
    ) -> None:
        place = (
            {"unix_socket": address.unix_socket}
            if address.unix_socket
            else {"host": address.host, "port": address.port}
        )
        # Any: the driver's own types differ between its two implementations.
        self._raw: Any = mysql.connector.connect(
            **place,
            **_tls_settings(address),
            allow_local_infile=False,  # a server that lies must not read this machine's files
            user=address.user,
            password=address.password,
            database=address.name,
            use_pure=pure or not HAS_C_EXTENSION,
            charset="utf8mb4",
            collation="utf8mb4_unicode_520_ci",
            autocommit=True,
            time_zone="+00:00",
            sql_mode="STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION",
            client_flags=[ClientFlag.FOUND_ROWS],  # an UPDATE counts what it matched, as on SQLite
            connection_timeout=CONNECT_MAX_S,
            read_timeout=answer_max_s,
            write_timeout=answer_max_s,
            init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        )
        self.address = address
        self._answer_max_s = answer_max_s
        self._cursor: Any = self._raw.cursor()
        self._require_tls(address)
        self.run("SET SESSION innodb_lock_wait_timeout = ?", (LOCK_WAIT_MAX_S,))

    def _require_tls(self, address: MysqlAddress) -> None:
        """Refuse a server that did not encrypt: the driver goes on in plain text without a word."""
        if address.tls not in ("verify", "require"):
            return
        found = self.rows("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
        if not (found and found[0][1]):
            self.close()
            raise StorageConfigError(
                f"the database server {address} offers no TLS: set it up there, or, where nobody can listen"
                " in between, add ?tls=off to the URL"
            )

    def require_writable(self) -> None:
        """Refuse, closed, a server of a replicated database that answers and may not write.

        One without the majority answers `SELECT 1` as ever. Where the servers agree on each commit, a read
        waits from now on for what was committed on the others before. A transaction that this machine leaves
        open, because it hangs or its cable was pulled, is ended where that can be asked for: what it has
        locked, a room that everybody writes to, must not stay so.

        :raises ConnectionLost: it is as good as down.
        """
        try:
            reason = self._why_not_writable()
        except StorageError:
            self.close()
            raise
        if reason:
            self.close()
            raise ConnectionLost(f"{self.address} may not write: {reason}")

    def _why_not_writable(self) -> str:
        state: dict[str, str] = dict(self.rows(_STATE))
        if state.get("read_only") != "OFF":
            return "it is read-only"
        if _IDLE in state:
            self.run(f"SET SESSION {_IDLE} = ?", (self._answer_max_s,))
        if state.get("wsrep_on", "OFF") == "OFF":  # MySQL, and MariaDB by itself
            return ""
        if self.rows("SHOW STATUS LIKE 'wsrep_ready'") != [("wsrep_ready", "ON")]:
            return "it is without the majority, or not ready (wsrep_ready)"
        self.run("SET SESSION wsrep_sync_wait = 1")
        return ""

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        self._execute(sql, parameters)
        with self._translation():
            return list(self._cursor.fetchall())

    def run(self, sql: str, parameters: Parameters = ()) -> int:
        self._execute(sql, parameters)
        return int(self._cursor.rowcount)

    def insert(self, sql: str, parameters: Parameters = ()) -> int:
        self._execute(sql, parameters)
        return int(self._cursor.lastrowid)

    def insert_new(self, table: str, values: Mapping[str, Any]) -> bool:
        # Not INSERT IGNORE: that hides every other error too.
        try:
            self.run(_insert(table, values), tuple(values.values()))
        except DuplicateKey:
            return False
        return True

    def put(self, table: str, values: Mapping[str, Any], key: Sequence[str], update: Sequence[str]) -> None:
        changes = ", ".join(f"{column} = VALUES({column})" for column in update)
        self.run(f"{_insert(table, values)} ON DUPLICATE KEY UPDATE {changes}", tuple(values.values()))

    def raise_last_seq(self, counts: Mapping[int, int]) -> dict[int, int]:
        if len(counts) == 1:
            ((room_id, count),) = counts.items()
            sql = "UPDATE rooms SET last_seq = LAST_INSERT_ID(last_seq + ?) WHERE id = ?"
            return {room_id: int(self._cursor.lastrowid)} if self.run(sql, (count, room_id)) else {}
        # In the order of the ids, so that two servers never wait for each other.
        room_ids = sorted(counts)
        cases = " ".join(f"WHEN {int(room_id)} THEN {int(counts[room_id])}" for room_id in room_ids)
        rooms = f"WHERE id IN ({placeholders(room_ids)}) ORDER BY id"
        self.run(f"UPDATE rooms SET last_seq = last_seq + CASE id {cases} END {rooms}", room_ids)
        return dict(self.rows(f"SELECT id, last_seq FROM rooms {rooms}", room_ids))

    def insert_texts(self, rows: Sequence[TextRow]) -> None:
        # Numbers stand in the text: each parameter costs the driver more than all the rest of a row.
        values: list[str] = []
        parameters: list[str] = []
        chars = 0
        for room_id, seq, author_id, body, nonce, sent_at in rows:
            values.append(f"({room_id:d},{seq:d},{author_id:d},?,?,{sent_at:d})")
            parameters += (body, nonce)
            chars += len(body)
            if chars > INSERT_MAX_CHARS:
                self._insert_texts(values, parameters)
                values, parameters, chars = [], [], 0
        if values:
            self._insert_texts(values, parameters)

    def _insert_texts(self, values: list[str], parameters: list[str]) -> None:
        head = "INSERT INTO messages (room_id, seq, sender_id, body, nonce, sent_at) VALUES "
        self._execute_once((head + ",".join(values)).replace("?", "%s"), parameters)

    def transact(
        self, work: Callable[[Transaction], T], guard: Callable[[Transaction], None] | None = None
    ) -> T:
        """Run `work` in a transaction.

        :param guard: raises where the transaction must not be committed.
        :raises OutcomeUnknown: when the connection was lost while committing.
        """
        self.run("BEGIN")
        try:
            result = work(self)
            if guard is not None:
                guard(self)
        except ConnectionLost:
            raise
        except BaseException:
            self._roll_back()
            raise
        try:
            self.run("COMMIT")
        except ConnectionLost as error:
            raise OutcomeUnknown(str(error)) from error
        except StorageError:
            self._roll_back()  # or the next BEGIN on this connection would commit it
            raise
        return result

    def close(self) -> None:
        """Close the connection, whatever its state."""
        with suppress(*DRIVER_ERRORS):
            self._raw.close()

    def _roll_back(self) -> None:
        # A failure here replaces the first one: the connection is then not fit for another loan.
        try:
            self.run("ROLLBACK")
        except StorageError as error:
            raise ConnectionLost(str(error)) from error

    def _execute(self, sql: str, parameters: Parameters) -> None:
        self._execute_once(_with_driver_marks(sql), parameters)

    def _execute_once(self, sql: str, parameters: Parameters) -> None:
        with self._translation():
            self._cursor.execute(sql, tuple(parameters))

    @contextmanager
    def _translation(self) -> Iterator[None]:
        try:
            yield
        except UnicodeError as error:  # a lone surrogate, refused before the server sees it
            raise StorageError(str(error)) from error
        except DRIVER_ERRORS as error:
            raise self._translated(error) from error

    def _translated(self, error: Exception) -> StorageError:
        if isinstance(error, OSError):
            return ConnectionLost(text_of(error))
        # Without a number it is the driver's own: a value that it cannot convert, or a connection known lost.
        number = getattr(error, "errno", None) or -1
        if number == -1 and not self._raw.is_connected():
            return ConnectionLost(text_of(error))
        return error_of(number)(text_of(error))


def _insert(table: str, values: Mapping[str, Any]) -> str:
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({placeholders(list(values))})"


def text_of(error: Exception) -> str:
    """Write a driver's error, some of which fill lines, as one."""
    return " ".join(str(error).split())
