"""Events that wait for users who are away, as texts by room; it must not know what they mean."""

from typing import Final

from chat_server.storage.core.database import Database, Transaction

_WAITING: Final = "SELECT event FROM pending_notices WHERE user_id = ? ORDER BY id"


class PendingNoticeRows:
    """Reads and changes what waits for users."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, user_id: int, room_key: str, event: str) -> None:
        """Let an event wait for a user, instead of the one about the same room that may wait already."""

        def work(transaction: Transaction) -> None:
            transaction.run(
                "DELETE FROM pending_notices WHERE user_id = ? AND room_key = ?", (user_id, room_key)
            )
            values = {"user_id": user_id, "room_key": room_key, "event": event}
            transaction.insert_new("pending_notices", values)

        self._database.write(work)

    def drop(self, user_id: int, room_key: str) -> None:
        """Let what there is about a room wait no longer."""
        sql = "DELETE FROM pending_notices WHERE user_id = ? AND room_key = ?"
        self._database.run(sql, (user_id, room_key))

    def take(self, user_id: int) -> list[str]:
        """Return what waits for a user, the oldest first, and remove it."""
        if not self._database.row("SELECT 1 FROM pending_notices WHERE user_id = ? LIMIT 1", (user_id,)):
            return []  # as at nearly every sign-in, which then writes nothing

        def work(transaction: Transaction) -> list[str]:
            events = [str(event) for (event,) in transaction.rows(_WAITING, (user_id,))]
            transaction.run("DELETE FROM pending_notices WHERE user_id = ?", (user_id,))
            return events

        return self._database.write(work)
