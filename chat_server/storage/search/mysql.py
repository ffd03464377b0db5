"""The search index in MySQL and MariaDB: FULLTEXT for rare words, the newest entries for frequent ones.

FULLTEXT collects every match before it gives the first: fine for a rare word, seconds for one that a third of
all messages have. Of such a word a page is found among the newest entries at once, so these are read instead,
in growing pieces. It must not know how text is cut.
"""

from collections.abc import Sequence
from functools import partial
from itertools import chain
from math import prod
from typing import Final, NamedTuple

from chat_server.storage.core.database import Row, Transaction, chunks
from chat_server.storage.search.records import (
    Entry,
    Place,
    SearchQuery,
    SearchTables,
    Uses,
    Wanted,
    id_range,
    numbers,
    pieces,
)

ROWS_MAX: Final = 100  # of one statement
RARE_MAX: Final = (
    5_000  # messages that FULLTEXT may be expected to find; above, the newest entries are faster
)
NARROWING_MAX: Final = 60_000  # a word that more have does not help FULLTEXT
FEW_ENTRIES_MAX: Final = 20_000  # in the rooms asked for: these are read whole
CLEAR_ROWS: Final = 2_000
BY_PLACE: Final = "search_entries_by_place"


class _Way(NamedTuple):
    """The key by which entries are read, and what holds for those that it gives."""

    key: str
    condition: str


class MysqlSearchTables(SearchTables):
    """The index on FULLTEXT."""

    def add(self, transaction: Transaction, entries: Sequence[Entry]) -> None:
        for part in chunks(entries, ROWS_MAX):
            values = ",".join(
                f"({entry.id:d},{entry.room_id:d},{entry.seq:d},{entry.author_id:d},?)" for entry in part
            )
            transaction.run(
                f"INSERT INTO search_entries (id, room_id, seq, sender_id, text) VALUES {values}",
                [entry.text for entry in part],
            )

    def remove(self, transaction: Transaction, entries: Sequence[Entry]) -> None:
        for part in chunks([entry.id for entry in entries], ROWS_MAX):
            transaction.run(f"DELETE FROM search_entries WHERE id IN ({numbers(part)})")

    def count_words(self, transaction: Transaction, words: Sequence[tuple[str, int]]) -> None:
        for part in chunks(words, ROWS_MAX):
            transaction.run(
                f"INSERT INTO search_words (word, uses) VALUES {', '.join(['(?, ?)'] * len(part))}"
                " ON DUPLICATE KEY UPDATE uses = uses + VALUES(uses)",
                list(chain.from_iterable(part)),
            )

    def clear_some(self) -> bool:
        # Not TRUNCATE, which takes the right to drop tables.
        for table in ("search_entries", "search_words"):
            if self.database.run(f"DELETE FROM {table} LIMIT {CLEAR_ROWS:d}"):
                return False
        self.database.run("DELETE FROM search_positions")
        return True

    def find(self, query: SearchQuery, wanted: Sequence[Wanted], limit: int) -> list[Place]:
        groups = sorted((_uses(group), group) for want in wanted for group in want.groups)
        helpful = [(uses, group) for uses, group in groups if uses <= NARROWING_MAX]
        if helpful and self._expected([uses for uses, _ in helpful]) <= RARE_MAX:
            return self._by_words(query, wanted, [group for _, group in helpful], limit)
        return self._by_entries(query, wanted, limit)

    def _expected(self, uses: Sequence[int]) -> float:
        """Return how many messages may have all words, if chance alone puts them together."""
        row = self.database.row("SELECT SUM(last_seq) FROM rooms")
        total = max(1, int(row[0] or 0)) if row else 1
        return total * prod(min(1.0, count / total) for count in uses)

    def _by_words(
        self,
        query: SearchQuery,
        wanted: Sequence[Wanted],
        groups: Sequence[Sequence[Uses]],
        limit: int,
    ) -> list[Place]:
        conditions, parameters = _conditions(query, wanted)
        rows = self.database.rows(
            "SELECT e.room_id, e.seq FROM search_entries e"
            " JOIN messages m ON m.room_id = e.room_id AND m.seq = e.seq AND m.deleted = 0"
            " WHERE MATCH (e.text) AGAINST (? IN BOOLEAN MODE) AND e.id >= ? AND e.id < ?"
            f"{conditions} ORDER BY e.id DESC LIMIT ?",
            (" ".join(map(_boolean, groups)), *id_range(query), *parameters, limit),
        )
        return [(room_id, seq) for room_id, seq in rows]

    def _by_entries(self, query: SearchQuery, wanted: Sequence[Wanted], limit: int) -> list[Place]:
        way = self._way(query)
        conditions, parameters = _conditions(query, wanted)
        found: list[Row] = []
        for low, high in pieces(*id_range(query), partial(self._id_after, way)):
            found += self.database.rows(
                f"SELECT e.room_id, e.seq FROM search_entries e FORCE INDEX ({way.key})"
                " JOIN messages m ON m.room_id = e.room_id AND m.seq = e.seq AND m.deleted = 0"
                f" WHERE {way.condition} AND e.id >= ? AND e.id < ?{conditions} ORDER BY e.id DESC LIMIT ?",
                (low, high, *parameters, limit - len(found)),
            )
            if len(found) == limit:
                break
        return [(room_id, seq) for room_id, seq in found]

    def _id_after(self, way: _Way, low: int, high: int, count: int) -> int | None:
        if way.key == BY_PLACE:
            return None
        row = self.database.row(
            f"SELECT e.id FROM search_entries e FORCE INDEX ({way.key})"
            f" WHERE {way.condition} AND e.id >= ? AND e.id < ? ORDER BY e.id DESC LIMIT 1 OFFSET {count:d}",
            (low, high),
        )
        return None if row is None else int(row[0])

    def _way(self, query: SearchQuery) -> _Way:
        if query.author_ids is not None and len(query.author_ids) == 1:
            return _Way("search_entries_by_sender", f"e.sender_id = {query.author_ids[0]:d}")
        rooms = numbers(query.room_ids)
        row = self.database.row(f"SELECT SUM(last_seq) FROM rooms WHERE id IN ({rooms})")
        if row is not None and int(row[0] or 0) <= FEW_ENTRIES_MAX:
            return _Way(BY_PLACE, f"e.room_id IN ({rooms})")
        return _Way("PRIMARY", "e.id > 0")


def _uses(group: Sequence[Uses]) -> int:
    return sum(uses for _, uses in group)


def _boolean(group: Sequence[Uses]) -> str:
    """Write words for a boolean search; being of letters, digits and `_`, they hold no operator."""
    return f"+({' '.join(word for word, _ in group)})"


def _conditions(query: SearchQuery, wanted: Sequence[Wanted]) -> tuple[str, list[str]]:
    conditions = [f" AND e.room_id IN ({numbers(query.room_ids)})"]
    if query.author_ids is not None:
        conditions.append(f" AND e.sender_id IN ({numbers(query.author_ids)})")
    conditions += [" AND INSTR(e.text, ?) > 0"] * len(wanted)
    return "".join(conditions), [want.clause.contiguous for want in wanted]
