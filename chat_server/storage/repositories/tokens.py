"""The hashes of sign-in tokens, and what is told of them; it must not know the tokens."""

import secrets
from collections.abc import Iterable, Mapping
from typing import Final

from chat_server.storage.core.database import Database, Row, Transaction, chunks, placeholders
from chat_server.storage.core.records import DeviceRecord, UserRecord
from chat_server.storage.repositories.users import COLUMNS, user_of

_PUBLIC_ID_BYTES: Final = 6  # typed by people, and looked for among one user's alone
_FIELDS: Final = ("token_hash", "user_id", "public_id", "device", "address", "created_at", "last_used_at")
_DEVICE: Final = ", ".join(f"t.{field}" for field in _FIELDS)


class Tokens:
    """Reads and changes which token signs whom in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        user_id: int,
        token_hash: str,
        now: int,
        password_hash: str | None = None,
        *,
        address: str = "",
        name: str = "",
    ) -> bool:
        """Let the token sign the user in from now on.

        :param password_hash: what the sign-in was checked against; None where it needs no password.
        :param address: from where the user signs in.
        :param name: what the client calls itself.
        :return: False, and nothing done, when the user was erased or the password changed meanwhile.
        """
        public_id = secrets.token_hex(_PUBLIC_ID_BYTES)

        def work(transaction: Transaction) -> bool:
            # The row is locked until the commit: a change of the password waits, and removes this token too.
            same = "" if password_hash is None else " AND password_hash = ?"
            values = (user_id,) if password_hash is None else (user_id, password_hash)
            if not transaction.run(
                f"UPDATE users SET erased = erased WHERE id = ? AND erased = 0{same}", values
            ):
                return False
            transaction.run(
                f"INSERT INTO tokens ({', '.join(_FIELDS)}) VALUES ({placeholders(_FIELDS)})",
                (token_hash, user_id, public_id, name, address, now, now),
            )
            return True

        return self._database.write(work)

    def user_of(self, token_hash: str) -> UserRecord | None:
        """Find whom the token signs in, however long ago it was used."""
        row = self._database.row(
            f"SELECT {COLUMNS} FROM tokens t JOIN users u ON u.id = t.user_id"
            " WHERE t.token_hash = ? AND u.erased = 0",
            (token_hash,),
        )
        return None if row is None else user_of(row)

    def sign_in_of(self, token_hash: str) -> tuple[UserRecord, DeviceRecord] | None:
        """Find whom the token signs in, and what is known of the token."""
        row = self._database.row(
            f"SELECT {_DEVICE}, {COLUMNS} FROM tokens t JOIN users u ON u.id = t.user_id"
            " WHERE t.token_hash = ? AND u.erased = 0",
            (token_hash,),
        )
        return None if row is None else (user_of(row[len(_FIELDS) :]), _device_of(row[: len(_FIELDS)]))

    def of_user(self, user_id: int) -> list[DeviceRecord]:
        """List the user's devices, the one used last first."""
        rows = self._database.rows(
            f"SELECT {_DEVICE} FROM tokens t WHERE t.user_id = ?"
            " ORDER BY t.last_used_at DESC, t.created_at DESC, t.public_id",
            (user_id,),
        )
        return [_device_of(row) for row in rows]

    def used(self, uses: Mapping[str, tuple[str, str]], now: int) -> None:
        """Note that tokens were used now.

        :param uses: by the token's hash, from which address, and what the client calls itself.
        """

        def work(transaction: Transaction) -> None:
            for token_hash, (address, name) in sorted(uses.items()):
                transaction.run(
                    "UPDATE tokens SET last_used_at = ?, address = ?, device = ? WHERE token_hash = ?",
                    (now, address, name, token_hash),
                )

        self._database.write(work, durable=False)

    def in_use(self, token_hashes: Iterable[str], now: int, before: int) -> None:
        """Note of tokens with open connections that they are used now, where the last note is of `before`."""
        parts = list(chunks(sorted(set(token_hashes))))

        def work(transaction: Transaction) -> None:
            for part in parts:
                transaction.run(
                    "UPDATE tokens SET last_used_at = ? WHERE last_used_at <= ?"
                    f" AND token_hash IN ({placeholders(part)})",
                    (now, before, *part),
                )

        if parts:
            self._database.write(work, durable=False)

    def remove(self, token_hash: str) -> bool:
        """End one token; tell whether there was one."""
        return self._database.run("DELETE FROM tokens WHERE token_hash = ?", (token_hash,)) > 0

    def remove_all(self, user_id: int) -> int:
        """End every token of the user and return how many there were."""
        return self._database.run("DELETE FROM tokens WHERE user_id = ?", (user_id,))

    def remove_unused(self, since: int, most: int) -> int:
        """End up to `most` tokens that were used last before a time; return how many there were."""
        rows = self._database.rows(
            "SELECT token_hash FROM tokens WHERE last_used_at < ? ORDER BY last_used_at LIMIT ?",
            (since, most),
        )
        if not rows:
            return 0
        # The time again: one of them may have been used meanwhile.
        return self._database.run(
            f"DELETE FROM tokens WHERE last_used_at < ? AND token_hash IN ({placeholders(rows)})",
            (since, *(token_hash for (token_hash,) in rows)),
        )


def _device_of(row: Row) -> DeviceRecord:
    return DeviceRecord(*row)
