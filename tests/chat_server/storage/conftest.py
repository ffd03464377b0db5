"""One storage suite for every database: SQLite, MariaDB, and MariaDB through the driver written in Python."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chat_server.storage import Storage
from chat_server.storage.core.database import Database
from chat_server.storage.core.records import RoomRecord, UserRecord
from chat_server.storage.core.urls import MysqlAddress, parse_url
from chat_server.storage.sqlite.adapter import SqliteDatabase

START_MS = 1_700_000_000_000
OpenDatabase = Callable[[], Database]


def open_mysql(url: str, *, pure: bool = False) -> Database:
    """Open a MySQL database of a test; the driver is loaded by the tests that need it."""
    from chat_server.storage.mysql.adapter import MysqlDatabase

    address = parse_url(url)
    assert isinstance(address, MysqlAddress)
    return MysqlDatabase(address, pure=pure)


@pytest.fixture(params=["sqlite", "mysql", pytest.param("mysql-in-python", marks=pytest.mark.long)])
def open_database(request: pytest.FixtureRequest, tmp_path: Path) -> OpenDatabase:
    """A function that opens the test's database, again and again where a test asks for it."""
    if request.param == "sqlite":
        return lambda: SqliteDatabase(tmp_path / "chat.db", exclusive=False)
    url: str = request.getfixturevalue("mariadb_url")
    return lambda: open_mysql(url, pure=request.param == "mysql-in-python")


@pytest.fixture
def storage(open_database: OpenDatabase) -> Iterator[Storage]:
    """A storage on an empty database."""
    storage = Storage(open_database())
    yield storage
    storage.close()


@pytest.fixture
def room(storage: Storage) -> RoomRecord:
    """The arrival room."""
    found = storage.rooms.by_key("general")
    assert found is not None
    return found


@pytest.fixture
def alice(storage: Storage) -> UserRecord:
    return storage.users.create("Alice", "alice", "Alice A.", "hash", START_MS)


@pytest.fixture
def bob(storage: Storage) -> UserRecord:
    return storage.users.create("Bob", "bob", "Bob B.", "hash", START_MS)
