"""The messages that are pinned in rooms, each by its place; it must not know what they say."""

from typing import Literal

from chat_server.storage.core.database import Database, Transaction
from chat_server.storage.core.records import PinRecord

Outcome = Literal["new", "old", "gone", "full"]


class Pins:
    """Reads and changes rooms' lists."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, room_id: int, seq: int, user_id: int, now: int, most: int) -> Outcome:
        """Pin a message.

        :param most: how many a room may have.
        :return: `old` where it was pinned already, `gone` where there is no such message, `full` where the
            room has as many as it may; then nothing is done.
        """

        def work(transaction: Transaction) -> Outcome:
            # Holds the room's row: no deletion and no other pin comes between the look and the act.
            transaction.run("UPDATE rooms SET last_seq = last_seq WHERE id = ?", (room_id,))
            place = (room_id, seq)
            if transaction.row("SELECT 1 FROM pinned_messages WHERE room_id = ? AND seq = ?", place):
                return "old"
            if not transaction.row(
                "SELECT 1 FROM messages WHERE room_id = ? AND seq = ? AND kind = 'text' AND deleted = 0",
                place,
            ):
                return "gone"
            row = transaction.row("SELECT COUNT(*) FROM pinned_messages WHERE room_id = ?", (room_id,))
            if row is not None and row[0] >= most:
                return "full"
            values = {"room_id": room_id, "seq": seq, "user_id": user_id, "pinned_at": now}
            transaction.insert_new("pinned_messages", values)
            return "new"

        return self._database.write(work)

    def remove(self, room_id: int, seq: int) -> bool:
        """Take a message off a room's list; return whether it was there."""
        sql = "DELETE FROM pinned_messages WHERE room_id = ? AND seq = ?"
        return self._database.run(sql, (room_id, seq)) > 0

    def page(self, room_id: int, before: int | None, limit: int) -> list[PinRecord]:
        """List what is pinned in a room, the one pinned last first.

        :param before: the number of an entry, exclusive; None begins with the last one.
        """
        rows = self._database.rows(
            "SELECT id, seq FROM pinned_messages WHERE room_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
            (room_id, 2**62 if before is None else before, limit),
        )
        return [PinRecord(*row) for row in rows]
