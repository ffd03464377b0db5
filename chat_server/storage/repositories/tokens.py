"""The hashes of sign-in tokens; it must not know the tokens."""

from chat_server.storage.core.database import Database, Transaction
from chat_server.storage.core.records import UserRecord
from chat_server.storage.repositories.users import COLUMNS, user_of


class Tokens:
    """Reads and changes which token signs whom in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, user_id: int, token_hash: str, now: int, password_hash: str | None = None) -> bool:
        """Let the token sign the user in from now on.

        :param password_hash: what the sign-in was checked against; None where it needs no password.
        :return: False, and nothing done, when the user was erased or the password changed meanwhile.
        """

        def work(transaction: Transaction) -> bool:
            # The row is locked until the commit: a change of the password waits, and removes this token too.
            same = "" if password_hash is None else " AND password_hash = ?"
            values = (user_id,) if password_hash is None else (user_id, password_hash)
            if not transaction.run(
                f"UPDATE users SET erased = erased WHERE id = ? AND erased = 0{same}", values
            ):
                return False
            transaction.run(
                "INSERT INTO tokens (token_hash, user_id, created_at) VALUES (?, ?, ?)",
                (token_hash, user_id, now),
            )
            return True

        return self._database.write(work)

    def user_of(self, token_hash: str) -> UserRecord | None:
        """Find whom the token signs in."""
        row = self._database.row(
            f"SELECT {COLUMNS} FROM tokens t JOIN users u ON u.id = t.user_id"
            " WHERE t.token_hash = ? AND u.erased = 0",
            (token_hash,),
        )
        return None if row is None else user_of(row)

    def remove(self, token_hash: str) -> bool:
        """End one token; tell whether there was one."""
        return self._database.run("DELETE FROM tokens WHERE token_hash = ?", (token_hash,)) > 0

    def remove_all(self, user_id: int) -> int:
        """End every token of the user and return how many there were."""
        return self._database.run("DELETE FROM tokens WHERE user_id = ?", (user_id,))
