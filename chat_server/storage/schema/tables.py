"""Which tables a chat consists of, and how to read each whole, page by page; it must not know what rows mean.

Any thread; every function takes the query function of one connection.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from chat_server.storage.core.database import Row, placeholders
from chat_server.storage.core.errors import SchemaError
from chat_server.storage.schema.catalogue import Query, tables_in, text_of
from chat_server.storage.schema.migrations import RESTORING, known_migrations

PAGE_ROWS: Final = 1_000
LARGE_ROWS: Final = {"avatars": 50}  # of rows of up to 60 KiB a page has fewer
MIGRATIONS: Final = "schema_migrations"

# Each with its primary key; one that others refer to stands before them.
TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "users": ("id",),
    "rooms": ("id",),
    "members": ("room_id", "user_id"),
    "messages": ("room_id", "seq"),
    "files": ("id",),
    "message_versions": ("room_id", "seq", "version_seq"),
    "reactions": ("room_id", "seq", "emoji", "user_id"),
    "tokens": ("token_hash",),
    "invitations": ("id",),
    "settings": ("name",),
    "user_addresses": ("user_id", "address"),
    "sanctions": ("id",),
    "audit": ("id",),
    "incoming_webhooks": ("user_id",),
    "outgoing_webhooks": ("id",),
    "own_settings": ("user_id", "room_id", "name"),
    "saved_messages": ("id",),
    "pending_notices": ("id",),
    "pinned_messages": ("id",),
    "avatars": ("user_id",),
}

# What the server rebuilds from the others, or makes new: in no backup.
DERIVED: Final = (
    *("leases", "servers", "changes", "online", "room_ids"),
    *("search_index", "search_entries", "search_words", "search_positions"),
)

_COLUMNS_SQL: Final = {
    "sqlite": "SELECT name, type FROM pragma_table_info(?)",
    "mysql": "SELECT column_name, data_type FROM information_schema.columns"
    " WHERE table_schema = DATABASE() AND table_name = ?",
}


def columns_of(query: Query, kind: str, table: str) -> tuple[str, ...]:
    """Return a table's columns in the order of their names, which is the same in every database."""
    return tuple(sorted(_types(query, kind, table)))


def schema_version(query: Query, kind: str) -> int:
    """Return the version of a database's schema.

    :raises SchemaError: when there is none, it is unfinished, or newer than this program.
    """
    if MIGRATIONS not in tables_in(query, kind):
        raise SchemaError("there is no chat in this database")
    found = query(f"SELECT version, steps, steps_done FROM {MIGRATIONS} ORDER BY version", ())
    newest = found[-1][0] if found else 0
    known = len(known_migrations(kind))
    if newest == RESTORING:
        raise SchemaError("a restore into this database was not finished")
    if newest > known:
        raise SchemaError(f"the database has schema version {newest}, this program knows {known}")
    if not found or any(done < steps for _, steps, done in found):
        raise SchemaError("the database's schema is half-way to another version: start the server once")
    return int(newest)


def pages(query: Query, kind: str, table: str, columns: Sequence[str]) -> Iterator[list[Row]]:
    """Read a table in the order of its primary key, never more than a page of it in memory.

    Each page is looked up by the key that ended the last one, so that the last costs as much as the first.
    """
    key = TABLES[table]
    places = [columns.index(column) for column in key]
    select = _select(query, kind, table, columns)
    size = LARGE_ROWS.get(table, PAGE_ROWS)
    order = f"ORDER BY {', '.join(key)} LIMIT {size}"
    found = query(f"{select} {order}", ())
    while found:
        yield found
        if len(found) < size:
            return
        condition, parameters = _behind(kind, key, [found[-1][place] for place in places])
        found = query(f"{select} WHERE {condition} {order}", parameters)


def _select(query: Query, kind: str, table: str, columns: Sequence[str]) -> str:
    types = _types(query, kind, table)
    # A text that MySQL keeps as bytes, for the sake of exact comparison, is a text all the same.
    shown = (f"CONVERT({name} USING utf8mb4)" if types[name] == "varbinary" else name for name in columns)
    return f"SELECT {', '.join(shown)} FROM {table}"


def _behind(kind: str, key: Sequence[str], last: Sequence[object]) -> tuple[str, list[object]]:
    """Return the condition for what comes after a key: each database finds one form by its index only."""
    if kind == "sqlite":
        return f"({', '.join(key)}) > ({placeholders(last)})", list(last)
    parts: list[str] = []
    parameters: list[object] = []
    for place in range(len(key)):
        same = "".join(f"{column} = ? AND " for column in key[:place])
        parts.append(f"({same}{key[place]} > ?)")
        parameters += last[: place + 1]
    return " OR ".join(parts), parameters


def _types(query: Query, kind: str, table: str) -> dict[str, str]:
    return {text_of(name): text_of(data_type) for name, data_type in query(_COLUMNS_SQL[kind], (table,))}
