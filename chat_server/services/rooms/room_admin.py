"""What administrators and moderators do with rooms: make, rename, remove them, decide who is let in.

Runs on the thread of whoever acts; it must not know whether that is the console or the wire.
"""

from collections.abc import Callable, Sequence

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import REASON_MAX_CHARS
from chat_protocol.room_events import MembershipEvent, RoomEvent
from chat_server.live.directory import RoomDirectory, no_such_room
from chat_server.services.audience import Audience
from chat_server.services.moderation.audit import Audit
from chat_server.services.people.roles import find_user
from chat_server.services.rooms.join_requests import JoinRequests
from chat_server.services.rooms.pending_notices import PendingNotices
from chat_server.services.rooms.room_names import clean_topic, store_under_name
from chat_server.services.rooms.room_news import RoomNews, gone
from chat_server.services.rooms.rooms import Rooms
from chat_server.services.vocabulary.actors import Actor, require
from chat_server.storage import Storage
from chat_server.storage.core.records import PendingRecord, RoomRecord, UserRecord


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
        news: RoomNews,
        audit: Audit,
        clock: Callable[[], int],
    ) -> None:
        self._storage = storage
        self._audience = audience
        self._directory = directory
        self._rooms = rooms
        self._requests = requests
        self._pending_notices = pending_notices
        self._news = news
        self._audit = audit
        self._clock = clock

    def add(self, actor: Actor, name: str, kind: str, topic: str) -> RoomRecord:
        """Make a room without owner or member; everybody connected sees it, unless it is private.

        :raises ChatError: `forbidden`, `bad_request` for a name that is not allowed or taken.
        """
        with self._audit.act(actor, "add room", name, kind):
            require(actor, "admin")
            about, now = clean_topic(topic), self._clock()
            create = self._storage.rooms.create
            record = store_under_name(kind, name, lambda name, key: create(name, key, kind, about, now))
            self._directory.put(record)
            self._news.changed(record)
        return record

    def rename(self, actor: Actor, room: RoomRecord, name: str) -> None:
        """Give a room another name; its messages and members stay.

        :raises ChatError: `forbidden`, `bad_request` for a name that is not allowed or taken.
        """
        with self._audit.act(actor, "rename room", room.name, name):
            require(actor, "admin")
            store_under_name(
                room.kind, name, lambda name, key: self._storage.rooms.rename(room.id, name, key)
            )
            self._reload(room, was=room.name)

    def set_topic(self, actor: Actor, room: RoomRecord, topic: str) -> None:
        """Say what a room is about."""
        with self._audit.act(actor, "topic", room.name, topic):
            require(actor, "admin")
            self._storage.rooms.set_topic(room.id, clean_topic(topic))
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
        if not room.members_only:  # nobody asks to enter one, and those outside hear nothing of it
            self._requests.tell_moderators()

    def pending(self, user_id: int | None = None) -> Sequence[PendingRecord]:
        """Return the requests to join that wait."""
        return self._requests.pending(user_id)

    def decide(self, actor: Actor, username: str, room_name: str, accept: bool, reason: str) -> None:
        """Accept or refuse a request to join; the user is told now, or at the next sign-in.

        :raises ChatError: `forbidden`, `no_such_user`, `no_such_room`, or `not_a_member` when nothing waits.
        """
        self._decide(actor, username, room_name, accept, reason)
        self._requests.tell_moderators()

    def accept_several(self, actor: Actor, usernames: Sequence[str], room_name: str) -> list[str]:
        """Accept the requests of several people to join a room.

        :return: who was let in; whose request was decided meanwhile is left out.
        :raises ChatError: `forbidden`, `no_such_room`.
        """
        accepted = []
        try:
            for username in usernames:
                try:
                    accepted.append(self._decide(actor, username, room_name, True, ""))
                except ChatError as error:
                    if error.code not in (ErrorCode.NOT_A_MEMBER, ErrorCode.NO_SUCH_USER):
                        raise
        finally:
            if accepted:
                self._requests.tell_moderators()
        return accepted

    def _decide(self, actor: Actor, username: str, room_name: str, accept: bool, reason: str) -> str:
        """Decide on a request, tell the user, and return the username."""
        act = "accept" if accept else "refuse"
        with self._audit.act(actor, act, username, f"{room_name} {reason}".strip()):
            require(actor, "moderator")
            user = find_user(self._storage, username)
            room = self._directory.conversation(room_name)
            if room.record.members_only:
                raise no_such_room(room_name)  # nobody asks to enter one, and no refusal tells of it
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
                self._pending_notices.tell(user.id, joined)
                self._audience.to_user(user.id, RoomEvent(view))
            else:
                self._storage.members.remove_only(room.id, user.id, "pending")
                self._pending_notices.tell(
                    user.id, MembershipEvent(room.record.name, "none", shown, room.public_id)
                )
        return user.username

    def remove_member(self, actor: Actor, user: UserRecord, room: RoomRecord, reason: str) -> None:
        """Remove a user from a room.

        :raises ChatError: `forbidden`, `not_a_member`.
        """
        with self._audit.act(actor, "remove", user.username, f"{room.name} {reason}".strip()):
            require(actor, "moderator")
            if not self._storage.members.remove_only(room.id, user.id, "joined"):
                raise ChatError(ErrorCode.NOT_A_MEMBER, f"{user.username} is not a member of {room.name}.")
            self._rooms.let_out(user.id, user.username, user.display_name, room)
            shown = reason[:REASON_MAX_CHARS]
            self._pending_notices.tell(user.id, MembershipEvent(room.name, "none", shown, room.public_id))
            if room.members_only:
                self._audience.to_user(user.id, gone(room.name, room))

    def _reload(self, room: RoomRecord, was: str | None = None) -> None:
        record = self._storage.rooms.by_id(room.id)
        if record is not None:
            self._directory.put(record)
            self._news.changed(record, was)
