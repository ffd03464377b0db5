"""Does here what another server has done: tells and ends people, reads again what changed; it reads no feed.

Runs on the cluster's thread. Each act names what it is about, and storage is asked how that is now: an act
that is applied twice, or after a later one, does no harm.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from chat_protocol.event import Event
from chat_protocol.room_events import MemberEvent, MembershipEvent
from chat_protocol.server_events import EndEvent
from chat_server.live.directory import Conversation, RoomDirectory
from chat_server.live.presence import Presence
from chat_server.live.registry import ConnectionRegistry
from chat_server.services.audience import Audience
from chat_server.services.moderation.sanctions import SanctionBook
from chat_server.services.rooms.pending_notices import PendingNotices
from chat_server.services.rooms.room_news import gone
from chat_server.services.vocabulary.addresses import parse_network
from chat_server.storage import Storage
from chat_server.storage.core.records import MembershipRecord
from chat_server.storage.mysql.servers import Change

ENDING: Final = ("end_user", "end_network")
TELLING: Final = ("to_user", "to_room", "to_outsiders", "to_moderators", "to_everyone", *ENDING)
READING: Final = ("member", "room", "sanction", "user", "setting")
# May be lost with a server that dies in the moment after the act: what they tell is found again at a sign-in.
LAZY: Final = frozenset({"to_user", "to_room", "to_outsiders", "to_moderators"})


class PassedOn(Event):
    """An event that another server has made."""

    def __init__(self, frame: dict[str, Any]) -> None:
        self._frame = frame
        self.TYPE = frame["type"]  # type: ignore[misc]  # one class for all types

    def to_frame(self) -> dict[str, Any]:
        """Return the frame as it came."""
        return self._frame


class Acts:
    """Apply what others did."""

    def __init__(
        self,
        storage: Storage,
        audience: Audience,
        registry: ConnectionRegistry,
        directory: RoomDirectory,
        presence: Presence,
        sanctions: SanctionBook,
        pending_notices: PendingNotices,
    ) -> None:
        self._storage = storage
        self._audience = audience
        self._registry = registry
        self._directory = directory
        self._presence = presence
        self._sanctions = sanctions
        self._pending_notices = pending_notices
        self._reading: Mapping[str, Callable[[Change], None]] = {
            "member": self._member,
            "room": self._room,
            "sanction": self._sanction,
            "user": self._user,
            "setting": self._setting,
        }

    def apply(self, change: Change) -> None:
        """Do what another server did.

        :raises StorageUnavailable: when the database does not answer: apply it again later.
        """
        if change.kind in TELLING:
            detail = json.loads(change.detail)
            if change.kind in ENDING:
                self._end(change, detail)
            else:
                self._tell(change, detail["frame"], detail["instead"])
        elif change.kind in self._reading:
            self._reading[change.kind](change)
        # What a newer server tells of, this one does not know: nothing to do.

    def _end(self, change: Change, detail: dict[str, Any]) -> None:
        end, about = EndEvent.from_frame(detail["frame"]), detail["about"]
        assert isinstance(end, EndEvent)
        if change.kind == "end_network":
            self._audience.end_network(parse_network(about), end, here=True)
            return
        valid = None
        if detail.get("signed_out"):  # whoever has come here with a new token since stays
            valid = {each.token_hash for each in self._storage.tokens.of_user(change.number)}
        self._audience.end_user(change.number, end, token_hash=about, valid=valid, here=True)

    def _tell(self, change: Change, frame: dict[str, Any], instead: dict[str, dict[str, Any]]) -> None:
        audience, number = self._audience, change.number
        by_user = {int(user_id): PassedOn(each) for user_id, each in instead.items()}
        if change.kind == "to_room":
            audience.to_room(number, by_user, PassedOn(frame) if frame else None, here=True)
            return
        event = PassedOn(frame)
        if change.kind == "to_user":
            if audience.to_user(number, event, here=True) and event.TYPE == MembershipEvent.TYPE:
                told = MembershipEvent.from_frame(frame)
                assert isinstance(told, MembershipEvent)
                self._pending_notices.told(number, told)
        elif change.kind == "to_outsiders":
            audience.to_outsiders(number, event, here=True)
        elif change.kind == "to_moderators":
            audience.to_moderators(lambda: event, here=True)
        else:
            audience.to_everyone(event, by_user, here=True)

    def _member(self, change: Change) -> None:
        room_id, user_id = change.number, change.other
        room = self._directory.conversation_of(room_id) or self._read(room_id)
        membership = self._storage.members.get(room_id, user_id)
        if room is not None and membership is not None and membership.state == "joined":
            self._registry.join(user_id, room)
        else:
            self._registry.leave(user_id, room_id)
            self._presence.stop_watching(user_id, room_id)
        self._tell_watchers(room, room_id, user_id, membership)

    def _tell_watchers(
        self, room: Conversation | None, room_id: int, user_id: int, membership: MembershipRecord | None
    ) -> None:
        """Show those who watch a room that somebody came or went."""
        joined = membership is not None and membership.state == "joined"
        if joined:
            self._presence.remote.join(user_id, room_id)
        else:
            self._presence.remote.leave(user_id, room_id)
        user = self._storage.users.by_id(user_id) if self._presence.is_watched(room_id) else None
        if room is None or user is None:
            return
        event = MemberEvent(
            *(room.record.name, user.username, "joined" if joined else "left", user.display_name),
            room.record.public_id,
        )
        self._presence.tell_watchers(room_id, event)
        self._presence.changed_elsewhere([each for each in [self._presence.remote.of(user_id)] if each])

    def _room(self, change: Change) -> None:
        if self._read(change.number) is not None:
            return
        members = self._audience.users_in(change.number)
        self._directory.drop(change.number)
        self._registry.close_room(change.number)
        self._presence.remote.close_room(change.number)
        record = self._storage.rooms.by_id(change.number)
        if record is not None and record.members_only:  # of another room everybody is told
            for user_id in members:
                self._audience.to_user(user_id, gone(record.name, record), here=True)

    def _read(self, room_id: int) -> Conversation | None:
        """Take a room as it is in storage; None where it was removed, or is a private conversation."""
        record = self._storage.rooms.by_id(room_id)
        if record is None or record.archived_at is not None or record.kind == "direct":
            return None
        return self._directory.put(record)

    def _sanction(self, change: Change) -> None:
        record = self._storage.sanctions.by_id(change.number)
        if record is not None:
            self._sanctions.remove(record)
            if record.lifted_at is None:
                self._sanctions.add(record)

    def _user(self, change: Change) -> None:
        user, account = (
            self._storage.users.by_id(change.number),
            self._audience.account_of(change.number),
        )
        if user is not None and account is not None:
            account.role, account.display_name = user.role, user.display_name
            account.must_change_password = user.one_time_password
        if user is not None:
            self._presence.renamed_elsewhere(user.id, user.display_name)
            if (known := self._presence.account_of(user.id)) is not None:
                known.avatar = user.avatar
        self._audience.changed("user", change.number, here=True)

    def _setting(self, _change: Change) -> None:
        self._audience.changed("setting", 0, here=True)
