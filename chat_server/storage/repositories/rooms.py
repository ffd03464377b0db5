"""The rooms, private conversations included; it must not know who is connected."""

from contextlib import suppress

from chat_server.storage.core.database import Database, Row, Transaction
from chat_server.storage.core.errors import DuplicateKey, StorageError
from chat_server.storage.core.records import RoomRecord, UserRecord
from chat_server.storage.repositories.file_rows import give_up
from chat_server.storage.repositories.room_ids import RoomIds
from chat_server.storage.repositories.users import COLUMNS as USER_COLUMNS
from chat_server.storage.repositories.users import user_of

COLUMNS = (
    "r.id, r.name, r.name_key, r.kind, r.topic, r.arrival, r.last_seq, r.first_seq, r.created_at,"
    " r.archived_at, r.user_a, r.user_b, r.description, r.read_only"
)
COLUMN_COUNT = 14
EDITED = ("name", "name_key", "kind", "topic", "description")  # by those whose room it is


def room_of(row: Row, ids: RoomIds) -> RoomRecord:
    """Make the record of a row of :data:`COLUMNS`."""
    *values, description, read_only = row
    room_id, name, name_key, kind, topic, arrival, *rest = values
    rest += (ids.of(room_id), description, bool(read_only))
    return RoomRecord(room_id, name, name_key, kind, topic, bool(arrival), *rest)


class Rooms:
    """Reads and changes rooms."""

    def __init__(self, database: Database, ids: RoomIds) -> None:
        self._database = database
        self._ids = ids

    def all(self) -> list[RoomRecord]:
        """List the rooms that people name, without the archived ones, by key."""
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM rooms r WHERE r.kind <> 'direct' AND r.archived_at IS NULL"
            " ORDER BY r.name_key"
        )
        return [room_of(row, self._ids) for row in rows]

    def by_id(self, room_id: int) -> RoomRecord | None:
        """Find a room of any kind, archived or not."""
        return self._one("r.id = ?", room_id)

    def by_public_id(self, public_id: str) -> RoomRecord | None:
        """Find a room of any kind, archived or not, by the id that clients keep it under."""
        room_id = self._ids.number(public_id)
        return None if room_id is None else self.by_id(room_id)

    def by_key(self, key: str) -> RoomRecord | None:
        """Find a room by the key of its name."""
        return self._one("r.name_key = ?", key)

    def create(
        self,
        name: str,
        name_key: str,
        kind: str,
        topic: str,
        now: int,
        arrival: bool = False,
        *,
        owner_id: int | None = None,
    ) -> RoomRecord:
        """Add a room.

        :param owner_id: the member whose room it is; None for nobody's.
        :raises DuplicateKey: when the key is taken.
        """

        def work(transaction: Transaction) -> int:
            room_id = transaction.insert(
                "INSERT INTO rooms (name, name_key, kind, topic, arrival, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (name, name_key, kind, topic, int(arrival), now),
            )
            if owner_id is not None:
                transaction.run(
                    "INSERT INTO members (room_id, user_id, state, owner, joined_at)"
                    " VALUES (?, ?, 'joined', 1, ?)",
                    (room_id, owner_id, now),
                )
            return room_id

        return self._existing(self._database.write(work))

    def rename(self, room_id: int, name: str, name_key: str) -> RoomRecord:
        """Give the room another name.

        :raises DuplicateKey: when the key is taken.
        """
        self._database.run("UPDATE rooms SET name = ?, name_key = ? WHERE id = ?", (name, name_key, room_id))
        return self._existing(room_id)

    def set_topic(self, room_id: int, topic: str) -> RoomRecord:
        """Set what the room is about."""
        self._database.run("UPDATE rooms SET topic = ? WHERE id = ?", (topic, room_id))
        return self._existing(room_id)

    def edit(self, before: RoomRecord, room: RoomRecord) -> RoomRecord | None:
        """Store what is new in the name, kind, topic and description of a record. A room that becomes private
        forgets who asked to join it.

        :return: None, and nothing is stored, when somebody has given the room another kind since `before`.
        :raises DuplicateKey: when the key is taken.
        """
        new = {each: getattr(room, each) for each in EDITED if getattr(room, each) != getattr(before, each)}

        def work(transaction: Transaction) -> bool:
            if new:
                columns = ", ".join(f"{each} = ?" for each in new)
                transaction.run(
                    f"UPDATE rooms SET {columns} WHERE id = ? AND kind = ?",
                    (*new.values(), room.id, before.kind),
                )
            if transaction.row("SELECT kind FROM rooms WHERE id = ?", (room.id,)) != (room.kind,):
                return False
            if room.members_only:
                transaction.run("DELETE FROM members WHERE room_id = ? AND state = 'pending'", (room.id,))
            return True

        return self._existing(room.id) if self._database.write(work) else None

    def set_read_only(self, room_id: int, read_only: bool) -> RoomRecord:
        """Archive a room for its members alone, who asked to join it being forgotten, or take it back."""

        def work(transaction: Transaction) -> None:
            transaction.run("UPDATE rooms SET read_only = ? WHERE id = ?", (int(read_only), room_id))
            if read_only:
                transaction.run("DELETE FROM members WHERE room_id = ? AND state = 'pending'", (room_id,))

        self._database.write(work)
        return self._existing(room_id)

    def archive(self, room_id: int, now: int) -> RoomRecord:
        """Remove everyone from the room and free its name; its messages stay, their files do not."""

        def work(transaction: Transaction) -> None:
            transaction.run(
                "UPDATE rooms SET archived_at = ?, name_key = ?, arrival = 0"
                " WHERE id = ? AND archived_at IS NULL",
                (now, f"@archived:{room_id}", room_id),
            )
            transaction.run("UPDATE messages SET files = 0 WHERE room_id = ? AND files > 0", (room_id,))
            give_up(transaction, "room_id = ?", room_id)
            transaction.run("DELETE FROM pinned_messages WHERE room_id = ?", (room_id,))

        self._database.write(work)
        return self._existing(room_id)

    def find_direct(self, user_a: int, user_b: int) -> RoomRecord | None:
        """Find the private conversation of two users."""
        return self.by_key(_direct_key(user_a, user_b))

    def direct(self, user_a: int, user_b: int, now: int) -> RoomRecord:
        """Find or make the private conversation of two users; it begins with its first message."""
        return self.find_direct(user_a, user_b) or self._make_direct(user_a, user_b, now)

    def directs_of(self, user_id: int) -> list[tuple[RoomRecord, UserRecord]]:
        """List the user's private conversations in which something was said, each with the other user."""
        rows = self._database.rows(
            f"SELECT {COLUMNS}, {USER_COLUMNS} FROM rooms r JOIN users u"
            " ON u.id = CASE WHEN r.user_a = ? THEN r.user_b ELSE r.user_a END"
            " WHERE (r.user_a = ? OR r.user_b = ?) AND r.last_seq > 0 ORDER BY u.username_key",
            (user_id, user_id, user_id),
        )
        return [(room_of(row[:COLUMN_COUNT], self._ids), user_of(row[COLUMN_COUNT:])) for row in rows]

    def _make_direct(self, user_a: int, user_b: int, now: int) -> RoomRecord:
        low, high = sorted((user_a, user_b))
        key = _direct_key(low, high)

        def work(transaction: Transaction) -> None:
            room_id = transaction.insert(
                "INSERT INTO rooms (name, name_key, kind, topic, created_at, user_a, user_b)"
                " VALUES ('', ?, 'direct', '', ?, ?, ?)",
                (key, now, low, high),
            )
            for user_id in {low, high}:
                transaction.run(
                    "INSERT INTO members (room_id, user_id, state) VALUES (?, ?, 'joined')",
                    (room_id, user_id),
                )

        with suppress(DuplicateKey):  # another thread or server has just made it
            self._database.write(work)
        found = self.by_key(key)
        if found is None:
            raise StorageError(f"the conversation {key} is not there")
        return found

    def _one(self, condition: str, value: object) -> RoomRecord | None:
        row = self._database.row(f"SELECT {COLUMNS} FROM rooms r WHERE {condition}", (value,))
        return None if row is None else room_of(row, self._ids)

    def _existing(self, room_id: int) -> RoomRecord:
        found = self.by_id(room_id)
        if found is None:
            raise StorageError(f"there is no room {room_id}")
        return found


def _direct_key(user_a: int, user_b: int) -> str:
    return f"@{min(user_a, user_b)}:{max(user_a, user_b)}"
