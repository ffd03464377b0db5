"""What users have chosen for all their devices, as texts with versions; it must not know what they mean."""

from collections.abc import Sequence
from typing import Final

from chat_server.storage.core.database import Database, Transaction, placeholders
from chat_server.storage.core.records import OwnSettingRecord
from chat_server.storage.repositories.room_ids import RoomIds

NO_ROOM: Final = 0
_KEY: Final = "user_id = ? AND room_id = ? AND name = ?"


class OwnSettings:
    """Reads and changes users' settings."""

    def __init__(self, database: Database, ids: RoomIds) -> None:
        self._database = database
        self._ids = ids

    def of_user(self, user_id: int) -> list[OwnSettingRecord]:
        """List a user's settings, those of rooms as far as the user belongs to them now."""
        rows = self._database.rows(
            "SELECT s.room_id, s.name, s.value, s.version FROM own_settings s"
            " LEFT JOIN members m ON m.room_id = s.room_id AND m.user_id = s.user_id AND m.state = 'joined'"
            " LEFT JOIN rooms r ON r.id = m.room_id AND r.archived_at IS NULL"
            " WHERE s.user_id = ? AND (s.room_id = ? OR r.id IS NOT NULL) ORDER BY s.room_id, s.name",
            (user_id, NO_ROOM),
        )
        return [
            OwnSettingRecord(self._ids.of(room_id) if room_id != NO_ROOM else None, name, value, version)
            for room_id, name, value, version in rows
        ]

    def set(self, user_id: int, room_id: int, name: str, value: str, most: int) -> int | None:
        """Choose a value and return its version, one more than that of the choice before.

        :param most: how many settings of rooms the user may have; past that, None is returned.
        """

        def work(transaction: Transaction) -> int | None:
            key = (user_id, room_id, name)
            change = f"UPDATE own_settings SET value = ?, version = version + 1 WHERE {_KEY}"
            if not transaction.run(change, (value, *key)):
                if room_id != NO_ROOM and _count(transaction, user_id) >= most:
                    return None
                first = {"user_id": user_id, "room_id": room_id, "name": name, "value": value, "version": 1}
                if transaction.insert_new("own_settings", first):
                    return 1
                transaction.run(change, (value, *key))  # another device was faster
            row = transaction.row(f"SELECT version FROM own_settings WHERE {_KEY}", key)
            return None if row is None else int(row[0])

        return self._database.write(work)

    def value_of(self, user_id: int, name: str) -> str | None:
        """Return what a user has chosen, for no room; None where nothing is."""
        sql = f"SELECT value FROM own_settings WHERE {_KEY}"
        row = self._database.row(sql, (user_id, NO_ROOM, name))
        return None if row is None else str(row[0])

    def any_has(self, user_ids: Sequence[int], name: str, value: str) -> bool:
        """Return whether one of several users has chosen this value, for no room."""
        sql = f"SELECT 1 FROM own_settings WHERE user_id IN ({placeholders(user_ids)})"
        found = self._database.row(
            f"{sql} AND room_id = ? AND name = ? AND value = ?", (*user_ids, NO_ROOM, name, value)
        )
        return found is not None


def _count(transaction: Transaction, user_id: int) -> int:
    row = transaction.row(
        "SELECT COUNT(*) FROM own_settings WHERE user_id = ? AND room_id <> ?", (user_id, NO_ROOM)
    )
    return int(row[0]) if row else 0
