"""How SQLite searches: whether the rooms' words are of use. What is found is the same either way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_server.storage import Storage
from chat_server.storage.core.records import NewMessage
from chat_server.storage.search import sqlite as module
from chat_server.storage.search.sqlite import SqliteSearchTables
from chat_server.storage.sqlite.adapter import SqliteDatabase
from tests.chat_server.storage.conftest import START_MS


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    storage = Storage(SqliteDatabase(tmp_path / "chat.db", exclusive=False))
    yield storage
    storage.close()


def test_rooms_are_small_that_have_few_of_all_messages(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quarter of all is few; rooms count together, an unknown one has none, too many are not asked."""
    author = storage.users.create("Alice", "alice", "Alice", "hash", START_MS)
    ids = []
    for name, count in (("a", 1), ("b", 2), ("c", 1)):
        room = storage.rooms.create(name, name, "public", "", START_MS)
        ids.append(room.id)
        for number in range(count):
            storage.messages.append([NewMessage(room.id, author.id, "x", f"{name}{number}")], START_MS)
    a, b, c = ids
    tables = SqliteSearchTables(storage.database)

    def small(*rooms: int) -> bool:
        return tables._are_small(rooms)

    assert small(a)
    assert not small(b)
    assert not small(a, c)
    assert small(999)
    monkeypatch.setattr(module, "ROOM_WORDS_MAX", 2)
    assert small(a, 999)
    assert not small(a, 999, 998)
