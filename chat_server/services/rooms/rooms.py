"""Rooms as their members see them: entering, leaving, who is there; it must not know the wire nor the commit.

Runs on client threads, and on those of administrators.
"""

import contextlib
from collections.abc import Callable
from dataclasses import replace

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import MEMBERS_MAX
from chat_protocol.names import DIRECT_PREFIX, fold_text
from chat_protocol.objects import Member, Room
from chat_protocol.paging import fitting
from chat_protocol.room_events import MemberEvent, MembershipEvent, RoomEvent
from chat_protocol.room_replies import MemberList, RoomReply
from chat_server.live.directory import Conversation, RoomDirectory, no_such_room
from chat_server.live.presence import Presence
from chat_server.live.registry import ConnectionRegistry
from chat_server.live.session import Account, Session
from chat_server.services.audience import Audience
from chat_server.services.messages.unread import with_unread
from chat_server.services.rooms.directs import Directs
from chat_server.services.rooms.join_requests import JoinRequests
from chat_server.services.rooms.room_news import gone, view_of
from chat_server.services.rooms.succession import Succession
from chat_server.storage import Storage
from chat_server.storage.core.records import RoomRecord, UserRecord
from chat_server.storage.repositories.room_ids import is_room_id


class Rooms:
    """Let people into rooms and out of them.

    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(
        self,
        storage: Storage,
        registry: ConnectionRegistry,
        audience: Audience,
        directory: RoomDirectory,
        directs: Directs,
        requests: JoinRequests,
        presence: Presence,
        succession: Succession,
        clock: Callable[[], int],
    ) -> None:
        self._storage = storage
        self._registry = registry
        self._audience = audience
        self._directory = directory
        self._directs = directs
        self._requests = requests
        self._presence = presence
        self._succession = succession
        self._clock = clock
        self._is_shared = False

    def share(self) -> None:
        """From now on, other servers change rooms, too."""
        self._is_shared = True

    # -- at the sign-in ---------------------------------------------------------------------------

    def welcome(self, user: UserRecord) -> None:
        """Tell those who watch the arrival rooms that somebody new belongs to them."""
        for record in self._directory.all():
            if record.arrival:
                self._tell_members(record, user.username, user.display_name, "joined")

    def enter(self, session: Session) -> None:
        """Let a session that has just signed in into the rooms of its user."""
        while True:
            as_of = self._registry.changes
            joined = [
                conversation
                for membership in self._storage.members.of_user(session.user_id)
                if membership.state == "joined" and (conversation := self._shared(membership.room_id))
            ]
            if self._registry.enter(session, joined, as_of):
                return

    def overview(self, session: Session) -> list[Room]:
        """Return all rooms as this user sees them; those that do not fit in the reply follow as events."""
        rooms = list(self.views(session).values())
        count = fitting(rooms)
        for room in rooms[count:]:
            session.send(RoomEvent(room))  # held back until the reply is sent
        return rooms[:count]

    def views(self, session: Session) -> dict[int, Room]:
        """Return all rooms as this user sees them, by number; hidden ones only to members."""
        memberships = {item.room_id: item for item in self._storage.members.of_user(session.user_id)}
        records = self._directory.all()
        heads = self._storage.messages.heads([record.id for record in records if record.id in memberships])
        views = {
            record.id: view_of(record, memberships.get(record.id), *heads.get(record.id, (0, None)))
            for record in records
            if record.id in memberships or not record.members_only
        }
        views |= self._directs.overview(session, memberships)
        rooms = with_unread(self._storage, session.user_id, session.username, views)
        return dict(zip(views, rooms, strict=True))

    # -- for members ------------------------------------------------------------------------------

    def conversation(self, session: Session, name: str) -> Conversation:
        """Return a room the user belongs to, or a private conversation that exists, by name or id.

        :raises ChatError: `no_such_room`, `no_such_user` or `not_a_member`.
        """
        if name.startswith(DIRECT_PREFIX):
            found = self._directs.find(session, name)
            if found is None:
                raise ChatError(
                    ErrorCode.NO_SUCH_ROOM, f"Nothing was said yet between you and {name}.", field="room"
                )
            return found
        if is_room_id(name) and (found := self._directs.by_public_id(session, name)) is not None:
            return found
        conversation = self.visible(session, name)
        if conversation.id not in session.rooms:
            raise ChatError(ErrorCode.NOT_A_MEMBER, f"You are not a member of {conversation.record.name}.")
        return conversation

    def visible(self, session: Session, name: str) -> Conversation:
        """Return a room that the user may know of, by name or id.

        :raises ChatError: `no_such_room`, alike for one that is not there and one that is not to be seen.
        """
        conversation = self._directory.conversation(name)
        if conversation.record.members_only and conversation.id not in session.rooms:
            raise no_such_room(name)
        return conversation

    def as_stored(self, room: Conversation) -> None:
        """Take over what is stored of a room, before something lasting is decided by it.

        Where there are other servers, one of them may have changed it a moment ago.

        :raises ChatError: `no_such_room` when it was removed.
        """
        if not self._is_shared:
            return
        record = self._storage.rooms.by_id(room.id)
        if record is None or record.archived_at is not None:
            raise no_such_room(room.record.name)
        if record.lasting != room.record.lasting:
            self._directory.put(record)

    def known(self, session: Session, name: str) -> Conversation | None:
        """Return what a name or id means, also to one who has left; None for what the user may not know."""
        for find in (self.conversation, self.visible):
            with contextlib.suppress(ChatError):
                return find(session, name)
        return None

    def join(self, session: Session, name: str, reason: str) -> RoomReply:
        """Enter a public room, or ask to be let into a moderated one.

        :raises ChatError: `no_such_room`, `already_member`, or `forbidden` for a private conversation.
        """
        if self._is_direct(session, name):
            raise ChatError(ErrorCode.FORBIDDEN, "A private conversation needs no joining: send a message.")
        conversation = self.visible(session, name)
        self.as_stored(conversation)
        record = conversation.record
        if record.members_only and conversation.id not in session.rooms:
            raise no_such_room(name)
        if conversation.id in session.rooms:
            raise ChatError(ErrorCode.ALREADY_MEMBER, f"You are a member of {record.name} already.")
        if record.kind == "moderated":
            self._requests.ask(session, record, reason)
            self.tell_other_sessions(
                session, MembershipEvent(record.name, "pending", room_id=record.public_id)
            )
            return RoomReply(record.name, "pending")
        session.hold()  # no message of the room before the reply that opens it
        view = self.let_in(session.user_id, session.username, session.display_name, conversation)
        self.tell_other_sessions(session, RoomEvent(view))
        return RoomReply.joined(view)

    def let_in(self, user_id: int, username: str, display_name: str, room: Conversation) -> Room:
        """Make a user a member and return the room as the user sees it now."""
        membership = self._storage.members.join(room.id, user_id, self._clock())
        self._registry.join(user_id, room)
        self._presence.remote.join(user_id, room.id)
        self._audience.elsewhere("member", room.id, user_id)
        self._tell_members(room.record, username, display_name, "joined", user_id)
        self._presence.changed_user(user_id)
        head = self._storage.messages.heads([room.id]).get(room.id, (0, None))
        view = view_of(room.record, membership, *head)
        return with_unread(self._storage, user_id, username, {room.id: view})[0]

    def let_out(self, user_id: int, username: str, display_name: str, record: RoomRecord) -> None:
        """Let a user, whose membership has ended in storage, hear and see no more of the room."""
        self._registry.leave(user_id, record.id)
        self._presence.remote.leave(user_id, record.id)
        self._audience.elsewhere("member", record.id, user_id)
        self._presence.stop_watching(user_id, record.id)
        self._tell_members(record, username, display_name, "left")
        self._succession.settle(record)

    def close(self, record: RoomRecord) -> None:
        """Let everybody out of a room that is no more in storage, and tell all who may know of it."""
        self._directory.drop(record.id)
        members = self._audience.users_in(record.id)
        self._registry.close_room(record.id)
        self._presence.remote.close_room(record.id)
        self._audience.elsewhere("room", record.id)
        if not record.members_only:
            self._audience.to_everyone(gone(record.name, record))
            return
        for user_id in members:
            self._audience.to_user(user_id, gone(record.name, record), here=True)

    def leave(self, session: Session, name: str) -> RoomReply:
        """Leave a room, or take a request to join back.

        :raises ChatError: `not_a_member`, or `forbidden` for a private conversation.
        """
        if self._is_direct(session, name):
            raise ChatError(ErrorCode.FORBIDDEN, "A private conversation cannot be left.")
        record = self.visible(session, name).record
        if not self._storage.members.remove(record.id, session.user_id):
            raise ChatError(ErrorCode.NOT_A_MEMBER, f"You are not a member of {record.name}.")
        if record.id in session.rooms:
            self.let_out(session.user_id, session.username, session.display_name, record)
        else:
            self._requests.tell_moderators()
        self.tell_other_sessions(session, MembershipEvent(record.name, "none", room_id=record.public_id))
        if record.members_only:
            session.hold()  # the answer comes before the room is gone
            self._audience.to_user(session.user_id, gone(record.name, record))
        return RoomReply(record.name, "none")

    def members(self, session: Session, name: str, after: str | None = None) -> MemberList:
        """List who belongs to a room.

        :param after: a username, or empty: those whose names come after it, in the order of their keys; None:
            the first ones, those who are online ahead.
        """
        conversation = self.conversation(session, name)
        if after is not None and not conversation.is_direct:
            return self._members_after(session, conversation, after)
        online = self._presence.online_in(conversation)
        listed = {
            user_id: Member(a.username, a.display_name, a.status, a.status_text, bot=a.bot, avatar=a.avatar)
            for user_id, a in online
        }
        stored: list[UserRecord] = []
        if conversation.is_direct:
            stored = list(self._storage.users.by_ids(list(conversation.names)).values())
        elif len(listed) < MEMBERS_MAX:
            stored = self._storage.members.of_room(conversation.id, MEMBERS_MAX + len(listed))
        for user in stored:
            listed.setdefault(user.id, _member(user, None))
        for user_id in self._storage.members.owners(conversation.id) & listed.keys():
            listed[user_id] = replace(listed[user_id], owner=True)
        members = list(listed.values())[:MEMBERS_MAX]
        total = len(conversation.names) or self._storage.members.count(conversation.id)
        label = conversation.label(session.user_id)
        members = members[: fitting(members)]
        return MemberList(label, members, total, len(online), len(members) < total or None)

    def _members_after(self, session: Session, conversation: Conversation, after: str) -> MemberList:
        key = fold_text(after.removeprefix(DIRECT_PREFIX))
        found = self._storage.members.of_room(conversation.id, MEMBERS_MAX + 1, after=key)
        online = dict(self._presence.online_in(conversation))
        owners = self._storage.members.owners(conversation.id)
        members = [replace(_member(user, online.get(user.id)), owner=user.id in owners) for user in found]
        end = min(MEMBERS_MAX, fitting(members))
        total = self._storage.members.count(conversation.id)
        label, more = conversation.label(session.user_id), end < len(members) or None
        return MemberList(label, members[:end], total, len(online), more)

    # -- help -------------------------------------------------------------------------------------

    def _is_direct(self, session: Session, name: str) -> bool:
        if is_room_id(name):
            return self._directs.by_public_id(session, name) is not None
        return name.startswith(DIRECT_PREFIX)

    def _shared(self, room_id: int) -> Conversation | None:
        """Return the room unless it is a private conversation (those are found by their users) or removed."""
        found = self._directory.conversation_of(room_id)
        return None if found is None or found.is_direct else found

    def tell_other_sessions(self, session: Session, event: MembershipEvent | RoomEvent) -> None:
        """Tell the user's other sessions what this one is told by the reply."""
        self._audience.to_user(session.user_id, event, besides=session.id)

    def _tell_members(
        self, record: RoomRecord, username: str, display_name: str, change: str, user_id: int = 0
    ) -> None:
        account = self._presence.account_of(user_id)
        avatar = account.avatar or None if account else None
        event = MemberEvent(record.name, username, change, display_name, record.public_id, avatar)
        self._presence.tell_watchers(record.id, event)


def _member(user: UserRecord, account: Account | None) -> Member:
    status, text = (account.status, account.status_text) if account else ("offline", "")
    return Member(user.username, user.display_name, status, text, bot=user.is_bot, avatar=user.avatar)
