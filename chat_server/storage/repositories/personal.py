"""All that is kept about one person, read in small pieces; it must not know why it is asked for.

Any thread. What was said is read room by room, in stretches of seqs: there is no index by sender and place,
and no single query may run for long.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

from chat_server.storage.core.database import Database, Row, Transaction
from chat_server.storage.core.records import RoomRecord
from chat_server.storage.repositories.message_columns import EXPORTED
from chat_server.storage.repositories.room_ids import RoomIds
from chat_server.storage.repositories.rooms import COLUMNS, room_of

STRETCH: Final = 2_000  # seqs looked at by one query

Fields = dict[str, Any]


class Personal:
    """Reads one person's data, as plain values under the names of their columns."""

    def __init__(self, database: Database, ids: RoomIds) -> None:
        self._database = database
        self._ids = ids

    def rooms(self, user_id: int) -> list[RoomRecord]:
        """List every room the user may have written in: all but other people's private conversations."""
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM rooms r"
            " WHERE r.kind <> 'direct' OR r.user_a = ? OR r.user_b = ? ORDER BY r.id",
            (user_id, user_id),
        )
        return [room_of(row, self._ids) for row in rows]

    def messages(self, user_id: int, room: RoomRecord) -> Iterator[Fields]:
        """Yield what the user said in a room, edits, deletions and reactions too, with former versions."""
        for low in range(room.first_seq, room.last_seq + 1, STRETCH):
            query = partial(
                _stretch, room_id=room.id, low=low, high=low + STRETCH - 1, user_id=user_id, columns=EXPORTED
            )
            rows, versions = self._database.read(query)
            for row in rows:
                fields = {name: value for name, value in zip(EXPORTED, row, strict=True) if value is not None}
                fields["deleted"] = bool(fields["deleted"])
                if row[0] in versions:
                    fields["former_versions"] = versions[row[0]]
                yield fields

    def memberships(self, user_id: int) -> list[Fields]:
        """List where the user is a member or has asked to be."""
        return self._fields(
            "members", ("room_id", "state", "read_seq", "reason", "requested_at"), "room_id", user_id
        )

    def addresses(self, user_id: int) -> list[Fields]:
        """List from where the user came."""
        columns = ("address", "first_seen_at", "last_seen_at")
        return self._fields("user_addresses", columns, "first_seen_at", user_id)

    def tokens(self, user_id: int) -> list[Fields]:
        """List the user's devices; a token itself is nobody's business."""
        columns = ("device", "address", "created_at", "last_used_at")
        return self._fields("tokens", columns, "created_at", user_id)

    def settings(self, user_id: int) -> list[Fields]:
        """List what the user has chosen for all devices; `room_id` is 0 where it is for no room."""
        return self._fields("own_settings", ("room_id", "name", "value"), "room_id, name", user_id)

    def saved(self, user_id: int) -> list[Fields]:
        """List the places of the messages that the user has saved."""
        return self._fields("saved_messages", ("room_id", "seq", "saved_at"), "id", user_id)

    def pinned(self, user_id: int) -> list[Fields]:
        """List the places of the messages that the user has pinned."""
        return self._fields("pinned_messages", ("room_id", "seq", "pinned_at"), "id", user_id)

    def _fields(self, table: str, columns: tuple[str, ...], order: str, user_id: int) -> list[Fields]:
        rows = self._database.rows(
            f"SELECT {', '.join(columns)} FROM {table} WHERE user_id = ? ORDER BY {order}", (user_id,)
        )
        return [dict(zip(columns, row, strict=True)) for row in rows]


def _stretch(
    transaction: Transaction, *, room_id: int, low: int, high: int, user_id: int, columns: Sequence[str]
) -> tuple[list[Row], dict[int, list[Fields]]]:
    rows = transaction.rows(
        f"SELECT {', '.join(columns)} FROM messages"
        " WHERE room_id = ? AND seq BETWEEN ? AND ? AND sender_id = ? ORDER BY seq",
        (room_id, low, high, user_id),
    )
    own = {row[0] for row in rows}
    versions: dict[int, list[Fields]] = {}
    for seq, body, replaced_at in transaction.rows(
        "SELECT seq, body, replaced_at FROM message_versions WHERE room_id = ? AND seq BETWEEN ? AND ?"
        " ORDER BY seq, version_seq",
        (room_id, low, high),
    ):
        if seq in own:
            versions.setdefault(seq, []).append({"body": body, "replaced_at": replaced_at})
    return rows, versions
