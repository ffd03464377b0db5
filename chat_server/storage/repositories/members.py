"""Who belongs to which room, who asks to, and how far each has read; it must not know who is connected."""

from collections.abc import Sequence

from chat_server.storage.core.database import Database, Row, Transaction, chunks, placeholders
from chat_server.storage.core.errors import StorageError
from chat_server.storage.core.records import MembershipRecord, PendingRecord, UserRecord
from chat_server.storage.repositories import rooms, users
from chat_server.storage.repositories.room_ids import RoomIds

COLUMNS = "m.room_id, m.user_id, m.state, m.read_seq, m.reason, m.requested_at, m.owner"


class Members:
    """Reads and changes memberships."""

    def __init__(self, database: Database, ids: RoomIds) -> None:
        self._database = database
        self._ids = ids

    def of_user(self, user_id: int) -> list[MembershipRecord]:
        """List the user's memberships and requests, without archived rooms."""
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM members m JOIN rooms r ON r.id = m.room_id"
            " WHERE m.user_id = ? AND r.archived_at IS NULL ORDER BY m.room_id",
            (user_id,),
        )
        return [_membership_of(row) for row in rows]

    def rooms_of(self, user_ids: Sequence[int]) -> dict[int, set[int]]:
        """Return the rooms that users belong to, private conversations not among them."""
        found: dict[int, set[int]] = {}
        for part in chunks(user_ids):
            rows = self._database.rows(
                "SELECT m.user_id, m.room_id FROM members m JOIN rooms r ON r.id = m.room_id"
                f" WHERE m.user_id IN ({placeholders(part)}) AND m.state = 'joined'"
                " AND r.archived_at IS NULL AND r.kind <> 'direct'",
                part,
            )
            for user_id, room_id in rows:
                found.setdefault(user_id, set()).add(room_id)
        return found

    def of_room(self, room_id: int, limit: int, after: str = "") -> list[UserRecord]:
        """List the room's members by the key of their usernames, those after a key."""
        rows = self._database.rows(
            f"SELECT {users.COLUMNS} FROM members m JOIN users u ON u.id = m.user_id"
            " WHERE m.room_id = ? AND m.state = 'joined' AND u.username_key > ?"
            " ORDER BY u.username_key LIMIT ?",
            (room_id, after, limit),
        )
        return [users.user_of(row) for row in rows]

    def in_room(self, room_id: int) -> list[MembershipRecord]:
        """List the memberships of a room, and the requests for it."""
        rows = self._database.rows(f"SELECT {COLUMNS} FROM members m WHERE m.room_id = ?", (room_id,))
        return [_membership_of(row) for row in rows]

    def owners(self, room_id: int) -> set[int]:
        """Return the ids of the members whose room it is."""
        sql = "SELECT user_id FROM members WHERE room_id = ? AND state = 'joined' AND owner = 1"
        return {row[0] for row in self._database.rows(sql, (room_id,))}

    def set_owner(self, room_id: int, user_id: int, owner: bool) -> None:
        """Make a member an owner of the room, or no owner any more."""
        self._database.run(
            "UPDATE members SET owner = ? WHERE room_id = ? AND user_id = ? AND state = 'joined'",
            (int(owner), room_id, user_id),
        )

    def count_owned(self, user_id: int) -> int:
        """Count the rooms that the user owns."""
        row = self._database.row(
            "SELECT COUNT(*) FROM members m JOIN rooms r ON r.id = m.room_id"
            " WHERE m.user_id = ? AND m.owner = 1 AND r.archived_at IS NULL",
            (user_id,),
        )
        return int(row[0]) if row else 0

    def ownerless(self) -> list[int]:
        """List the private rooms that have members and no owner."""
        rows = self._database.rows(
            "SELECT r.id FROM rooms r JOIN members m ON m.room_id = r.id AND m.state = 'joined'"
            " WHERE r.kind = 'private' AND r.archived_at IS NULL GROUP BY r.id HAVING MAX(m.owner) = 0"
            " ORDER BY r.id"
        )
        return [row[0] for row in rows]

    def settle_owner(self, room_id: int) -> int | None:
        """Make the person who has been there longest the owner of a room without one; return who that is.

        A bot that owns the room, because it made it or was named, is an owner; it inherits none.
        """

        def work(transaction: Transaction) -> int | None:
            row = transaction.row(
                "SELECT m.user_id, m.owner FROM members m JOIN users u ON u.id = m.user_id"
                " WHERE m.room_id = ? AND m.state = 'joined' AND (u.kind <> 'bot' OR m.owner = 1)"
                " ORDER BY m.owner DESC, m.joined_at, m.user_id LIMIT 1",
                (room_id,),
            )
            if row is None or row[1]:
                return None
            transaction.run(
                "UPDATE members SET owner = 1 WHERE room_id = ? AND user_id = ?", (room_id, row[0])
            )
            return int(row[0])

        return self._database.write(work)

    def user_ids(self, room_id: int) -> list[int]:
        """List the ids of the room's members."""
        rows = self._database.rows(
            "SELECT user_id FROM members WHERE room_id = ? AND state = 'joined' ORDER BY user_id", (room_id,)
        )
        return [row[0] for row in rows]

    def count(self, room_id: int) -> int:
        """Count the room's members."""
        row = self._database.row(
            "SELECT COUNT(*) FROM members WHERE room_id = ? AND state = 'joined'", (room_id,)
        )
        return int(row[0]) if row else 0

    def get(self, room_id: int, user_id: int) -> MembershipRecord | None:
        """Find the user's membership of the room, or the request for it."""
        return self._database.read(lambda transaction: _find(transaction, room_id, user_id))

    def join(self, room_id: int, user_id: int, now: int = 0) -> MembershipRecord:
        """Make the user a member, all that was said before being read. A member stays as he is."""

        def work(transaction: Transaction) -> MembershipRecord:
            before = _find(transaction, room_id, user_id)
            if before is not None and before.state == "joined":
                return before
            row = transaction.row("SELECT last_seq FROM rooms WHERE id = ?", (room_id,))
            if row is None:
                raise StorageError(f"there is no room {room_id}")
            values = {"room_id": room_id, "user_id": user_id, "state": "joined", "read_seq": row[0]}
            values |= {"reason": "", "requested_at": None, "owner": 0, "joined_at": now}
            update = ("state", "read_seq", "reason", "requested_at", "owner", "joined_at")
            transaction.put("members", values, key=("room_id", "user_id"), update=update)
            return MembershipRecord(room_id, user_id, "joined", row[0], "", None)

        return self._database.write(work)

    def request(self, room_id: int, user_id: int, reason: str, now: int) -> MembershipRecord:
        """Note that the user asks to join. Neither a membership nor an earlier request is replaced."""

        def work(transaction: Transaction) -> MembershipRecord:
            values = {"room_id": room_id, "user_id": user_id, "state": "pending"}
            transaction.insert_new("members", values | {"reason": reason, "requested_at": now})
            found = _find(transaction, room_id, user_id)
            if found is None:
                raise StorageError(f"there is no room {room_id} or no user {user_id}")
            return found

        return self._database.write(work)

    def remove(self, room_id: int, user_id: int) -> bool:
        """End the membership or the request; tell whether there was one."""
        sql = "DELETE FROM members WHERE room_id = ? AND user_id = ?"
        return self._database.run(sql, (room_id, user_id)) > 0

    def remove_only(self, room_id: int, user_id: int, state: str) -> bool:
        """End the membership (`joined`) or the request (`pending`), not the other one; tell whether there was
        one.
        """
        sql = "DELETE FROM members WHERE room_id = ? AND user_id = ? AND state = ?"
        return self._database.run(sql, (room_id, user_id, state)) > 0

    def set_read(self, room_id: int, user_id: int, seq: int) -> tuple[int, bool]:
        """Note that the user has read up to `seq`; return what holds and whether it is new.

        The mark never goes back, and never past the last message.
        """

        def work(transaction: Transaction) -> tuple[int, bool]:
            row = transaction.row(
                "SELECT m.read_seq, r.last_seq FROM members m JOIN rooms r ON r.id = m.room_id"
                " WHERE m.room_id = ? AND m.user_id = ?",
                (room_id, user_id),
            )
            if row is None:
                return 0, False
            read_seq = min(seq, int(row[1]))
            if read_seq <= row[0]:
                return int(row[0]), False
            transaction.run(
                "UPDATE members SET read_seq = ? WHERE room_id = ? AND user_id = ? AND read_seq < ?",
                (read_seq, room_id, user_id, read_seq),
            )
            return read_seq, True

        return self._database.write(work, durable=False)

    def pending(self, user_id: int | None = None) -> list[PendingRecord]:
        """List the requests that wait, the oldest first, of one user or of all."""
        condition, parameters = ("", ()) if user_id is None else (" AND m.user_id = ?", (user_id,))
        rows = self._database.rows(
            f"SELECT m.reason, m.requested_at, {rooms.COLUMNS}, {users.COLUMNS} FROM members m"
            " JOIN rooms r ON r.id = m.room_id JOIN users u ON u.id = m.user_id"
            f" WHERE m.state = 'pending' AND r.archived_at IS NULL{condition}"
            " ORDER BY m.requested_at, m.room_id, m.user_id",
            parameters,
        )
        return [_pending_of(row, self._ids) for row in rows]


def _membership_of(row: Row) -> MembershipRecord:
    room_id, user_id, state, read_seq, reason, requested_at, owner = row
    return MembershipRecord(room_id, user_id, state, read_seq, reason, requested_at, bool(owner))


def _find(transaction: Transaction, room_id: int, user_id: int) -> MembershipRecord | None:
    row = transaction.row(
        f"SELECT {COLUMNS} FROM members m WHERE m.room_id = ? AND m.user_id = ?", (room_id, user_id)
    )
    return None if row is None else _membership_of(row)


def _pending_of(row: Row, ids: RoomIds) -> PendingRecord:
    reason, requested_at, *rest = row
    room, user = rest[: rooms.COLUMN_COUNT], rest[rooms.COLUMN_COUNT :]
    record = rooms.room_of(tuple(room), ids)
    return PendingRecord(users.user_of(tuple(user)), record, reason, requested_at or 0)
