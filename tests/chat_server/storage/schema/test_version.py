"""The version of a database's schema, read from rows that the test has written down."""

from typing import Any

import pytest

from chat_server.storage.core.errors import SchemaError
from chat_server.storage.schema.migrations import RESTORING, known_migrations
from chat_server.storage.schema.tables import MIGRATIONS, schema_version

KNOWN = len(known_migrations("sqlite"))


def version(*rows: tuple[int, int, int], table: str = MIGRATIONS) -> int:
    def query(sql: str, parameters: Any) -> list[tuple[Any, ...]]:
        return [(table,)] if MIGRATIONS not in sql else list(rows)

    return schema_version(query, "sqlite")


@pytest.mark.parametrize("newest", [1, KNOWN])
def test_version_is_the_newest_of_those_that_are_done(newest: int) -> None:
    """The program's own, and each before it."""
    assert version(*((number, 3, 3) for number in range(1, newest + 1))) == newest


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "half-way"),
        ([(1, 3, 3), (2, 3, 2)], "half-way"),
        ([(1, 3, 2), (2, 3, 3)], "half-way"),
        ([(KNOWN, 1, 1), (KNOWN + 1, 1, 1)], f"schema version {KNOWN + 1}"),
        ([(1, 1, 1), (RESTORING, 1, 0)], "restore"),
    ],
)
def test_schema_that_cannot_be_read_says_why(rows: list[tuple[int, int, int]], words: str) -> None:
    """Unfinished, of a later program, or of a restore that was cut off."""
    with pytest.raises(SchemaError, match=words):
        version(*rows)


def test_database_without_a_chat_says_so() -> None:
    """Another program's tables are no chat."""
    with pytest.raises(SchemaError, match="no chat"):
        version((1, 1, 1), table="people")
