"""By which key MySQL reads the index: the database is the test's and has counted the rooms' messages."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from chat_server.storage.core.database import Database
from chat_server.storage.search.mysql import BY_PLACE, FEW_ENTRIES_MAX, MysqlSearchTables


@pytest.mark.parametrize(
    ("messages", "author_ids", "key"),
    [
        (FEW_ENTRIES_MAX, None, BY_PLACE),
        (FEW_ENTRIES_MAX + 1, None, "PRIMARY"),
        (None, None, BY_PLACE),
        (FEW_ENTRIES_MAX + 1, (7,), "search_entries_by_sender"),
        (FEW_ENTRIES_MAX + 1, (7, 8), "PRIMARY"),
        (FEW_ENTRIES_MAX, (), BY_PLACE),
    ],
)
def test_key_is_that_of_the_fewest_rows(messages: int | None, author_ids: Any, key: str) -> None:
    """One author's messages, or those of rooms in which little was said; else the newest first."""
    database = SimpleNamespace(row=lambda _sql: (messages,))
    tables = MysqlSearchTables(cast(Database, database))
    query = cast(Any, SimpleNamespace(author_ids=author_ids, room_ids=(1, 2)))
    assert tables._way(query).key == key
