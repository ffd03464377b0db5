"""Makes docs/build/data-model.md, the tables and what refers to what, from a new database."""

import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chat_server.storage import open_storage
from tests.support.filemap import ROOT

DATA_MODEL: Final = ROOT / "docs" / "build" / "data-model.md"
#: Bookkeeping of SQLite itself and of its search index.
_INNER: Final = ("sqlite_", "search_index_")
#: What a column of this name holds, where the schema declares no foreign key: messages outlive their authors.
_REFERS_TO: Final = {"room_id": "rooms", "user_id": "users", "sender_id": "users", "author_id": "users"}
_HEAD: Final = """# The data model

Made by `make data-model` from a database of the current schema. Do not edit. `sql/chat.sql` has the same
tables for the `mysql` client, `sql/migrations` how they came to be. PK: primary key. Lines without a foreign
key in the schema are drawn by the columns' names: what somebody wrote outlives the account.

Times are milliseconds since 1970 UTC. `messages` is keyed by room and place (`seq`); an edit, a deletion and
a reaction are messages too, whose `target` is the place of what they change.

"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: columns (name, type, in the primary key or not), and (column, table that it refers to)."""

    name: str
    columns: tuple[tuple[str, str, bool], ...]
    references: tuple[tuple[str, str], ...]


def tables() -> list[Table]:
    """Return the tables of a new database, by name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chat.db"
        open_storage(f"sqlite:///{path}").close()
        with closing(sqlite3.connect(path)) as connection:
            return list(_read(connection))


def _read(connection: sqlite3.Connection) -> Iterator[Table]:
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for name in sorted(names):
        if name.startswith(_INNER):
            continue
        rows = connection.execute(f"PRAGMA table_info({name})").fetchall()
        columns = tuple((row[1], (row[2] or "text").lower(), row[5] > 0) for row in rows)
        declared = {row[3]: row[2] for row in connection.execute(f"PRAGMA foreign_key_list({name})")}
        known = {column: _REFERS_TO[column] for column, *_ in columns if column in _REFERS_TO}
        yield Table(name, columns, tuple(sorted((known | declared).items())))


def data_model() -> str:
    """Return the whole page."""
    found = tables()
    lines = [_HEAD, "```mermaid\nerDiagram\n"]
    for table in found:
        lines += [f"    {target} ||--o{{ {table.name} : {column}\n" for column, target in table.references]
    for table in found:
        lines.append(f"    {table.name} {{\n")
        lines += [
            f"        {kind.replace('(', '_').replace(')', '')} {name}{' PK' if key else ''}\n"
            for name, kind, key in table.columns
        ]
        lines.append("    }\n")
    return "".join([*lines, "```\n"])


if __name__ == "__main__":
    DATA_MODEL.write_text(data_model(), encoding="utf-8")
    sys.stdout.write(f"wrote {DATA_MODEL.relative_to(ROOT)}\n")
