"""The webhooks of rooms; it must not know who calls them, nor any secret."""

from chat_server.storage.core.database import Database, Row
from chat_server.storage.core.records import IncomingHookRecord
from chat_server.storage.repositories.users import COLUMNS, user_of

_INCOMING = "i.room_id, i.created_at, i.last_used_at"
_FROM = "FROM incoming_webhooks i JOIN users u ON u.id = i.user_id"


class Webhooks:
    """Reads and changes webhooks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_incoming(self, user_id: int, room_id: int, secret_hash: str, now: int) -> None:
        """Let whoever knows the secret speak in the room, as this bot.

        :raises DuplicateKey: when the bot has a webhook already.
        """
        self._database.run(
            "INSERT INTO incoming_webhooks (user_id, room_id, secret_hash, created_at) VALUES (?, ?, ?, ?)",
            (user_id, room_id, secret_hash, now),
        )

    def incoming(self) -> list[IncomingHookRecord]:
        """List the incoming webhooks by the names of their bots."""
        rows = self._database.rows(f"SELECT {_INCOMING}, {COLUMNS} {_FROM} ORDER BY u.username_key")
        return [_incoming_of(row) for row in rows]

    def incoming_by_secret(self, secret_hash: str) -> IncomingHookRecord | None:
        """Find whose secret has this hash."""
        row = self._database.row(
            f"SELECT {_INCOMING}, {COLUMNS} {_FROM} WHERE i.secret_hash = ?", (secret_hash,)
        )
        return None if row is None else _incoming_of(row)

    def incoming_of(self, user_id: int) -> IncomingHookRecord | None:
        """Find the webhook of a bot."""
        row = self._database.row(f"SELECT {_INCOMING}, {COLUMNS} {_FROM} WHERE i.user_id = ?", (user_id,))
        return None if row is None else _incoming_of(row)

    def replace_incoming_secret(self, user_id: int, secret_hash: str) -> None:
        """Let another secret open a webhook; the former one no longer does."""
        self._database.run(
            "UPDATE incoming_webhooks SET secret_hash = ? WHERE user_id = ?", (secret_hash, user_id)
        )

    def incoming_used(self, user_id: int, now: int) -> None:
        """Note that a webhook was used now."""
        self._database.write(
            lambda transaction: transaction.run(
                "UPDATE incoming_webhooks SET last_used_at = ? WHERE user_id = ?", (now, user_id)
            ),
            durable=False,
        )

    def remove_incoming(self, user_id: int) -> None:
        """End a webhook; its bot's account and messages stay."""
        self._database.run("DELETE FROM incoming_webhooks WHERE user_id = ?", (user_id,))


def _incoming_of(row: Row) -> IncomingHookRecord:
    room_id, created_at, last_used_at, *user = row
    return IncomingHookRecord(user_of(tuple(user)), room_id, created_at, last_used_at)
