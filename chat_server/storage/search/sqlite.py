"""The search index in SQLite: an FTS5 table read from the newest row on. It must not know how text is cut.

Rooms and senders are words of the index too (`r_5`, `u_7`), so that FTS5 walks through the shortest of all
lists, and stops when a page is full. It keeps no positions: what must stand together is looked up in the
entries.
"""

import json
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from chat_server.storage.core.database import Transaction
from chat_server.storage.search.records import (
    Entry,
    Place,
    SearchQuery,
    SearchTables,
    Wanted,
    id_range,
    numbers,
    pieces,
)

ROOM_WORDS_MAX: Final = 200  # above, the entries are looked at instead,
SMALL_PART: Final = 4  # and when the rooms have more than this part of all messages


def _from_json(count: int) -> str:
    """Return the columns of the rows in a JSON text, for a query of it."""
    return ", ".join(f"json_extract(value, '$[{place}]')" for place in range(count))


CLEAR_ROWS: Final = 2_000
CLEAR_ENTRIES: Final = (
    "DELETE FROM search_entries WHERE id IN (SELECT id FROM search_entries ORDER BY id LIMIT ?)"
)
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

    def clear_some(self) -> bool:
        removed = self.database.run(CLEAR_ENTRIES, (CLEAR_ROWS,))
        if removed == CLEAR_ROWS:
            return False

        def work(transaction: Transaction) -> None:
            transaction.run("INSERT INTO search_index (search_index) VALUES ('delete-all')")
            for table in ("search_words", "search_positions"):
                transaction.run(f"DELETE FROM {table}")

        self.database.write(work)
        return True

    def find(self, query: SearchQuery, wanted: Sequence[Wanted], limit: int) -> list[Place]:
        match = " AND ".join(_terms(query, wanted, self._are_small(query.room_ids)))
        contiguous = [want.clause.contiguous for want in wanted if not want.exact]
        places: list[Place] = []
        for low, high in pieces(*id_range(query), partial(self._id_after, match)):
            places += self._within(query, match, contiguous, limit - len(places), low, high)
            if len(places) == limit:
                break
        return places

    def _are_small(self, room_ids: Sequence[int]) -> bool:
        """Tell whether it is worth while to look up which messages are in these rooms."""
        if len(room_ids) > ROOM_WORDS_MAX:
            return False
        row = self.database.row(
            f"SELECT SUM(last_seq), SUM(CASE WHEN id IN ({numbers(room_ids)}) THEN last_seq END) FROM rooms"
        )
        return row is not None and SMALL_PART * (row[1] or 0) <= row[0]

    def _within(
        self, query: SearchQuery, match: str, contiguous: Sequence[str], limit: int, low: int, high: int
    ) -> list[Place]:
        """Return places of entries with ids from `low` to below `high`."""
        source, key, condition, parameters = _source(match)
        entries = f"{source} CROSS JOIN search_entries e ON e.id = {key}" if match else source
        rows = self.database.rows(
            f"SELECT e.room_id, e.seq FROM {entries}"
            # The index follows the messages with a delay. The + keeps SQLite from sorting whole rooms.
            " CROSS JOIN messages m ON m.room_id = e.room_id AND m.seq = e.seq AND m.deleted = 0"
            f" WHERE {condition}{key} >= ? AND {key} < ? AND +e.room_id IN ({numbers(query.room_ids)})"
            f"{' AND instr(e.text, ?) > 0' * len(contiguous)} ORDER BY {key} DESC LIMIT ?",
            (*parameters, low, high, *contiguous, limit),
        )
        return [(room_id, seq) for room_id, seq in rows]

    def _id_after(self, match: str, low: int, high: int, count: int) -> int | None:
        source, key, condition, parameters = _source(match)
        row = self.database.row(
            f"SELECT {key} FROM {source} WHERE {condition}{key} >= ? AND {key} < ?"
            f" ORDER BY {key} DESC LIMIT 1 OFFSET ?",
            (*parameters, low, high, count),
        )
        return None if row is None else int(row[0])


def _source(match: str) -> tuple[str, str, str, tuple[str, ...]]:
    """Return the table to read, the key that is its order, and the condition for a match, if any."""
    if match:
        return "search_index", "search_index.rowid", "search_index MATCH ? AND ", (match,)
    return "search_entries e", "e.id", "", ()


def _terms(query: SearchQuery, wanted: Iterable[Wanted], by_room: bool) -> Iterable[str]:
    for want in wanted:
        yield from (_any_of(word for word, _ in group) for group in want.groups)
    if query.author_ids is not None:
        yield _any_of(f"u_{int(author_id)}" for author_id in query.author_ids)
    if by_room:
        yield _any_of(f"r_{int(room_id)}" for room_id in query.room_ids)


def _any_of(words: Iterable[str]) -> str:
    return "(" + " OR ".join(f'"{word}"' for word in words) + ")"


def _indexed(entry: Entry) -> str:
    return f"{entry.text}r_{entry.room_id} u_{entry.author_id}"
