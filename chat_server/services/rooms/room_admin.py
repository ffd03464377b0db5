"""What administrators and moderators do with rooms: make, rename, remove them, decide who is let in.

Runs on the thread of whoever acts; it must not know whether that is the console or the wire.
"""

from collections.abc import Callable, Sequence

from chat_protocol.errors import ChatError, ErrorCode, bad_request
from chat_protocol.events import MembershipEvent, RoomEvent
from chat_protocol.limits import REASON_MAX_CHARS, TOPIC_MAX_CHARS
from chat_protocol.names import clean_room_name, room_key
from chat_protocol.objects import Room
from chat_server.live.directory import RoomDirectory
from chat_server.services.audience import Audience
from chat_server.services.moderation.audit import Audit
from chat_server.services.people.roles import find_user
from chat_server.services.rooms.join_requests import JoinRequests
from chat_server.services.rooms.pending_notices import PendingNotices
from chat_server.services.rooms.rooms import Rooms
from chat_server.services.vocabulary.actors import Actor, require
from chat_server.storage import Storage
from chat_server.storage.core.errors import DuplicateKey
from chat_server.storage.core.records import MembershipRecord, PendingRecord, RoomRecord, UserRecord


class RoomAdmin:
    """Change rooms and memberships; each act is in the audit, and those concerned are told at once.

    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(
        self,
        storage: Storage,
        audience: Audience,
        directory: RoomDirectory,
        rooms: Rooms,
        requests: JoinRequests,
        pending_notices: PendingNotices,
        audit: Audit,
        clock: Callable[[], int],
    ) -> None:
        self._storage = storage
        self._audience = audience
        self._directory = directory
        self._rooms = rooms
        self._requests = requests
        self._pending_notices = pending_notices
        self._audit = audit
        self._clock = clock

    def add(self, actor: Actor, name: str, moderated: bool, topic: str) -> RoomRecord:
        """Make a room; everybody connected sees it.

        :raises ChatError: `forbidden`, `bad_request` for a name that is not allowed or taken.
        """
        with self._audit.act(actor, "add room", name, "moderated" if moderated else "public"):
            require(actor, "admin")
            clean = clean_room_name(name)
            kind = "moderated" if moderated else "public"
            try:
                record = self._storage.rooms.create(
                    clean, room_key(clean), kind, _topic(topic), self._clock()
                )
            except DuplicateKey:
                raise _exists(clean) from None
            self._directory.put(record)
            self._tell_everybody(record)
        return record

    def rename(self, actor: Actor, room: RoomRecord, name: str) -> None:
        """Give a room another name; its messages and members stay.

        :raises ChatError: `forbidden`, `bad_request` for a name that is not allowed or taken.
        """
        with self._audit.act(actor, "rename room", room.name, name):
            require(actor, "admin")
            clean = clean_room_name(name)
            try:
                self._storage.rooms.rename(room.id, clean, room_key(clean))
            except DuplicateKey:
                raise _exists(clean) from None
            self._reload(room, was=room.name)

    def set_topic(self, actor: Actor, room: RoomRecord, topic: str) -> None:
        """Say what a room is about."""
        with self._audit.act(actor, "topic", room.name, topic):
            require(actor, "admin")
            self._storage.rooms.set_topic(room.id, _topic(topic))
            self._reload(room)

    def archive(self, actor: Actor, room: RoomRecord) -> None:
        """Remove a room; its messages stay in the database.

        :raises ChatError: `forbidden`; also for the arrival room, where every newcomer goes.
        """
        with self._audit.act(actor, "remove room", room.name):
            require(actor, "admin")
            if room.arrival:
                raise ChatError(
                    ErrorCode.FORBIDDEN, f"{room.name} is where newcomers arrive; it cannot be removed."
                )
            self._storage.rooms.archive(room.id, self._clock())
            self._rooms.close(room)
        self._requests.tell_moderators()

    def pending(self, user_id: int | None = None) -> Sequence[PendingRecord]:
        """Return the requests to join that wait."""
        return self._requests.pending(user_id)

    def decide(self, actor: Actor, username: str, room_name: str, accept: bool, reason: str) -> None:
        """Accept or refuse a request to join; the user is told now, or at the next sign-in.

        :raises ChatError: `forbidden`, `no_such_user`, `no_such_room`, or `not_a_member` when nothing waits.
        """
        act = "accept" if accept else "refuse"
        with self._audit.act(actor, act, username, f"{room_name} {reason}".strip()):
            require(actor, "moderator")
            user = find_user(self._storage, username)
            room = self._directory.conversation(room_name)
            membership = self._storage.members.get(room.id, user.id)
            if membership is None or membership.state != "pending":
                message = (
                    f"{user.username} has not asked to join {room.record.name}, or somebody decided already."
                )
                raise ChatError(ErrorCode.NOT_A_MEMBER, message, field="username")
            shown = reason[:REASON_MAX_CHARS]
            if accept:
                view = self._rooms.let_in(user.id, user.username, user.display_name, room)
                joined = MembershipEvent(room.record.name, "joined", shown or None, room.public_id)
                self._tell(user.id, joined)
                self._tell(user.id, RoomEvent(view))
            else:
                self._storage.members.remove(room.id, user.id)
                self._tell(user.id, MembershipEvent(room.record.name, "none", shown, room.public_id))
        self._requests.tell_moderators()

    def remove_member(self, actor: Actor, user: UserRecord, room: RoomRecord, reason: str) -> None:
        """Remove a user from a room.

        :raises ChatError: `forbidden`, `not_a_member`.
        """
        with self._audit.act(actor, "remove", user.username, f"{room.name} {reason}".strip()):
            require(actor, "moderator")
            if not self._storage.members.remove(room.id, user.id):
                raise ChatError(ErrorCode.NOT_A_MEMBER, f"{user.username} is not a member of {room.name}.")
            self._rooms.let_out(user.id, user.username, user.display_name, room)
            shown = reason[:REASON_MAX_CHARS]
            self._tell(user.id, MembershipEvent(room.name, "none", shown, room.public_id))

    def _tell(self, user_id: int, event: MembershipEvent | RoomEvent) -> None:
        if not self._audience.to_user(user_id, event) and isinstance(event, MembershipEvent):
            self._pending_notices.save(user_id, event)

    def _reload(self, room: RoomRecord, was: str | None = None) -> None:
        record = self._storage.rooms.by_id(room.id)
        if record is not None:
            self._directory.put(record)
            self._tell_everybody(record, was)

    def _tell_everybody(self, record: RoomRecord, was: str | None = None) -> None:
        """Tell each user of the room as that user sees it; one query, however many are connected."""
        instead = {
            membership.user_id: RoomEvent(_seen_with(membership, record), was=was)
            for membership in self._storage.members.in_room(record.id)
        }
        stranger = Room(record.name, record.kind, record.topic, "none", id=record.public_id)
        self._audience.to_everyone(RoomEvent(stranger, was=was), instead)


def _seen_with(membership: MembershipRecord, record: RoomRecord) -> Room:
    if membership.state != "joined":
        return Room(record.name, record.kind, record.topic, membership.state, id=record.public_id)
    last_seq, first_seq, room_id = record.last_seq, record.first_seq, record.public_id
    read_seq = min(membership.read_seq, last_seq)
    return Room(record.name, record.kind, record.topic, "joined", last_seq, read_seq, first_seq, id=room_id)


def _topic(topic: str) -> str:
    clean = " ".join(topic.split())
    if len(clean) > TOPIC_MAX_CHARS:
        raise bad_request("topic", f"A topic has at most {TOPIC_MAX_CHARS} characters.")
    return clean


def _exists(name: str) -> ChatError:
    return bad_request(
        "room", f"There is a room “{name}” already, or one that differs only in case or accents."
    )
