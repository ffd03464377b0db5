"""Full-text search: the words of a query become the places of the newest messages that have them all.

Any thread may call it. It must not know who may see what: the query names the rooms to look in.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from chat_server.storage.core.database import Database, Row, Transaction, chunks, placeholders
from chat_server.storage.core.errors import GivenUp
from chat_server.storage.core.records import MessageRecord
from chat_server.storage.repositories.file_rows import files_of
from chat_server.storage.repositories.message_columns import SELECT, message_of
from chat_server.storage.search.index import SearchIndex
from chat_server.storage.search.mysql import MysqlSearchTables
from chat_server.storage.search.records import SAMPLE, Clause, Place, SearchQuery, SearchTables, Uses, Wanted
from chat_server.storage.search.sqlite import SqliteSearchTables

AT_ONCE_MAX: Final = 2  # searches: there is always a connection left for other requests
TURN_MAX_S: Final = 2.0
ENDINGS_MAX: Final = 50  # words that the beginning of one is taken for: itself, and the most used ones
ENDINGS_READ_MAX: Final = 5_000
AFTER_ALL_WORDS: Final = "~"  # sorts after every character of a word

_TABLES: Final[dict[str, type[SearchTables]]] = {"sqlite": SqliteSearchTables, "mysql": MysqlSearchTables}


class Search:
    """Finds messages; `index` is for the thread that keeps the index."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tables = _TABLES[database.name](database)
        self._turns = threading.BoundedSemaphore(AT_ONCE_MAX)
        self.index = SearchIndex(database, self._tables)

    def find(self, query: SearchQuery, limit: int) -> list[MessageRecord]:
        """Return up to `limit` messages, the newest first.

        :raises StorageUnavailable: when too many others are searching, too.
        """
        if not query.room_ids or query.author_ids == ():
            return []
        if not self._turns.acquire(timeout=TURN_MAX_S):
            raise GivenUp("too many are searching")
        try:
            return self._find(query, limit)
        finally:
            self._turns.release()

    def is_complete(self, query: SearchQuery) -> bool:
        """Return whether all messages of the query's rooms can be found, but for the last seconds'."""
        return self.index.is_complete(query.room_ids)

    def _find(self, query: SearchQuery, limit: int) -> list[MessageRecord]:
        known = self._uses({word for clause in query.clauses for word in clause.words})
        wanted = [Wanted(clause, tuple(self._groups(clause, known))) for clause in query.clauses]
        if not all(group for want in wanted for group in want.groups):
            return []
        places = self._tables.find(query, wanted, limit)
        records = self._database.read(lambda transaction: _records(transaction, places))
        order = {place: number for number, place in enumerate(places)}
        return sorted(records, key=lambda record: order[record.room_id, record.seq])

    def _groups(self, clause: Clause, known: Mapping[str, int]) -> Iterator[tuple[Uses, ...]]:
        whole = clause.words[:-1] if clause.prefix else clause.words
        for word in whole:
            yield ((word, known.get(word, 0)),)
        if clause.prefix:
            yield self._endings(clause.words[-1])

    def _uses(self, words: Iterable[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for part in chunks(sorted(words)):
            sql = f"SELECT word, uses FROM search_words WHERE word IN ({placeholders(part)})"
            found.update((word, uses * SAMPLE) for word, uses in self._database.rows(sql, part))
        return found

    def _endings(self, beginning: str) -> tuple[Uses, ...]:
        rows = self._database.rows(
            "SELECT word, uses FROM search_words WHERE word >= ? AND word < ? LIMIT ?",
            (beginning, beginning + AFTER_ALL_WORDS, ENDINGS_READ_MAX),
        )
        rows.sort(key=lambda row: (row[0] != beginning, -row[1]))
        return tuple((word, uses * SAMPLE) for word, uses in rows[:ENDINGS_MAX])


def _records(transaction: Transaction, places: Sequence[Place]) -> list[MessageRecord]:
    if not places:
        return []
    rows: list[Row] = []
    reactions: dict[Place, dict[str, tuple[str, ...]]] = {}
    by_room: dict[int, list[int]] = {}
    for room_id, seq in places:
        by_room.setdefault(room_id, []).append(seq)
    for room_id, seqs in by_room.items():
        rows += transaction.rows(
            f"{SELECT} WHERE m.room_id = ? AND m.seq IN ({placeholders(seqs)})", (room_id, *seqs)
        )
        for seq, emoji, username in transaction.rows(
            "SELECT x.seq, x.emoji, u.username FROM reactions x"
            " JOIN users u ON u.id = x.user_id AND u.erased = 0"
            f" WHERE x.room_id = ? AND x.seq IN ({placeholders(seqs)})"
            " ORDER BY x.seq, x.reacted_at, x.user_id",
            (room_id, *seqs),
        ):
            by_emoji = reactions.setdefault((room_id, seq), {})
            by_emoji[emoji] = (*by_emoji.get(emoji, ()), username)
    files = files_of(transaction, [(row[0], row[1]) for row in rows if row[-1]])
    keyed = ((row, (row[0], row[1])) for row in rows)
    return [message_of(row, reactions.get(place, {}), files.get(place, ())) for row, place in keyed]
