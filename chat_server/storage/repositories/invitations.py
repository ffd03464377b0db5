"""One-time invitations, under the hashes of their codes; it must not know the codes."""

from typing import Final

from chat_server.storage.core.database import Database, Transaction
from chat_server.storage.core.records import InvitationRecord

_COLUMNS: Final = "id, username, role, by_name, created_at, expires_at"


class Invitations:
    """Reads and changes the invitations in force; one that was used, revoked or has expired is gone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, code_hash: str, username: str, role: str, by_name: str, now: int, until: int
    ) -> InvitationRecord:
        """Add an invitation, and remove those that have expired.

        :param username: for whom it is; empty where whoever has it chooses the name.
        """
        values = (username, role, by_name, now, until)

        def work(transaction: Transaction) -> int:
            transaction.run("DELETE FROM invitations WHERE expires_at <= ?", (now,))
            return transaction.insert(
                "INSERT INTO invitations (code_hash, username, role, by_name, created_at, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (code_hash, *values),
            )

        return InvitationRecord(self._database.write(work), *values)

    def in_force(self, now: int) -> list[InvitationRecord]:
        """List the invitations that still let somebody in, the oldest first."""
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM invitations WHERE expires_at > ? ORDER BY id", (now,)
        )
        return [InvitationRecord(*row) for row in rows]

    def by_code(self, code_hash: str, now: int) -> InvitationRecord | None:
        """Find the invitation of a code, as long as it is in force."""
        row = self._database.row(
            f"SELECT {_COLUMNS} FROM invitations WHERE code_hash = ? AND expires_at > ?", (code_hash, now)
        )
        return None if row is None else InvitationRecord(*row)

    def remove(self, invitation_id: int) -> bool:
        """End an invitation before its time; tell whether it was there."""
        return self._database.run("DELETE FROM invitations WHERE id = ?", (invitation_id,)) > 0
