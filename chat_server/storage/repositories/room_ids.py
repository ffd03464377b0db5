"""The ids under which clients keep rooms: never used again, also not after a restore. It must not know rooms.

An id is the room's number and a random word of this database's. The number is never given twice, and the word
is in no backup: restored rooms have other ids, for what was said since the backup is gone.
"""

import secrets
from typing import Final

from chat_server.storage.core.database import Database

_WORD_BYTES: Final = 5
# No room is called so in any spelling, because a name has no comma, and no user, because `@` is missing.
_SEPARATOR: Final = ","


class RoomIds:
    """Make ids of room numbers, and read them back."""

    def __init__(self, database: Database) -> None:
        row = database.row("SELECT word FROM room_ids")
        if row is None:
            # Another server on this database may be faster: what stands there is everybody's.
            fresh = {"id": 1, "word": secrets.token_hex(_WORD_BYTES)}
            database.write(lambda transaction: transaction.insert_new("room_ids", fresh))
            row = database.row("SELECT word FROM room_ids")
        assert row is not None
        self._head = str(row[0]) + _SEPARATOR

    def of(self, number: int) -> str:
        """Return the id of a room."""
        return f"{self._head}{number}"

    def number(self, room: str) -> int | None:
        """Return the number of a room's id; None for what is no id of this database."""
        digits = room.removeprefix(self._head)
        known = digits != room and digits.isascii() and digits.isdigit() and len(digits) < 19
        return int(digits) if known else None


def is_room_id(room: str) -> bool:
    """Return whether the field `room` of a request holds an id, of this database or of another."""
    return _SEPARATOR in room
