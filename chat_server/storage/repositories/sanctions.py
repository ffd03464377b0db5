"""Kicks, bans and mutes as they were laid and lifted; it must not know whom they hit just now."""

from collections.abc import Sequence

from chat_server.storage.core.database import Database
from chat_server.storage.core.records import SanctionRecord

COLUMNS = "id, kind, user_id, network, room_id, reason, by_name, created_at, ends_at, lifted_at, lifted_by"


class Sanctions:
    """Reads and changes sanctions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        kind: str,
        user_id: int | None,
        network: str | None,
        room_id: int | None,
        reason: str,
        by_name: str,
        now: int,
        until: int | None,
    ) -> SanctionRecord:
        """Lay a sanction on a user or a network; without `until` it is for good."""
        values = (kind, user_id, network, room_id, reason, by_name, now, until)
        sanction_id = self._database.write(
            lambda transaction: transaction.insert(
                "INSERT INTO sanctions"
                " (kind, user_id, network, room_id, reason, by_name, created_at, ends_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
        )
        return SanctionRecord(sanction_id, *values, None, None)

    def active(self, now: int) -> list[SanctionRecord]:
        """List what is neither lifted nor over, the oldest first."""
        return self._select(
            "WHERE lifted_at IS NULL AND (ends_at IS NULL OR ends_at > ?) ORDER BY id", (now,)
        )

    def by_id(self, sanction_id: int) -> SanctionRecord | None:
        """Find one, in force or not."""
        found = self._select("WHERE id = ?", (sanction_id,))
        return found[0] if found else None

    def listing(self, limit: int) -> list[SanctionRecord]:
        """List the latest sanctions, active or not, the oldest of them first."""
        return self._select("ORDER BY id DESC LIMIT ?", (limit,))[::-1]

    def of_user(self, user_id: int) -> list[SanctionRecord]:
        """List every sanction of one user, the oldest first."""
        return self._select("WHERE user_id = ? ORDER BY id", (user_id,))

    def lift(self, sanction_id: int, by_name: str, now: int) -> bool:
        """End a sanction before its time; tell whether it was still to be lifted."""
        return (
            self._database.run(
                "UPDATE sanctions SET lifted_at = ?, lifted_by = ? WHERE id = ? AND lifted_at IS NULL",
                (now, by_name, sanction_id),
            )
            > 0
        )

    def _select(self, rest: str, parameters: Sequence[object]) -> list[SanctionRecord]:
        rows = self._database.rows(f"SELECT {COLUMNS} FROM sanctions {rest}", parameters)
        return [SanctionRecord(*row) for row in rows]
