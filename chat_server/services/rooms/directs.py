"""Private conversations of two: finding and opening them; it must not know what is said in them.

Runs on client threads. A session's `directs` is written by its own thread alone.
"""

from collections.abc import Callable, Mapping

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.events import RoomEvent
from chat_protocol.names import DIRECT_PREFIX, fold_text
from chat_protocol.objects import Room
from chat_server.live.directory import Conversation, RoomDirectory
from chat_server.live.registry import ConnectionRegistry
from chat_server.live.session import Session
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
        directory: RoomDirectory,
        clock: Callable[[], int],
    ) -> None:
        self._storage = storage
        self._registry = registry
        self._directory = directory
        self._clock = clock

    def find(self, session: Session, name: str) -> Conversation | None:
        """Return the conversation with `@name`, or None when nothing was said in it yet.

        One with a former member is found, too: what was said in it can still be read.

        :raises ChatError: `no_such_user`.
        """
        known = session.directs.get(_key(name))
        if known is not None:
            return known
        other = self._account(name)
        record = self._storage.rooms.find_direct(session.user_id, other.id)
        return None if record is None else self._remember(session, record, other)

    def open(self, session: Session, name: str) -> Conversation:
        """Return the conversation with `@name`, made where there is none; both are told of a new one.

        :raises ChatError: `no_such_user`; also for a former member, to whom nothing can be said.
        """
        found = self.find(session, name)
        if found is not None and not _key(name).startswith(ERASED_MARK):
            return found
        other = self._user(name)
        conversation = self._remember(
            session, self._storage.rooms.direct(session.user_id, other.id, self._clock()), other
        )
        for one, partner in ((session.user_id, other.id), (other.id, session.user_id)):
            self._introduce(one, partner, conversation)
        return conversation

    def overview(self, session: Session, memberships: Mapping[int, MembershipRecord]) -> list[Room]:
        """Return the user's private conversations, and remember the partners for their presence."""
        found = self._storage.rooms.directs_of(session.user_id)
        session.partners = {other.id: other.username for _, other in found if other.id != session.user_id}
        seqs = self._storage.messages.last_seqs([record.id for record, _ in found])
        rooms = []
        for record, other in found:
            membership = memberships.get(record.id)
            last_seq = seqs.get(record.id, record.last_seq)
            read_seq = min(membership.read_seq, last_seq) if membership else 0
            display_name = FORMER_MEMBER if other.erased else other.display_name
            rooms.append(
                self._room(other.username, display_name, other.id, last_seq, read_seq, record.first_seq)
            )
        return rooms

    def _introduce(self, user_id: int, partner_id: int, conversation: Conversation) -> None:
        sessions = self._registry.sessions_of(user_id)
        partner = self._storage.users.by_id(partner_id) if sessions else None
        if partner is None:
            return
        event = RoomEvent(self._room(partner.username, partner.display_name, partner_id, 0, 0))
        for session in sessions:
            session.partners = {**session.partners, partner_id: partner.username}
            session.send(event)

    def _room(
        self,
        username: str,
        display_name: str,
        user_id: int,
        last_seq: int,
        read_seq: int,
        first_seq: int = 1,
    ) -> Room:
        sessions = self._registry.sessions_of(user_id)
        status = sessions[0].status if sessions else "offline"
        name = DIRECT_PREFIX + username
        return Room(name, "direct", "", "joined", last_seq, read_seq, first_seq, display_name, status)

    def _remember(self, session: Session, record: RoomRecord, other: UserRecord) -> Conversation:
        names = {session.user_id: session.username, other.id: other.username}
        conversation = self._directory.direct(record, names)
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


def _unknown(name: str) -> ChatError:
    return ChatError(ErrorCode.NO_SUCH_USER, f"There is no user “{name}”.", field="room")


def _key(name: str) -> str:
    return fold_text(name.removeprefix(DIRECT_PREFIX))
