"""Telling of rooms that were made, changed or removed, to those who may know of them; it changes no room.

Any thread.
"""

from chat_protocol.names import room_title
from chat_protocol.objects import Room
from chat_protocol.room_events import RoomEvent
from chat_server.services.audience import Audience
from chat_server.storage import Storage
from chat_server.storage.core.records import MembershipRecord, RoomRecord


class RoomNews:
    """Tell everybody of a room as each sees it: of a private or archived one its members alone."""

    def __init__(self, storage: Storage, audience: Audience) -> None:
        self._storage = storage
        self._audience = audience

    def changed(self, record: RoomRecord, was: str | None = None) -> None:
        """Tell each user of the room as that user sees it; one query, however many are connected.

        :param was: its former name.
        """
        self._audience.elsewhere("room", record.id)
        by_user = {
            membership.user_id: RoomEvent(view_of(record, membership), was=was)
            for membership in self._storage.members.in_room(record.id)
        }
        if record.members_only:
            self._audience.to_room(record.id, by_user)
        else:
            self._audience.to_everyone(RoomEvent(view_of(record, None), was=was), by_user)

    def hidden(self, record: RoomRecord, was: str) -> None:
        """Tell that a room is its members' alone from now on; to everybody else it is gone.

        :param was: the name under which others knew it.
        """
        self.changed(record, None if was == record.name else was)
        self._audience.to_outsiders(record.id, gone(was, record))

    def told_to(self, room_id: int, user_id: int) -> None:
        """Tell one member of the room as that member sees it now."""
        record, membership = self._storage.rooms.by_id(room_id), self._storage.members.get(room_id, user_id)
        if record is not None and membership is not None:
            self._audience.to_user(user_id, RoomEvent(view_of(record, membership)))


def gone(name: str, record: RoomRecord) -> RoomEvent:
    """Return what tells that there is no such room for somebody any more."""
    return RoomEvent(None, removed=name, removed_id=record.public_id)


def view_of(
    record: RoomRecord,
    membership: MembershipRecord | None,
    last_seq: int | None = None,
    last_at: int | None = None,
) -> Room:
    """Return a room as one user sees it; of a room that the user has not joined, the seqs are not told.

    :param last_seq: the newest message's, where the record's own may be out of date.
    :param last_at: when that was said, in milliseconds since 1970 UTC.
    """
    if membership is None or membership.state != "joined":
        state = membership.state if membership else "none"
        description = record.description
        return Room(
            record.name, record.kind, record.topic, state, id=record.public_id, description=description
        )
    newest = record.last_seq if last_seq is None else last_seq
    return Room(
        record.name,
        record.kind,
        record.topic,
        "joined",
        newest,
        min(membership.read_seq, newest),
        record.first_seq,
        display_name=room_title(record.name) if record.kind == "private" else "",
        id=record.public_id,
        last_at=last_at,
        description=record.description,
        owner=membership.owner,
        archived=record.read_only,
    )
