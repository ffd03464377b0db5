"""Who is connected, and which of them are in which room; it must not know what is sent to them.

Any thread calls it. Fan-out takes an immutable tuple and never holds the lock while writing.
"""

import sys
import threading
from collections.abc import Iterable

from chat_server.live.directory import Conversation
from chat_server.live.guests import Guests
from chat_server.live.session import Session


class Groups:
    """Sessions by a number (of a room, of a user), in the order in which they came.

    Snapshots are made when they are read after a change: ten thousand sign-ins in a row copy nothing.

    :param lock: its owner's; methods in `_locked` are called under it, `of` is not.
    """

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock
        self._members: dict[int, dict[Session, None]] = {}
        self._snapshots: dict[int, tuple[Session, ...]] = {}

    def of(self, key: int) -> tuple[Session, ...]:
        """Return the sessions of a group."""
        found = self._snapshots.get(key)
        if found is None:
            with self._lock:
                found = self.of_locked(key)
        return found

    def of_locked(self, key: int) -> tuple[Session, ...]:
        """Return the sessions of a group, under the lock."""
        members = self._members.get(key)
        if members is None:
            return ()
        if key not in self._snapshots:
            self._snapshots[key] = tuple(members)
        return self._snapshots[key]

    def add_locked(self, key: int, session: Session) -> None:
        """Put a session into a group."""
        self._members.setdefault(key, {})[session] = None
        self._snapshots.pop(key, None)

    def remove_locked(self, key: int, session: Session) -> None:
        """Remove a session from a group."""
        members = self._members.get(key, {})
        members.pop(session, None)
        self._snapshots.pop(key, None)
        if not members:
            self._members.pop(key, None)

    def size_locked(self, key: int) -> int:
        """Return how many sessions a group has."""
        return len(self._members.get(key, ()))

    def drop_locked(self, key: int) -> None:
        """Forget a group."""
        self._members.pop(key, None)
        self._snapshots.pop(key, None)

    def keys_locked(self) -> list[int]:
        """Return the groups that have a session."""
        return list(self._members)

    def __contains__(self, key: int) -> bool:
        """Return whether a group has a session."""
        return key in self._members


class ConnectionRegistry:
    """The server's shared, locked heart."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards all below, and every session's `rooms`
        self._open: set[Session] = set()  # connected, signed in or not
        self._guests = Guests()  # not signed in
        self._sessions: dict[Session, None] = {}  # signed in; a dict, because it keeps the order
        self._all: tuple[Session, ...] | None = ()  # the snapshot of it
        self._users = Groups(self._lock)
        self._rooms = Groups(self._lock)
        self._changes = 0  # of memberships, since the start

    def opened(self, session: Session) -> None:
        """Count a connection, before anybody signs in on it."""
        with self._lock:
            self._open.add(session)
            self._guests.add(session)

    def guest_to_give_way(self) -> Session | None:
        """Return the oldest guest of the address group that has most of them, or None without guests.

        It is counted as gone: the next call returns another one.
        """
        with self._lock:
            oldest = self._guests.oldest_of_largest()
            if oldest is not None:
                self._guests.remove(oldest)
                self._open.discard(oldest)
            return oldest

    def add(self, session: Session, most: int = sys.maxsize) -> bool:
        """Enter a session that has just signed in; its rooms follow with `enter`.

        All sessions of a user share the account of the first: what one changes, the others are.

        :param most: how many sessions its user may have.
        :return: False, and nothing done, when there are as many already.
        """
        with self._lock:
            others = self._users.of_locked(session.user_id)
            if len(others) >= most:
                return False
            if others:
                session.account = others[0].account
            self._guests.remove(session)
            self._sessions[session] = None
            self._all = None
            self._users.add_locked(session.user_id, session)
            return True

    def enter(self, session: Session, conversations: Iterable[Conversation], as_of: int) -> bool:
        """Let a session into the rooms of its user.

        :param as_of: `changes` as it was before the rooms were read from storage.
        :return: False, and nothing done, when somebody joined or left since: read again.
        """
        with self._lock:
            if self._changes != as_of:
                return False
            session.rooms = {conversation.id: conversation for conversation in conversations}
            for room_id in session.rooms:
                self._rooms.add_locked(room_id, session)
            return True

    def closed(self, session: Session) -> bool:
        """Remove a session; return whether it was the last one of its user."""
        with self._lock:
            self._open.discard(session)
            self._guests.remove(session)
            if session not in self._sessions:
                return False
            del self._sessions[session]
            self._all = None
            for room_id in session.rooms:
                self._rooms.remove_locked(room_id, session)
            self._users.remove_locked(session.user_id, session)
            return session.user_id not in self._users

    @property
    def changes(self) -> int:
        """How often a membership has changed since the start."""
        return self._changes

    def join(self, user_id: int, conversation: Conversation) -> None:
        """Let all sessions of a user into a room."""
        with self._lock:
            self._changes += 1
            for session in self._users.of_locked(user_id):
                session.rooms = {**session.rooms, conversation.id: conversation}
                self._rooms.add_locked(conversation.id, session)

    def leave(self, user_id: int, room_id: int) -> None:
        """Remove all sessions of a user from a room."""
        with self._lock:
            self._changes += 1
            for session in self._users.of_locked(user_id):
                session.rooms = {key: value for key, value in session.rooms.items() if key != room_id}
                self._rooms.remove_locked(room_id, session)

    def close_room(self, room_id: int) -> None:
        """Remove everyone from a room that was removed."""
        with self._lock:
            self._changes += 1
            for session in self._rooms.of_locked(room_id):
                session.rooms = {key: value for key, value in session.rooms.items() if key != room_id}
            self._rooms.drop_locked(room_id)

    def sessions(self) -> tuple[Session, ...]:
        """Return all signed-in sessions, the oldest first."""
        everybody = self._all
        if everybody is None:
            with self._lock:
                everybody = self._all = tuple(self._sessions)
        return everybody

    def open_sessions(self) -> tuple[Session, ...]:
        """Return all connections, signed in or not."""
        with self._lock:
            return tuple(self._open)

    def sessions_of(self, user_id: int) -> tuple[Session, ...]:
        """Return the sessions of a user, the oldest first."""
        return self._users.of(user_id)

    def rooms_of(self, user_id: int) -> set[int]:
        """Return the rooms in which a user is, private conversations left out; none for one not connected."""
        sessions = self._users.of(user_id)
        return {room.id for room in sessions[0].rooms.values() if not room.is_direct} if sessions else set()

    def in_room(self, room_id: int) -> tuple[Session, ...]:
        """Return the connected sessions of a room's members."""
        return self._rooms.of(room_id)

    def is_online(self, user_id: int) -> bool:
        """Return whether the user has a session."""
        return user_id in self._users

    def add_partner(self, user_id: int, partner_id: int, username: str) -> None:
        """Note in the user's sessions that there is a private conversation with `partner_id`."""
        for session in self._users.of(user_id):
            session.partners = {**session.partners, partner_id: username}

    def partners_of(self, user_id: int) -> dict[int, str]:
        """Return who has a private conversation with a user and is connected, and the name they know."""
        return {one.user_id: one.partners[user_id] for one in self.sessions() if user_id in one.partners}

    def forget_partner(self, partner_id: int) -> None:
        """Note in all sessions that a user is gone."""
        for session in self.sessions():
            if partner_id in session.partners:
                session.partners = {key: name for key, name in session.partners.items() if key != partner_id}

    def online_users(self) -> list[int]:
        """Return the users who have a session."""
        with self._lock:
            return self._users.keys_locked()

    def count(self) -> int:
        """Return how many sessions are signed in."""
        return len(self._sessions)

    def open_count(self) -> int:
        """Return how many connections there are, signed in or not."""
        return len(self._open)


def everyone_in(registry: ConnectionRegistry, conversation: Conversation) -> Iterable[Session]:
    """Return the connected sessions of a conversation's members."""
    if not conversation.is_direct:
        return registry.in_room(conversation.id)
    return tuple(session for user_id in conversation.names for session in registry.sessions_of(user_id))
