"""Rows that several commands show; it must not know which.

Runs on the thread that reads the lines.
"""

from collections.abc import Sequence
from typing import Final

from chat_server.console.shell.replies import Column, Listing, Row
from chat_server.parts import Parts
from chat_server.services.vocabulary.addresses import show_network
from chat_server.storage.core.records import SanctionRecord

SANCTIONS: Final = (
    Column("kind", "Kind"),
    Column("target", "On"),
    Column("room", "Room"),
    Column("by", "By"),
    Column("since", "Since", "time"),
    Column("until", "Until", "until"),
    Column("state", "State"),
    Column("reason", "Reason"),
)


def sanction_listing(parts: Parts, records: Sequence[SanctionRecord], empty: str) -> Listing:
    """Return sanctions with their targets' names."""
    user_ids = {record.user_id for record in records if record.user_id is not None}
    users = parts.storage.users.by_ids(sorted(user_ids)) if user_ids else {}
    names = {user_id: user.username for user_id, user in users.items()}
    rows = [_row(parts, record, names) for record in records]
    return Listing("sanctions", SANCTIONS, rows, empty)


def _row(parts: Parts, record: SanctionRecord, names: dict[int, str]) -> Row:
    if record.network is not None:
        target = show_network(record.network)
    else:
        target = "@" + names.get(record.user_id or 0, f"former member {record.user_id}")
    room = parts.directory.by_id(record.room_id) if record.room_id is not None else None
    return {
        "id": record.id,
        "kind": record.kind,
        "target": target,
        "room": room.name if room else (f"removed room {record.room_id}" if record.room_id else None),
        "by": record.by_name,
        "since": record.created_at,
        "until": record.until,
        "state": _state(record, parts.clock()),
        "reason": record.reason,
    }


def _state(record: SanctionRecord, now: int) -> str:
    if record.lifted_at is not None:
        return f"lifted by {record.lifted_by}"
    return "over" if record.until is not None and record.until <= now else "in force"
