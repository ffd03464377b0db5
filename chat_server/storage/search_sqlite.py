"""The search index in SQLite: an FTS5 table read from the newest row on. It must not know how text is cut.

Rooms and senders are words of the index too (`r_5`, `u_7`), so that FTS5 walks through the shortest of all
lists, and stops when a page is full. It keeps no positions: what must stand together is looked up in the
entries.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Final

from chat_server.storage.database import Transaction
from chat_server.storage.search_records import (
    Entry,
    Place,
    SearchQuery,
    SearchTables,
    Wanted,
    id_range,
    numbers,
)

ROOM_WORDS_MAX: Final = 200  # above, the entries are looked at instead


def _from_json(count: int) -> str:
    """Return the columns of the rows in a JSON text, for a query of it."""
    return ", ".join(f"json_extract(value, '$[{place}]')" for place in range(count))


# As JSON: a statement of its own for each number of rows would fill the cache of statements.
ADD_ENTRIES: Final = (
    "INSERT INTO search_entries (id, room_id, seq, sender_id, text)"
    f" SELECT {_from_json(5)} FROM json_each(?) ORDER BY key"
)
ADD_TO_INDEX: Final = (
    f"INSERT INTO search_index (rowid, text) SELECT {_from_json(2)} FROM json_each(?) ORDER BY key"
)
COUNT_WORDS: Final = (
    f"INSERT INTO search_words (word, uses) SELECT {_from_json(2)} FROM json_each(?) WHERE true"
    " ON CONFLICT (word) DO UPDATE SET uses = uses + excluded.uses"
)


class SqliteSearchTables(SearchTables):
    """The index on FTS5."""

    def add(self, transaction: Transaction, entries: Sequence[Entry]) -> None:
        transaction.run(ADD_ENTRIES, (json.dumps(entries),))
        transaction.run(ADD_TO_INDEX, (json.dumps([(entry.id, _indexed(entry)) for entry in entries]),))

    def remove(self, transaction: Transaction, entries: Sequence[Entry]) -> None:
        for entry in entries:
            # FTS5 keeps no text of its own: it must be told what it once was given.
            transaction.run(
                "INSERT INTO search_index (search_index, rowid, text) VALUES ('delete', ?, ?)",
                (entry.id, _indexed(entry)),
            )
            transaction.run("DELETE FROM search_entries WHERE id = ?", (entry.id,))

    def count_words(self, transaction: Transaction, words: Sequence[tuple[str, int]]) -> None:
        transaction.run(COUNT_WORDS, (json.dumps(words),))

    def clear(self) -> None:
        def work(transaction: Transaction) -> None:
            transaction.run("INSERT INTO search_index (search_index) VALUES ('delete-all')")
            for table in ("search_entries", "search_words", "search_positions"):
                transaction.run(f"DELETE FROM {table}")

        self.database.write(work)

    def find(self, query: SearchQuery, wanted: Sequence[Wanted], limit: int) -> list[Place]:
        low, high = id_range(query)
        match = " AND ".join(_terms(query, wanted))
        source = (
            "search_index CROSS JOIN search_entries e ON e.id = search_index.rowid"
            if match
            else "search_entries e"
        )
        key = "search_index.rowid" if match else "e.id"
        conditions = [f"{key} >= ?", f"{key} < ?", f"e.room_id IN ({numbers(query.room_ids)})"]
        parameters: list[object] = [low, high]
        if match:
            conditions.insert(0, "search_index MATCH ?")
            parameters.insert(0, match)
        for want in wanted:
            if not want.exact:
                conditions.append("instr(e.text, ?) > 0")
                parameters.append(want.clause.contiguous)
        rows = self.database.rows(
            f"SELECT e.room_id, e.seq FROM {source}"
            # The index follows the messages with a delay.
            " JOIN messages m ON m.room_id = e.room_id AND m.seq = e.seq AND m.deleted = 0"
            f" WHERE {' AND '.join(conditions)} ORDER BY {key} DESC LIMIT ?",
            (*parameters, limit),
        )
        return [(room_id, seq) for room_id, seq in rows]


def _terms(query: SearchQuery, wanted: Iterable[Wanted]) -> Iterable[str]:
    for clause, endings in wanted:
        yield from (f'"{word}"' for word in clause.words[:-1])
        yield _any_of(word for word, _ in endings)
    if query.sender_ids is not None:
        yield _any_of(f"u_{int(sender_id)}" for sender_id in query.sender_ids)
    if len(query.room_ids) <= ROOM_WORDS_MAX:
        yield _any_of(f"r_{int(room_id)}" for room_id in query.room_ids)


def _any_of(words: Iterable[str]) -> str:
    return "(" + " OR ".join(f'"{word}"' for word in words) + ")"


def _indexed(entry: Entry) -> str:
    return f"{entry.text}r_{entry.room_id} u_{entry.sender_id}"
