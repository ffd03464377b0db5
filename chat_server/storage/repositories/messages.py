"""The stored messages, read in the order of their rooms; how they are stored is `append`'s."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from chat_server.storage.core.database import Database, Parameters, Row, Transaction, chunks, placeholders
from chat_server.storage.core.errors import StorageError
from chat_server.storage.core.records import MessageRecord, NewMessage, Stored, VersionRecord
from chat_server.storage.repositories.append import Append
from chat_server.storage.repositories.file_rows import files_of
from chat_server.storage.repositories.message_columns import SELECT, message_of

# Rooms that one statement counts in; SQLite takes 500 parts.
UNION_MAX: Final = 50
Reactions = dict[tuple[int, int], dict[str, tuple[str, ...]]]


class Messages:
    """Stores messages and reads them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._append = Append(database)

    def append(self, batch: Sequence[NewMessage], now: int) -> list[Stored | StorageError]:
        """Store a batch; see :meth:`Append.store`."""
        return self._append.store(batch, now)

    def follow(self, said: Callable[[Transaction, Sequence[Stored]], None]) -> None:
        """Have a function called in each transaction that stores messages, with their places."""
        self._append.said = said

    def after(self, room_id: int, seq: int, limit: int, upto: int | None = None) -> list[MessageRecord]:
        """Return the first `limit` messages after `seq`, none past `upto`, in ascending order."""
        condition, parameters = ("", ()) if upto is None else (" AND m.seq <= ?", (upto,))
        return self._select(
            f"WHERE m.room_id = ? AND m.seq > ?{condition} ORDER BY m.seq LIMIT ?",
            (room_id, seq, *parameters, limit),
        )

    def before(self, room_id: int, seq: int | None, limit: int) -> list[MessageRecord]:
        """Return the last `limit` messages before `seq` (None: the newest), in ascending order."""
        condition, parameters = ("", ()) if seq is None else (" AND m.seq < ?", (seq,))
        return self._select(
            f"WHERE m.room_id = ?{condition} ORDER BY m.seq DESC LIMIT ?", (room_id, *parameters, limit)
        )[::-1]

    def get(self, room_id: int, seq: int) -> MessageRecord | None:
        """Find one message."""
        found = self._select("WHERE m.room_id = ? AND m.seq = ?", (room_id, seq))
        return found[0] if found else None

    def at(self, room_id: int, seqs: Sequence[int]) -> list[MessageRecord]:
        """Return the messages of a room at some places, as far as there are any; at most a page of them."""
        return self._select(f"WHERE m.room_id = ? AND m.seq IN ({placeholders(seqs)})", (room_id, *seqs))

    def has_nonce(self, author_id: int, nonce: str) -> bool:
        """Return whether a user has stored a message with this nonce."""
        return bool(
            self._database.rows(
                "SELECT 1 FROM messages WHERE sender_id = ? AND nonce = ?", (author_id, nonce)
            )
        )

    def since(
        self, time_ms: int, room_id: int | None = None, author_id: int | None = None, limit: int = 1_000
    ) -> list[MessageRecord]:
        """Return the last `limit` messages since a time, across rooms, in the order of their times."""
        wanted = {"m.room_id = ?": room_id, "m.sender_id = ?": author_id}
        conditions = {condition: value for condition, value in wanted.items() if value is not None}
        where = " AND ".join(("m.sent_at >= ?", *conditions))
        return self._select(
            f"WHERE {where} ORDER BY m.sent_at DESC, m.room_id DESC, m.seq DESC LIMIT ?",
            (time_ms, *conditions.values(), limit),
        )[::-1]

    def last_seqs(self, room_ids: Iterable[int]) -> dict[int, int]:
        """Return each room's last seq, 0 where nothing was said."""
        found: dict[int, int] = {}
        for part in chunks(sorted(set(room_ids))):
            found.update(
                self._database.rows(
                    f"SELECT id, last_seq FROM rooms WHERE id IN ({placeholders(part)})", part
                )
            )
        return found

    def heads(self, room_ids: Iterable[int]) -> dict[int, tuple[int, int | None]]:
        """Return each room's last seq, and when something was said last (ms since 1970; None: never)."""
        found: dict[int, tuple[int, int | None]] = {}
        for part in chunks(sorted(set(room_ids))):
            rows = self._database.rows(
                "SELECT r.id, r.last_seq, (SELECT m.sent_at FROM messages m WHERE m.room_id = r.id"
                " AND m.kind = 'text' ORDER BY m.seq DESC LIMIT 1)"
                f" FROM rooms r WHERE r.id IN ({placeholders(part)})",
                part,
            )
            found.update((room_id, (last_seq, last_at)) for room_id, last_seq, last_at in rows)
        return found

    def count_others(self, user_id: int, marks: Mapping[int, tuple[int, int]]) -> dict[int, int]:
        """Count what others than a user have said and not deleted.

        :param marks: room number -> the seq after which to count, and the last one to count.
        """
        return dict(self._of_others("SELECT m.room_id, COUNT(*)", "GROUP BY m.room_id", user_id, marks))

    def others_with_at(self, user_id: int, marks: Mapping[int, tuple[int, int]]) -> list[tuple[int, str]]:
        """Return the same messages, as room number and text, as far as there is an `@` in them."""
        found = self._of_others("SELECT m.room_id, m.body", "AND INSTR(m.body, '@') > 0", user_id, marks)
        return [(room_id, body) for room_id, body in found]

    def _of_others(
        self, select: str, rest: str, user_id: int, marks: Mapping[int, tuple[int, int]]
    ) -> list[Row]:
        one = (
            f"{select} FROM messages m WHERE m.room_id = ? AND m.seq > ? AND m.seq <= ?"
            f" AND m.kind = 'text' AND m.deleted = 0 AND m.sender_id <> ? {rest}"
        )
        rows: list[Row] = []
        for part in chunks(sorted(marks), UNION_MAX):
            values = [value for room_id in part for value in (room_id, *marks[room_id], user_id)]
            rows += self._database.rows(" UNION ALL ".join([one] * len(part)), values)
        return rows

    def versions(self, room_id: int, seq: int) -> list[VersionRecord]:
        """Return what a message said before each edit and its deletion, the oldest first."""
        rows = self._database.rows(
            "SELECT version_seq, body, replaced_by, replaced_at FROM message_versions"
            " WHERE room_id = ? AND seq = ? ORDER BY version_seq",
            (room_id, seq),
        )
        return [VersionRecord(*row) for row in rows]

    def _select(self, rest: str, parameters: Parameters) -> list[MessageRecord]:
        def work(transaction: Transaction) -> list[MessageRecord]:
            rows = transaction.rows(f"{SELECT} {rest}", parameters)
            reactions = _reactions(transaction, rows)
            files = files_of(transaction, [(row[0], row[1]) for row in rows if row[-1]])
            places = ((row, (row[0], row[1])) for row in rows)
            return [message_of(row, reactions.get(place, {}), files.get(place, ())) for row, place in places]

        return self._database.read(work)


def _reactions(transaction: Transaction, rows: Sequence[Row]) -> Reactions:
    """Return the reactions to the messages of the rows; a page is mostly one stretch of one room."""
    stretches: dict[int, list[int]] = {}
    for row in rows:
        stretches.setdefault(row[0], []).append(row[1])
    found: Reactions = {}
    for room_id, seqs in stretches.items():
        for seq, emoji, username in transaction.rows(
            "SELECT x.seq, x.emoji, u.username FROM reactions x"
            " JOIN users u ON u.id = x.user_id AND u.erased = 0"
            " WHERE x.room_id = ? AND x.seq BETWEEN ? AND ? ORDER BY x.seq, x.reacted_at, x.user_id",
            (room_id, min(seqs), max(seqs)),
        ):
            by_emoji = found.setdefault((room_id, seq), {})
            by_emoji[emoji] = (*by_emoji.get(emoji, ()), username)
    return found
