"""Who is connected, and which of them are in which room; it must not know what is sent to them.

Any thread calls it. Fan-out takes an immutable tuple and never holds the lock while writing.
"""

import threading
from collections.abc import Iterable

from chat_server.directory import Conversation
from chat_server.session import Session


class ConnectionRegistry:
    """The server's shared, locked heart."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards all below, and every session's `rooms`
        self._open: set[Session] = set()  # connected, signed in or not
        self._sessions: dict[Session, None] = {}  # signed in; a dict, because it keeps the order
        self._users: dict[int, tuple[Session, ...]] = {}
        self._rooms: dict[int, dict[Session, None]] = {}
        # Snapshots, made when they are read: ten thousand sign-ins in a row copy nothing.
        self._room_tuples: dict[int, tuple[Session, ...]] = {}
        self._all: tuple[Session, ...] | None = ()
        self._changes = 0  # of memberships, since the start

    def opened(self, session: Session) -> None:
        """Count a connection, before anybody signs in on it."""
        with self._lock:
            self._open.add(session)

    def add(self, session: Session) -> None:
        """Enter a session that has just signed in; its rooms follow with `enter`."""
        with self._lock:
            self._sessions[session] = None
            self._all = None
            self._users[session.user_id] = (*self._users.get(session.user_id, ()), session)

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
                self._enter_locked(session, room_id)
            return True

    def closed(self, session: Session) -> bool:
        """Take a session out; return whether it was the last one of its user."""
        with self._lock:
            self._open.discard(session)
            if session not in self._sessions:
                return False
            del self._sessions[session]
            self._all = None
            for room_id in session.rooms:
                self._quit_locked(session, room_id)
            left = tuple(other for other in self._users[session.user_id] if other is not session)
            if left:
                self._users[session.user_id] = left
            else:
                del self._users[session.user_id]
            return not left

    @property
    def changes(self) -> int:
        """How often a membership has changed since the start."""
        return self._changes

    def join(self, user_id: int, conversation: Conversation) -> None:
        """Let all sessions of a user into a room."""
        with self._lock:
            self._changes += 1
            for session in self._users.get(user_id, ()):
                session.rooms = {**session.rooms, conversation.id: conversation}
                self._enter_locked(session, conversation.id)

    def leave(self, user_id: int, room_id: int) -> None:
        """Take all sessions of a user out of a room."""
        with self._lock:
            self._changes += 1
            for session in self._users.get(user_id, ()):
                session.rooms = {key: value for key, value in session.rooms.items() if key != room_id}
                self._quit_locked(session, room_id)

    def close_room(self, room_id: int) -> None:
        """Take everybody out of a room that was removed."""
        with self._lock:
            self._changes += 1
            for session in self._rooms.get(room_id, {}):
                session.rooms = {key: value for key, value in session.rooms.items() if key != room_id}
            self._rooms.pop(room_id, None)
            self._room_tuples.pop(room_id, None)

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
        return self._users.get(user_id, ())

    def in_room(self, room_id: int) -> tuple[Session, ...]:
        """Return the connected sessions of a room's members."""
        found = self._room_tuples.get(room_id)
        if found is None:
            with self._lock:
                found = self._room_tuples[room_id] = tuple(self._rooms.get(room_id, ()))
        return found

    def is_online(self, user_id: int) -> bool:
        """Return whether the user has a session."""
        return user_id in self._users

    def online_users(self) -> list[int]:
        """Return the users who have a session."""
        with self._lock:
            return list(self._users)

    def count(self) -> int:
        """Return how many sessions are signed in."""
        return len(self._sessions)

    def open_count(self) -> int:
        """Return how many connections there are, signed in or not."""
        return len(self._open)

    def _enter_locked(self, session: Session, room_id: int) -> None:
        self._rooms.setdefault(room_id, {})[session] = None
        self._room_tuples.pop(room_id, None)

    def _quit_locked(self, session: Session, room_id: int) -> None:
        members = self._rooms.get(room_id)
        if members is not None:
            members.pop(session, None)
            if not members:
                del self._rooms[room_id]
        self._room_tuples.pop(room_id, None)
