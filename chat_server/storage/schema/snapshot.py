"""Reads a whole database as it stands at one moment, beside a server that goes on writing to it.

It must not know what becomes of the rows. One thread.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from chat_server.storage.core.database import Parameters, Row
from chat_server.storage.core.errors import StorageConfigError, StorageUnavailable
from chat_server.storage.core.urls import MysqlAddress, parse_url
from chat_server.storage.schema.catalogue import Query

BUSY_MAX_S: Final = 10.0
ANSWER_MAX_S: Final = 60


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A database at one moment.

    :param kind: `sqlite` or `mysql`.
    :param query: runs one query and returns its rows.
    """

    kind: str
    query: Query


@contextmanager
def open_snapshot(url: str) -> Iterator[Snapshot]:
    """Hold a database still, for this reader alone, until the block ends. Nobody waits for it meanwhile.

    :raises StorageConfigError: when the URL is wrong or leads to no database.
    :raises StorageUnavailable: when the database does not answer.
    """
    address = parse_url(url)
    if isinstance(address, MysqlAddress):
        with _mysql(address) as query:
            yield Snapshot("mysql", query)
    else:
        with _sqlite(address.path) as query:
            yield Snapshot("sqlite", query)


@contextmanager
def _sqlite(path: Path) -> Iterator[Query]:
    if not path.is_file():
        raise StorageConfigError(f"there is no database file {path}")
    try:
        # rw, though nothing is written: the log of a server that crashed has to be read in first.
        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode=rw", uri=True, timeout=BUSY_MAX_S, isolation_level=None
        )
    except sqlite3.Error as error:
        raise StorageConfigError(f"the database file {path} cannot be used: {error}") from None

    def query(sql: str, parameters: Parameters) -> list[Row]:
        try:
            return connection.execute(sql, parameters).fetchall()
        except sqlite3.Error as error:
            raise StorageUnavailable(f"{path}: {error}") from error

    with closing(connection):
        query("PRAGMA query_only = ON", ())
        query("BEGIN", ())
        query("SELECT 1 FROM sqlite_schema LIMIT 1", ())  # the moment that the transaction keeps
        yield query


@contextmanager
def _mysql(address: MysqlAddress) -> Iterator[Query]:
    from chat_server.storage.mysql.adapter import MysqlDatabase  # the driver is needed for MySQL alone

    database = MysqlDatabase(address, writable=False)  # a replica is as good for reading
    try:
        connection = database.open_apart(ANSWER_MAX_S)
    finally:
        database.close()
    with closing(connection):
        connection.run("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.run("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        yield connection.rows
