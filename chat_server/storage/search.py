"""Full-text search: the words of a query become the places of the newest messages that have them all.

Any thread may call it. It must not know who may see what: the query names the rooms to look in.
"""

from collections.abc import Sequence
from typing import Final

from chat_server.storage.database import Database, Row, Transaction, marks
from chat_server.storage.messages import SELECT
from chat_server.storage.records import MessageRecord
from chat_server.storage.search_index import SearchIndex
from chat_server.storage.search_mysql import MysqlSearchTables
from chat_server.storage.search_records import SAMPLE, Clause, Place, SearchQuery, SearchTables, Wanted
from chat_server.storage.search_sqlite import SqliteSearchTables

ENDINGS_MAX: Final = 100  # words that the beginning of one is taken for: the most used ones
ENDINGS_READ_MAX: Final = 5_000
AFTER_ALL_WORDS: Final = "~"  # sorts after every character of a word

_TABLES: Final[dict[str, type[SearchTables]]] = {"sqlite": SqliteSearchTables, "mysql": MysqlSearchTables}


class Search:
    """Finds messages; `index` is for the thread that keeps the index."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tables = _TABLES[database.name](database)
        self.index = SearchIndex(database, self._tables)

    def find(self, query: SearchQuery, limit: int) -> list[MessageRecord]:
        """Return up to `limit` messages, the newest first."""
        if not query.room_ids or query.sender_ids == ():
            return []
        wanted = [Wanted(clause, self._endings(clause)) for clause in query.clauses]
        if not all(want.endings for want in wanted):
            return []
        places = self._tables.find(query, wanted, limit)
        records = self._database.read(lambda transaction: _records(transaction, places))
        order = {place: number for number, place in enumerate(places)}
        return sorted(records, key=lambda record: order[record.room_id, record.seq])

    def _endings(self, clause: Clause) -> tuple[tuple[str, int], ...]:
        """Return the words that may end the clause, with about how many messages have each."""
        word = clause.words[-1]
        if clause.prefix:
            rows = self._database.rows(
                "SELECT word, uses FROM search_words WHERE word >= ? AND word < ? LIMIT ?",
                (word, word + AFTER_ALL_WORDS, ENDINGS_READ_MAX),
            )
            rows = sorted(rows, key=lambda row: -row[1])[:ENDINGS_MAX]
        else:
            row = self._database.row("SELECT uses FROM search_words WHERE word = ?", (word,))
            rows = [(word, row[0] if row else 0)]
        return tuple((found, uses * SAMPLE) for found, uses in rows)


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
            f"{SELECT} WHERE m.room_id = ? AND m.seq IN ({marks(seqs)})", (room_id, *seqs)
        )
        for seq, emoji, username in transaction.rows(
            "SELECT x.seq, x.emoji, u.username FROM reactions x"
            " JOIN users u ON u.id = x.user_id AND u.erased = 0"
            f" WHERE x.room_id = ? AND x.seq IN ({marks(seqs)}) ORDER BY x.seq, x.reacted_at, x.user_id",
            (room_id, *seqs),
        ):
            by_emoji = reactions.setdefault((room_id, seq), {})
            by_emoji[emoji] = (*by_emoji.get(emoji, ()), username)
    return [_record(row, reactions.get((row[0], row[1]), {})) for row in rows]


def _record(row: Row, reactions: dict[str, tuple[str, ...]]) -> MessageRecord:
    fields: Row = (*row[:-2], bool(row[-2]), reactions, bool(row[-1]))
    return MessageRecord(*fields)
