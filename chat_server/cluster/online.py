"""Who is connected to which server of a cluster, told and heard; it must not know who watches that.

Runs on the cluster's thread. Each server keeps a row for each of its users, and tells the others whose rows
it has changed, once a second; they read those. While nobody comes, goes or changes status, nothing is done.
"""

import json
from collections.abc import Callable, Iterable
from typing import Final

from chat_server.live.presence import Presence
from chat_server.live.remote_users import RemoteUser, State
from chat_server.live.session import Account
from chat_server.storage import Storage
from chat_server.storage.core.errors import StorageError
from chat_server.storage.mysql.servers import Change, OnlineRecord, Servers

TELL_EVERY_S: Final = 1.0


class Online:
    """Tell who is here, and let the presence know who is elsewhere."""

    def __init__(
        self, servers: Servers, storage: Storage, presence: Presence, clock: Callable[[], float]
    ) -> None:
        self._servers = servers
        self._storage = storage
        self._presence = presence
        self._clock = clock
        #: Called after rows were written.
        self.on_told: Callable[[], object] = lambda: None
        self._told: dict[int, State] = {}  # what this server's rows say
        self._tell_at = 0.0

    def tell(self) -> None:
        """Write down what has changed here: the first at once, what follows within a second together.

        :raises StorageUnavailable: when the database is down; it is then told later.
        """
        if self._clock() < self._tell_at:
            return
        moved = self._presence.take_moved()
        now = {user_id: self._presence.state_here(user_id) for user_id in moved}
        news = {user_id: state for user_id, state in now.items() if state != self._told.get(user_id)}
        if not news:
            return
        self._tell_at = self._clock() + TELL_EVERY_S
        try:
            self._servers.say_online(news)
        except StorageError:
            self._presence.moved(moved)
            raise
        self.on_told()
        for user_id, state in news.items():
            if state is None:
                self._told.pop(user_id, None)
            else:
                self._told[user_id] = state

    def hear(self, change: Change) -> None:
        """Read what another server has told.

        :raises StorageUnavailable: when the database is down.
        """
        told = json.loads(change.detail)
        self._take(told["users"], self._servers.online(told["users"]), told["server"])

    def compare(self) -> None:
        """Read all rows: at the start, when a server has come or died, and now and then.

        :raises StorageUnavailable: when the database is down.
        """
        rows = self._servers.online()
        mine = {row.user_id: (row.status, row.text) for row in rows if row.server == self._servers.id}
        self._told = mine
        self._presence.moved({*mine, *self._presence.users_here()})
        known = {user.account.user_id for user in self._presence.remote.all()}
        self._take(known | {row.user_id for row in rows}, rows)

    def _take(self, user_ids: Iterable[int], rows: Iterable[OnlineRecord], teller: str = "") -> None:
        states: dict[int, dict[str, State]] = {}
        for row in rows:
            if row.server != self._servers.id:
                states.setdefault(row.user_id, {})[row.server] = (row.status, row.text)
        remote = self._presence.remote
        moved = []
        unknown = [each for each in states if remote.of(each) is None]
        while True:
            as_of = remote.changes
            if remote.put(self._read(unknown), as_of):
                break
        for user_id in user_ids:
            found = remote.of(user_id)
            if found is None or found.states == states.get(user_id):
                continue
            moved.append(found)
            found.states = states.get(user_id, {})
            if not found.states:
                remote.remove(user_id)
                continue
            latest = found.states.get(teller) or next(iter(found.states.values()))
            found.account.status, found.account.status_text = latest
            if teller:
                self._presence.take_status(user_id, *latest)
        self._presence.changed_elsewhere(moved)

    def _read(self, user_ids: list[int]) -> list[RemoteUser]:
        """Make users who were connected nowhere else, in their rooms, from storage."""
        if not user_ids:
            return []
        rooms = self._storage.members.rooms_of(user_ids)
        return [
            RemoteUser(
                Account(
                    each.id,
                    each.username,
                    each.username_key,
                    each.display_name,
                    each.role,
                    bot=each.is_bot,
                    avatar=each.avatar,
                ),
                rooms.get(each.id, set()),
            )
            for each in self._storage.users.by_ids(user_ids).values()
        ]
