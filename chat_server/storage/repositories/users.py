"""The accounts and where they came from; it must not know passwords, sessions or the driver."""

from collections.abc import Iterable, Sequence

from chat_protocol.names import fold_text
from chat_server.storage.core.database import Database, Row, Transaction, chunks, placeholders
from chat_server.storage.core.errors import NoSuchInvitation, StorageError
from chat_server.storage.core.records import UserRecord
from chat_server.storage.repositories.file_rows import give_up_of_user

DISPLAY_KEY_MAX_CHARS = 190
LAST_CHARACTER = "\U0010ffff"  # no text that begins with a prefix sorts after the prefix and this
COLUMNS = (
    "u.id, u.username, u.username_key, u.display_name, u.role, u.password_hash, u.created_at, u.last_seen_at,"
    " u.one_time_password, u.erased, u.kind, u.avatar"
)
COLUMN_COUNT = 12


def user_of(row: Row) -> UserRecord:
    """Make the record of a row of :data:`COLUMNS`."""
    fields: Row = (*row[:-4], bool(row[-4]), bool(row[-3]), *row[-2:])
    return UserRecord(*fields)


def like_part(text: str) -> str:
    """Return the LIKE pattern (escape `!`) of what contains the text."""
    for character in "!%_":
        text = text.replace(character, f"!{character}")
    return f"%{text}%"


class Users:
    """Reads and changes accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        username: str,
        username_key: str,
        display_name: str,
        password_hash: str,
        now: int,
        role: str = "member",
        invitation: int | None = None,
        *,
        kind: str = "local",
    ) -> UserRecord:
        """Add a person's account and join it to every arrival room, all that was said there being read.

        :param invitation: the id of the one that is used up by it.
        :raises DuplicateKey: when the key is taken.
        :raises NoSuchInvitation: when the invitation is not in force any more. After either nothing was done.
        """

        def work(transaction: Transaction) -> int:
            # First: of two who use it at once, the second waits here until the first has an account.
            if invitation is not None and not transaction.run(
                "DELETE FROM invitations WHERE id = ? AND expires_at > ?", (invitation, now)
            ):
                raise NoSuchInvitation(f"invitation {invitation} is not in force")
            user_id = transaction.insert(
                "INSERT INTO users (username, username_key, display_name, display_key, role, password_hash,"
                " created_at, kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    username,
                    username_key,
                    display_name,
                    _display_key(display_name),
                    role,
                    password_hash,
                    now,
                    kind,
                ),
            )
            transaction.run(
                "INSERT INTO members (room_id, user_id, state, read_seq) SELECT id, ?, 'joined', last_seq"
                " FROM rooms WHERE arrival = 1 AND archived_at IS NULL",
                (user_id,),
            )
            return user_id

        user_id = self._database.write(work)
        return UserRecord(
            user_id, username, username_key, display_name, role, password_hash, now, None, False, False, kind
        )

    def create_bot(self, username: str, username_key: str, now: int) -> UserRecord:
        """Add an account of a program: it has no password and belongs to no room.

        :raises DuplicateKey: when the key is taken.
        """
        user_id = self._database.write(
            lambda transaction: transaction.insert(
                "INSERT INTO users (username, username_key, display_name, display_key, password_hash,"
                " created_at, kind) VALUES (?, ?, ?, ?, '', ?, 'bot')",
                (username, username_key, username, _display_key(username), now),
            )
        )
        return UserRecord(
            user_id, username, username_key, username, "member", "", now, None, False, False, "bot"
        )

    def by_key(self, key: str) -> UserRecord | None:
        """Find an account by the key of its username."""
        return self._one("u.username_key = ?", key)

    def by_id(self, user_id: int) -> UserRecord | None:
        """Find an account, erased ones included."""
        return self._one("u.id = ?", user_id)

    def by_ids(self, user_ids: Iterable[int]) -> dict[int, UserRecord]:
        """Find several accounts."""
        found = {}
        for part in chunks(sorted(set(user_ids))):
            sql = f"SELECT {COLUMNS} FROM users u WHERE u.id IN ({placeholders(part)})"
            found.update({row[0]: user_of(row) for row in self._database.rows(sql, part)})
        return found

    def search(self, prefix_key: str, limit: int, after_key: str = "") -> list[UserRecord]:
        """Find accounts whose key or folded display name begins with the folded prefix, by key.

        :param after_key: only those with a later key.
        """
        end = prefix_key + LAST_CHARACTER
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM users u WHERE u.erased = 0 AND u.username_key > ?"
            " AND ((u.username_key >= ? AND u.username_key < ?)"
            " OR (u.display_key >= ? AND u.display_key < ?)) ORDER BY u.username_key LIMIT ?",
            (after_key, prefix_key, end, prefix_key, end, limit),
        )
        return [user_of(row) for row in rows]

    def listing(self, text: str = "", limit: int = 1_000) -> list[UserRecord]:
        """List accounts whose username or display name contains the text, by key."""
        pattern = like_part(fold_text(text))
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM users u WHERE u.erased = 0 AND (u.username_key LIKE ? ESCAPE '!'"
            " OR u.display_key LIKE ? ESCAPE '!') ORDER BY u.username_key LIMIT ?",
            (pattern, pattern, limit),
        )
        return [user_of(row) for row in rows]

    def bots(self) -> list[UserRecord]:
        """List the accounts of programs, by key."""
        sql = f"SELECT {COLUMNS} FROM users u WHERE u.kind = 'bot' AND u.erased = 0 ORDER BY u.username_key"
        return [user_of(row) for row in self._database.rows(sql)]

    def count(self) -> int:
        """Count the accounts that are not erased."""
        row = self._database.row("SELECT COUNT(*) FROM users WHERE erased = 0")
        return int(row[0]) if row else 0

    def has_admin(self) -> bool:
        """Tell whether anybody may administer."""
        return (
            self._database.row("SELECT 1 FROM users WHERE role = 'admin' AND erased = 0 LIMIT 1") is not None
        )

    def set_password(self, user_id: int, password_hash: str, one_time: bool = False) -> None:
        """Replace the password, kept here from now on; a one-time one is changed at the next sign-in."""
        self._change(
            "password_hash = ?, one_time_password = ?, kind = 'local'",
            (password_hash, int(one_time)),
            user_id,
        )

    def set_external(self, user_id: int) -> None:
        """Keep no password of the account any more: another program knows it."""
        self._change("password_hash = '', one_time_password = 0, kind = 'external'", (), user_id)

    def replace_password(self, user_id: int, known_hash: str, password_hash: str) -> bool:
        """Replace the password by the user's own choice, unless it was changed since its hash was read."""
        sql = (
            "UPDATE users SET password_hash = ?, one_time_password = 0"
            " WHERE id = ? AND password_hash = ? AND erased = 0"
        )
        return self._database.run(sql, (password_hash, user_id, known_hash)) > 0

    def renew_hash(self, user_id: int, known_hash: str, password_hash: str) -> bool:
        """Keep another hash of the same password, unless that was changed since its hash was read."""
        sql = "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ? AND erased = 0"
        return self._database.run(sql, (password_hash, user_id, known_hash)) > 0

    def set_role(self, user_id: int, role: str) -> None:
        """Set the role: `member`, `moderator` or `admin`."""
        self._change("role = ?", (role,), user_id)

    def set_display_name(self, user_id: int, name: str) -> None:
        """Set the name that others see."""
        self._change("display_name = ?, display_key = ?", (name, _display_key(name)), user_id)

    def seen(self, pairs: Sequence[tuple[int, str]], now: int) -> None:
        """Note for each (user id, address) that the user was there now."""
        if not pairs:
            return

        def work(transaction: Transaction) -> None:
            # In the order of the keys, so that two servers never wait for each other.
            for user_id, address in sorted(set(pairs)):
                transaction.run(
                    "UPDATE users SET last_seen_at = ? WHERE id = ? AND erased = 0", (now, user_id)
                )
                transaction.put(
                    "user_addresses",
                    {"user_id": user_id, "address": address, "first_seen_at": now, "last_seen_at": now},
                    key=("user_id", "address"),
                    update=("last_seen_at",),
                )

        self._database.write(work, durable=False)

    def addresses(self, user_id: int) -> list[tuple[str, int, int]]:
        """List (address, first seen, last seen), the latest first."""
        rows = self._database.rows(
            "SELECT address, first_seen_at, last_seen_at FROM user_addresses WHERE user_id = ?"
            " ORDER BY last_seen_at DESC, address",
            (user_id,),
        )
        return [(address, first, last) for address, first, last in rows]

    def recent_addresses(self, most: int) -> list[str]:
        """List the addresses at which users were last, the latest first."""
        rows = self._database.rows(
            "SELECT address FROM user_addresses GROUP BY address"
            " ORDER BY MAX(last_seen_at) DESC, address LIMIT ?",
            (most,),
        )
        return [address for (address,) in rows]

    def erase(self, user_id: int) -> None:
        """Remove all that says who the user was, and the user's files; what was said stays."""

        def work(transaction: Transaction) -> None:
            # A tilde: no username has it, so nobody can take the place.
            transaction.run(
                "UPDATE users SET username = ?, username_key = ?, display_name = '', display_key = '',"
                " role = 'member', password_hash = '', last_seen_at = NULL, one_time_password = 0,"
                " erased = 1, avatar = '' WHERE id = ?",
                (f"~{user_id}", f"~{user_id}", user_id),
            )
            for table in (
                *("tokens", "user_addresses", "members", "incoming_webhooks"),
                *("own_settings", "saved_messages", "pending_notices", "avatars"),
            ):
                transaction.run(f"DELETE FROM {table} WHERE user_id = ?", (user_id,))
            give_up_of_user(transaction, user_id)

        self._database.write(work)

    def _one(self, condition: str, value: object) -> UserRecord | None:
        row = self._database.row(f"SELECT {COLUMNS} FROM users u WHERE {condition}", (value,))
        return None if row is None else user_of(row)

    def _change(self, assignments: str, values: tuple[object, ...], user_id: int) -> None:
        matched = self._database.run(
            f"UPDATE users SET {assignments} WHERE id = ? AND erased = 0", (*values, user_id)
        )
        if not matched:
            raise StorageError(f"there is no user {user_id}")


def _display_key(display_name: str) -> str:
    return fold_text(display_name)[:DISPLAY_KEY_MAX_CHARS]
