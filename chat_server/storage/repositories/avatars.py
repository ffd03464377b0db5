"""The pictures that users show of themselves, in base64; it must not know what a picture is."""

from chat_server.storage.core.database import Database, Transaction


class Avatars:
    """Reads and changes users' pictures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set(self, user_id: int, avatar: str, data: str) -> bool:
        """Keep another picture of a user, or with empty texts none; return whether the account is there.

        :param avatar: names it, by its content.
        """

        def work(transaction: Transaction) -> bool:
            known = transaction.run(
                "UPDATE users SET avatar = ? WHERE id = ? AND erased = 0", (avatar, user_id)
            )
            transaction.run("DELETE FROM avatars WHERE user_id = ?", (user_id,))
            if known and data:
                transaction.run("INSERT INTO avatars (user_id, data) VALUES (?, ?)", (user_id, data))
            return known > 0

        return self._database.write(work)

    def of_user(self, user_id: int) -> tuple[str, str] | None:
        """Return what names a user's picture, and its bytes in base64; None where there is none."""
        row = self._database.row(
            "SELECT u.avatar, a.data FROM avatars a JOIN users u ON u.id = a.user_id WHERE a.user_id = ?",
            (user_id,),
        )
        return None if row is None else (row[0], row[1])
