"""Which tables a database has; it must not know what they are for. Any thread."""

from collections.abc import Callable
from typing import Final

from chat_server.storage.core.database import Parameters, Row

Query = Callable[[str, Parameters], list[Row]]

_TABLES_SQL: Final = {
    "sqlite": "SELECT name FROM sqlite_schema WHERE type = 'table'",
    "mysql": "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()",
}


def tables_in(query: Query, kind: str) -> set[str]:
    """Return the names of all tables of a database.

    :param kind: `sqlite` or `mysql`.
    """
    return {text_of(name) for (name,) in query(_TABLES_SQL[kind], ())}


def text_of(value: object) -> str:
    """Return a word of the catalogue, which some servers and drivers hand out as bytes."""
    return bytes(value).decode() if isinstance(value, bytes | bytearray) else str(value)
