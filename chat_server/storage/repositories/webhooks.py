"""The webhooks of rooms; it must not know who calls them, nor any secret."""

from chat_server.storage.core.database import Database, Row
from chat_server.storage.core.records import IncomingHookRecord, OutgoingHookRecord
from chat_server.storage.repositories.users import COLUMNS, user_of

_INCOMING = "i.room_id, i.created_at, i.last_used_at"
_OUTGOING = (
    "id, room_id, name, name_key, url, secret, created_at, sent_seq, tries, retry_at, trouble, given_up"
)
_TROUBLE_MAX_CHARS = 255
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

    def add_outgoing(
        self, room_id: int, name: str, name_key: str, url: str, secret: str, sent_seq: int, now: int
    ) -> None:
        """Send what is said in a room after `sent_seq` on to an address.

        :raises DuplicateKey: when the key is taken.
        """
        self._database.run(
            "INSERT INTO outgoing_webhooks (room_id, name, name_key, url, secret, sent_seq, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (room_id, name, name_key, url, secret, sent_seq, now),
        )

    def outgoing(self) -> list[OutgoingHookRecord]:
        """List the outgoing webhooks by name."""
        rows = self._database.rows(f"SELECT {_OUTGOING} FROM outgoing_webhooks ORDER BY name_key")
        return [OutgoingHookRecord(*row) for row in rows]

    def sent(self, hook: OutgoingHookRecord) -> None:
        """Note up to where a webhook's messages were sent, and how the last try went."""
        trouble = hook.trouble[:_TROUBLE_MAX_CHARS]
        self._database.write(
            lambda transaction: transaction.run(
                "UPDATE outgoing_webhooks SET sent_seq = ?, tries = ?, retry_at = ?, trouble = ?,"
                " given_up = ? WHERE id = ?",
                (hook.sent_seq, hook.tries, hook.retry_at, trouble, hook.given_up, hook.id),
            ),
            durable=False,
        )

    def replace_outgoing_secret(self, hook_id: int, secret: str) -> None:
        """Sign what is sent with another secret."""
        self._database.run("UPDATE outgoing_webhooks SET secret = ? WHERE id = ?", (secret, hook_id))

    def remove_outgoing(self, hook_id: int) -> None:
        """Send nothing more to an address."""
        self._database.run("DELETE FROM outgoing_webhooks WHERE id = ?", (hook_id,))


def _incoming_of(row: Row) -> IncomingHookRecord:
    room_id, created_at, last_used_at, *user = row
    return IncomingHookRecord(user_of(tuple(user)), room_id, created_at, last_used_at)
