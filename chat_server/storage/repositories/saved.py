"""The messages that users have saved, each by its place; it must not know what they say."""

from chat_server.storage.core.database import Database, Transaction
from chat_server.storage.core.records import SavedRecord


class Saved:
    """Reads and changes users' lists."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, user_id: int, room_id: int, seq: int, now: int, most: int) -> bool | None:
        """Put a message on a user's list; return whether it is new there.

        :param most: how many the list may have; past that, nothing is done and None returned.
        """

        def work(transaction: Transaction) -> bool | None:
            place = (user_id, room_id, seq)
            if transaction.row(
                "SELECT 1 FROM saved_messages WHERE user_id = ? AND room_id = ? AND seq = ?", place
            ):
                return False
            row = transaction.row("SELECT COUNT(*) FROM saved_messages WHERE user_id = ?", (user_id,))
            if row is not None and row[0] >= most:
                return None
            values = {"user_id": user_id, "room_id": room_id, "seq": seq, "saved_at": now}
            return transaction.insert_new("saved_messages", values)

        return self._database.write(work)

    def remove(self, user_id: int, room_id: int, seq: int) -> bool:
        """Take a message off a user's list; return whether it was there."""
        sql = "DELETE FROM saved_messages WHERE user_id = ? AND room_id = ? AND seq = ?"
        return self._database.run(sql, (user_id, room_id, seq)) > 0

    def page(self, user_id: int, before: int | None, limit: int) -> list[SavedRecord]:
        """List what a user has saved in rooms that the user belongs to now, the last one saved first.

        :param before: the number of an entry, exclusive; None begins with the last one.
        """
        rows = self._database.rows(
            "SELECT s.id, s.room_id, s.seq FROM saved_messages s"
            " JOIN members m ON m.room_id = s.room_id AND m.user_id = s.user_id AND m.state = 'joined'"
            " JOIN rooms r ON r.id = s.room_id AND r.archived_at IS NULL"
            f" WHERE s.user_id = ?{'' if before is None else ' AND s.id < ?'} ORDER BY s.id DESC LIMIT ?",
            (user_id, limit) if before is None else (user_id, before, limit),
        )
        return [SavedRecord(*row) for row in rows]
