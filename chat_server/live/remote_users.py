"""Who is connected to the other servers of a cluster, and in which rooms; it must not know who says so.

The cluster's thread says who is connected, and any thread who is in which room.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chat_server.live.session import Account

State = tuple[str, str]  # a status, and what its user says about it


@dataclass(slots=True)
class RemoteUser:
    """A user who is connected elsewhere.

    :param account: with the status that was heard last.
    :param rooms: replaced whole.
    :param states: by server.
    """

    account: Account
    rooms: set[int]
    states: Mapping[str, State] = field(default_factory=dict)


class RemoteUsers:
    """Those users, by number and by room."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards which rooms users are in and what follows
        self._users: dict[int, RemoteUser] = {}
        self._rooms: dict[int, dict[int, RemoteUser]] = {}
        self._changes = 0  # of memberships, since the start

    @property
    def changes(self) -> int:
        """How often a membership of anybody has changed since the start."""
        return self._changes

    def of(self, user_id: int) -> RemoteUser | None:
        """Return a user; None for one who is connected nowhere else."""
        return self._users.get(user_id)

    def all(self) -> list[RemoteUser]:
        """Return all of them."""
        with self._lock:
            return list(self._users.values())

    def in_room(self, room_id: int) -> list[RemoteUser]:
        """Return the members of a room among them."""
        if room_id not in self._rooms:
            return []
        with self._lock:
            return list(self._rooms.get(room_id, {}).values())

    def put(self, users: Iterable[RemoteUser], as_of: int) -> bool:
        """Enter users who have connected elsewhere.

        :param as_of: `changes` as it was before their rooms were read from storage.
        :return: False, and nothing done, when somebody joined or left since: read again.
        """
        with self._lock:
            if self._changes != as_of:
                return False
            for user in users:
                self._users[user.account.user_id] = user
                for room_id in user.rooms:
                    self._rooms.setdefault(room_id, {})[user.account.user_id] = user
            return True

    def remove(self, user_id: int) -> None:
        """Forget a user who is connected nowhere else any more."""
        with self._lock:
            user = self._users.pop(user_id, None)
            for room_id in user.rooms if user else ():
                self._leave_locked(room_id, user_id)

    def join(self, user_id: int, room_id: int) -> None:
        """Let a user into a room."""
        with self._lock:
            self._changes += 1
            if user := self._users.get(user_id):
                user.rooms = user.rooms | {room_id}
                self._rooms.setdefault(room_id, {})[user_id] = user

    def leave(self, user_id: int, room_id: int) -> None:
        """Let a user out of a room."""
        with self._lock:
            self._changes += 1
            if user := self._users.get(user_id):
                user.rooms = user.rooms - {room_id}
                self._leave_locked(room_id, user_id)

    def close_room(self, room_id: int) -> None:
        """Let everybody out of a room that was removed."""
        with self._lock:
            self._changes += 1
            for user in self._rooms.pop(room_id, {}).values():
                user.rooms = user.rooms - {room_id}

    def _leave_locked(self, room_id: int, user_id: int) -> None:
        members = self._rooms.get(room_id, {})
        members.pop(user_id, None)
        if not members:
            self._rooms.pop(room_id, None)
