"""Finds the messages that are older than a room keeps them, and removes them; it must not know the rules.

What is removed is always the oldest end of a room: its history then starts later, its seqs go on. A message
dated later than now was sent under a wrong clock: it goes when one behind it goes. Any thread.
"""

from chat_server.storage.core.database import Database, Transaction
from chat_server.storage.core.records import RoomRecord
from chat_server.storage.repositories.file_rows import give_up
from chat_server.storage.repositories.room_ids import RoomIds
from chat_server.storage.repositories.rooms import COLUMNS, room_of


class Retention:
    """Reads and removes what is too old."""

    def __init__(self, database: Database, ids: RoomIds) -> None:
        self._database = database
        self._ids = ids

    def rooms_with_older(self, before: int, now: int) -> list[RoomRecord]:
        """List the rooms of every kind, archived ones too, whose oldest message was sent before a time."""
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM rooms r WHERE (SELECT m.sent_at FROM messages m"
            " WHERE m.room_id = r.id AND m.seq >= r.first_seq AND m.sent_at <= ? ORDER BY m.seq LIMIT 1) < ?"
            " ORDER BY r.id",
            (now, before),
        )
        return [room_of(row, self._ids) for row in rows]

    def first_kept(self, room: RoomRecord, before: int, now: int) -> int:
        """Return the first seq that was not sent before a time, one past the last where all was.

        Found by halving, since a room may hold millions; a clock that was set back can make it inexact.
        """

        def work(transaction: Transaction) -> int:
            low, high = room.first_seq, room.last_seq + 1
            while low < high:
                middle = (low + high) // 2
                row = transaction.row(
                    "SELECT sent_at FROM messages WHERE room_id = ? AND seq >= ? AND sent_at <= ?"
                    " ORDER BY seq LIMIT 1",
                    (room.id, middle, now),
                )
                if row is not None and row[0] < before:
                    low = middle + 1
                else:
                    high = middle
            return low

        return self._database.read(work)

    def remove(self, room_id: int, before: int, limit: int, now: int) -> tuple[int, int]:
        """Remove at most `limit` of a room's oldest messages, as long as they were sent before a time.

        Those that are dated in the future go with the ones behind them, beyond the limit.

        :return: how many were removed, and the first seq that is left.
        """

        def work(transaction: Transaction) -> tuple[int, int]:
            rows = transaction.rows(
                "SELECT seq, sent_at FROM messages WHERE room_id = ? AND sent_at <= ? ORDER BY seq LIMIT ?",
                (room_id, now, limit),
            )
            last = 0
            count = 0
            for seq, sent_at in rows:
                if sent_at >= before:
                    break
                last, count = seq, count + 1
            if count:
                _remove_upto(transaction, room_id, last)
            return count, last + 1

        # Losing this to a power cut means doing it again.
        return self._database.write(work, durable=False)


def _remove_upto(transaction: Transaction, room_id: int, last: int) -> None:
    for table in ("reactions", "message_versions", "saved_messages", "pinned_messages", "messages"):
        transaction.run(f"DELETE FROM {table} WHERE room_id = ? AND seq <= ?", (room_id, last))
    give_up(transaction, "room_id = ? AND seq <= ?", room_id, last)
    # What is gone is not unread.
    transaction.run(
        "UPDATE members SET read_seq = ? WHERE room_id = ? AND read_seq < ?", (last, room_id, last)
    )
    # Last: the room's row is what the commit thread waits for.
    transaction.run(
        "UPDATE rooms SET first_seq = ? WHERE id = ? AND first_seq <= ?", (last + 1, room_id, last)
    )
