"""Private conversations of two: finding and opening them; it must not know what is said in them.

Runs on client threads. A session's `directs` is written by its own thread alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import permutations

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.names import DIRECT_PREFIX, fold_text
from chat_protocol.objects import Room
from chat_protocol.room_events import RoomEvent
from chat_server.live.directory import Conversation, RoomDirectory
from chat_server.live.presence import Presence
from chat_server.live.registry import ConnectionRegistry
from chat_server.live.session import Session
from chat_server.services.audience import Audience
from chat_server.storage import Storage
from chat_server.storage.core.records import MembershipRecord, RoomRecord, UserRecord

FORMER_MEMBER = "former member"  # a space: no username is spelled like it
ERASED_MARK = "~"  # begins the username that storage gives an erased account, and no other


class Directs:
    """Find the conversation with a user.

    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(
        self,
        storage: Storage,
        registry: ConnectionRegistry,
        audience: Audience,
        directory: RoomDirectory,
        presence: Presence,
        clock: Callable[[], int],
    ) -> None:
        self._storage = storage
        self._registry = registry
        self._audience = audience
        audience.on_change("user", self._user_changed)
        self._directory = directory
        self._presence = presence
        self._clock = clock
        self._shared = False

    def share(self) -> None:
        """From now on, other servers store messages in private conversations, too."""
        self._shared = True

    def find(self, session: Session, name: str) -> Conversation | None:
        """Return the conversation with `@name`, or None when nothing was said in it yet.

        One with a former member is found, too: what was said in it can still be read.

        :raises ChatError: `no_such_user`.
        """
        known = self._known(session, name)
        if known is not None and known.begun:
            return known
        while True:
            as_of = self._directory.renames
            other = self._account(name)
            record = self._storage.rooms.find_direct(session.user_id, other.id)
            if record is None or not record.last_seq:
                return None
            conversation = self._remember(session, record, other, as_of)
            if conversation is not None:
                return conversation

    def by_public_id(self, session: Session, public_id: str) -> Conversation | None:
        """Return one of the user's private conversations by its id, or None."""
        known = session.directs.get(public_id)
        if known is not None and known.begun:
            return known
        while True:
            as_of = self._directory.renames
            record = self._storage.rooms.by_public_id(public_id)
            if record is None or session.user_id not in (record.user_a, record.user_b) or not record.last_seq:
                return None
            other_id = record.user_b if record.user_a == session.user_id else record.user_a
            other = self._storage.users.by_id(other_id or 0)
            conversation = other and self._remember(session, record, other, as_of)
            if conversation:
                session.directs[public_id] = conversation
                return conversation

    def require_partner(self, session: Session, conversation: Conversation) -> None:
        """Refuse to write to somebody who is gone.

        :raises ChatError: `no_such_user`.
        """
        if conversation.is_direct:
            name = conversation.label(session.user_id)
            if _key(name).startswith(ERASED_MARK):
                raise _unknown(name)

    def incoming(self, room_id: int, seq: int) -> Conversation | None:
        """Return the conversation in which another server has stored a message, if one of the two is here.

        :param seq: of the message: the first one is announced to both.
        """
        known = self._directory.conversation_of(room_id)
        if known is not None:
            return known
        while True:
            as_of = self._directory.renames
            record = self._storage.rooms.by_id(room_id)
            if record is None or not any(map(self._registry.is_online, _both(record))):
                return None
            users = self._storage.users.by_ids(list(_both(record)))
            names = {user.id: user.username for user in users.values()}
            conversation = self._directory.direct(record, names, as_of)
            if conversation is not None:
                break
        if seq == 1:
            conversation.introductions = {
                one.id: RoomEvent(
                    self._room(
                        other.username,
                        other.display_name,
                        other.id,
                        record.public_id,
                        avatar=other.avatar,
                    )
                )
                for one, other in permutations(users.values(), 2)
            }
        return conversation

    def open(self, session: Session, name: str) -> Conversation:
        """Return the conversation with `@name`, made where there is none, for a first message.

        Nobody sees a new one before that message is stored: both are told of it with the delivery.

        :raises ChatError: `no_such_user`; also for a former member, to whom nothing can be said.
        """
        found = self._known(session, name) or self.find(session, name)
        if found is not None and not _key(name).startswith(ERASED_MARK):
            return found
        conversation = None
        while conversation is None:
            as_of = self._directory.renames
            other = self._user(name)
            record = self._storage.rooms.direct(session.user_id, other.id, self._clock())
            conversation = self._remember(session, record, other, as_of)
        if not record.last_seq:
            conversation.introductions = {
                reader_id: RoomEvent(
                    self._room(username, display_name, user_id, record.public_id, avatar=avatar)
                )
                for reader_id, username, display_name, user_id, avatar in (
                    (
                        other.id,
                        session.username,
                        session.display_name,
                        session.user_id,
                        session.account.avatar,
                    ),
                    (session.user_id, other.username, other.display_name, other.id, other.avatar),
                )
            }
        return conversation

    def overview(self, session: Session, memberships: Mapping[int, MembershipRecord]) -> dict[int, Room]:
        """Return the user's private conversations by number, and remember the partners for their presence."""
        found = self._storage.rooms.directs_of(session.user_id)
        partners = {other.id: other.username for _, other in found if other.id != session.user_id}
        session.partners = session.partners | partners  # one that began meanwhile is there already
        heads = self._storage.messages.heads([record.id for record, _ in found])
        rooms = {}
        for record, other in found:
            last_seq, last_at = heads.get(record.id, (record.last_seq, None))
            view = self._view(record, other, memberships.get(record.id), last_seq)
            rooms[record.id] = replace(view, last_at=last_at)
        if self._shared and session.direct_seqs is None:
            session.direct_seqs = {room_id: room.last_seq for room_id, room in rooms.items()}
        return rooms

    def _known(self, session: Session, name: str) -> Conversation | None:
        """Return the conversation that the session has used under this name."""
        key = _key(name)
        known = session.directs.get(key)
        if known is not None and _key(known.label(session.user_id)) != key:
            del session.directs[key]  # the other has lost that name, which may be somebody else's now
            return None
        return known

    def _view(
        self, record: RoomRecord, other: UserRecord, membership: MembershipRecord | None, last_seq: int
    ) -> Room:
        """Return a conversation as the partner of `other` sees it."""
        read_seq = min(membership.read_seq, last_seq) if membership else 0
        display_name = FORMER_MEMBER if other.erased else other.display_name
        public_id, first_seq = record.public_id, record.first_seq
        seqs = (last_seq, read_seq, first_seq)
        room = self._room(other.username, display_name, other.id, public_id, *seqs, avatar=other.avatar)
        # The connections of somebody who was erased may yet be ending.
        return replace(room, status="offline") if other.erased else room

    def _user_changed(self, user_id: int) -> None:
        """Give a renamed or erased user's conversations the name that storage has."""
        user = self._storage.users.by_id(user_id)
        if user is not None:
            self._directory.rename_user(user_id, user.username)
            if user.erased:
                self._tell_partners(user)
                self._registry.forget_partner(user_id)
                self._presence.remote.remove(user_id)

    def _tell_partners(self, user: UserRecord) -> None:
        """Tell those who know a conversation with an erased user how it is called now."""
        for partner_id, was in self._registry.partners_of(user.id).items():
            record = self._storage.rooms.find_direct(partner_id, user.id)
            if record is not None:
                membership = self._storage.members.get(record.id, partner_id)
                room = self._view(record, user, membership, record.last_seq)
                self._audience.to_user(partner_id, RoomEvent(room, was=DIRECT_PREFIX + was), here=True)

    def _room(
        self,
        username: str,
        display_name: str,
        user_id: int,
        public_id: str,
        last_seq: int = 0,
        read_seq: int = 0,
        first_seq: int = 1,
        *,
        avatar: str = "",
    ) -> Room:
        account = self._presence.account_of(user_id)
        status = account.status if account else "offline"
        name = DIRECT_PREFIX + username
        seqs = (last_seq, read_seq, first_seq)
        return Room(name, "direct", "", "joined", *seqs, display_name, status, public_id, avatar=avatar)

    def _remember(
        self, session: Session, record: RoomRecord, other: UserRecord, as_of: int
    ) -> Conversation | None:
        """Keep a conversation under the other's name; None when a name has changed since `as_of`."""
        names = {session.user_id: session.username, other.id: other.username}
        conversation = self._directory.direct(record, names, as_of)
        if conversation is not None:
            session.directs[other.username_key] = conversation
        return conversation

    def _user(self, name: str) -> UserRecord:
        user = self._account(name)
        if user.erased:
            raise _unknown(name)
        return user

    def _account(self, name: str) -> UserRecord:
        """Return the account of that name, also one that was erased."""
        user = self._storage.users.by_key(_key(name))
        if user is None:
            raise _unknown(name)
        return user


def _both(record: RoomRecord) -> tuple[int, int]:
    return record.user_a or 0, record.user_b or 0


def _unknown(name: str) -> ChatError:
    return ChatError(ErrorCode.NO_SUCH_USER, f"There is no user “{name}”.", field="room")


def _key(name: str) -> str:
    return fold_text(name.removeprefix(DIRECT_PREFIX))
