"""Settings that outlive a restart, as texts under a name; it must not know what they mean."""

from chat_server.storage.core.database import Database


class Settings:
    """Reads and changes settings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> str | None:
        """Return the value, or None where none was set."""
        row = self._database.row("SELECT value FROM settings WHERE name = ?", (name,))
        return None if row is None else str(row[0])

    def set(self, name: str, value: str) -> None:
        """Set the value."""
        self._database.write(
            lambda transaction: transaction.put(
                "settings", {"name": name, "value": value}, key=("name",), update=("value",)
            )
        )
