"""Who belongs to rooms by the word of their owners: adding, removing, making owners; it makes no room.

Runs on the thread of whoever acts; it must not know whether that is the console or the wire.
"""

from collections.abc import Sequence

from chat_protocol.errors import ChatError, ErrorCode, bad_request
from chat_protocol.limits import REASON_MAX_CHARS
from chat_protocol.room_events import MembershipEvent, RoomEvent
from chat_server.live.directory import Conversation
from chat_server.services.audience import Audience
from chat_server.services.moderation.audit import Audit
from chat_server.services.people.roles import find_user
from chat_server.services.rooms.join_requests import JoinRequests
from chat_server.services.rooms.pending_notices import PendingNotices
from chat_server.services.rooms.room_news import RoomNews, gone
from chat_server.services.rooms.rooms import Rooms
from chat_server.services.rooms.succession import Succession
from chat_server.services.vocabulary.actors import Actor, Role
from chat_server.storage import Storage
from chat_server.storage.core.records import RoomRecord, UserRecord


class RoomPeople:
    """Let the owners of rooms, and those above them, say who belongs to each; each act is in the audit."""

    def __init__(
        self,
        storage: Storage,
        audience: Audience,
        rooms: Rooms,
        succession: Succession,
        requests: JoinRequests,
        pending_notices: PendingNotices,
        news: RoomNews,
        audit: Audit,
    ) -> None:
        self._storage = storage
        self._audience = audience
        self._rooms = rooms
        self._succession = succession
        self._requests = requests
        self._pending_notices = pending_notices
        self._news = news
        self._audit = audit

    def add(self, actor: Actor, room: Conversation, names: Sequence[str], owner: bool | None = None) -> None:
        """Let people into a room, or make members its owners; who is a member stays one.

        :param owner: True makes them owners, False owners no more.
        :raises ChatError: `forbidden`, `no_such_user`.
        """
        self._rooms.as_stored(room)
        record = room.record
        detail = {None: record.name, True: f"{record.name}, as owner", False: f"{record.name}, not as owner"}
        with self._audit.act(actor, "add member", ", ".join(names), detail[owner]):
            self.require_keeper(actor, record, "admin" if record.members_only else "moderator")
            if owner is not None:
                self.require_keeper(actor, record, "admin")
            refuse_archived(record)
            people = self.found(names)
            if owner is False:
                self._require_other_owner(record, people)
            for user in people:
                self.enter(user, room)
            if owner is not None:
                self._set_owners(record, people, owner)
            self._succession.settle(record)

    def remove(self, actor: Actor, room: Conversation, name: str, reason: str) -> None:
        """Remove somebody else from a room, at once and from every connection.

        :raises ChatError: `forbidden`, `no_such_user`, `not_a_member`, or `bad_request` for oneself.
        """
        self._rooms.as_stored(room)
        record = room.record
        with self._audit.act(actor, "remove", name, f"{record.name} {reason}".strip()):
            self.require_keeper(actor, record, "admin" if record.members_only else "moderator")
            user = find_user(self._storage, name)
            if user.id == actor.user_id:
                raise bad_request("username", "To leave a room oneself, there is `leave`.")
            if not self._storage.members.remove_only(record.id, user.id, "joined"):
                text = f"{user.username} is not a member of {record.name}."
                raise ChatError(ErrorCode.NOT_A_MEMBER, text, field="username")
            self._rooms.let_out(user.id, user.username, user.display_name, record)
            shown = reason[:REASON_MAX_CHARS]
            self._pending_notices.tell(
                user.id, MembershipEvent(record.name, "none", shown or None, record.public_id)
            )
            if record.members_only:
                self._audience.to_user(user.id, gone(record.name, record))

    def enter(self, user: UserRecord, room: Conversation) -> None:
        """Make a user a member, unless one already, and tell the user's connections."""
        membership = self._storage.members.get(room.id, user.id)
        if membership is not None and membership.state == "joined":
            return
        view = self._rooms.let_in(user.id, user.username, user.display_name, room)
        self._pending_notices.tell(user.id, MembershipEvent(view.name, "joined", None, room.public_id))
        self._audience.to_user(user.id, RoomEvent(view))
        if membership is not None:
            self._requests.tell_moderators()

    def hidden(self, record: RoomRecord, was: str) -> None:
        """Tell that a room is its members' alone now; nobody asks to enter it any more, and somebody owns it.

        :param was: the name under which others knew it.
        """
        self._news.hidden(record, was)
        self._succession.settle(record)
        self._requests.tell_moderators()

    def require_keeper(self, actor: Actor, record: RoomRecord, role: Role) -> None:
        """Let the room's owners pass, and who has the role.

        :raises ChatError: `forbidden`.
        """
        if actor.user_id is not None:
            membership = self._storage.members.get(record.id, actor.user_id)
            if membership is not None and membership.owner:
                return
        if not actor.may_act_as(role):
            text = f"Only an owner of {record.name}, or a user with the role “{role}”, may do this."
            raise ChatError(ErrorCode.FORBIDDEN, text)

    def found(self, names: Sequence[str]) -> list[UserRecord]:
        """Return the users of these names, each once.

        :raises ChatError: `no_such_user`.
        """
        try:
            found = [find_user(self._storage, name) for name in names]
        except ChatError as error:
            raise ChatError(error.code, error.message, field="people") from None
        return list({user.id: user for user in found}.values())

    def _require_other_owner(self, record: RoomRecord, people: Sequence[UserRecord]) -> None:
        """Refuse, before anything is done, that a private room is left without an owner."""
        changed = {user.id for user in people}
        if record.kind == "private" and self._storage.members.owners(record.id) <= changed:
            raise ChatError(ErrorCode.FORBIDDEN, "Somebody has to own a private room.")

    def _set_owners(self, record: RoomRecord, people: Sequence[UserRecord], owner: bool) -> None:
        for user in people:
            self._storage.members.set_owner(record.id, user.id, owner)
            self._news.told_to(record.id, user.id)


def refuse_archived(record: RoomRecord) -> None:
    """Refuse to change a room that is read-only.

    :raises ChatError: `forbidden`.
    """
    if record.read_only:
        raise ChatError(ErrorCode.FORBIDDEN, f"{record.name} is archived; bring it back first.")
