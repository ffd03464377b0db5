"""Compares, once a minute, what this server keeps in memory with storage; it must not know who changed it.

Runs on the cluster's thread. A change that another server stored and died before telling is found here, and
so is what was removed from the feed during a long outage.
"""

from collections.abc import Callable, Sequence
from typing import Final

from chat_protocol.server_events import EndEvent
from chat_server.cluster.acts import Acts
from chat_server.live.directory import RoomDirectory
from chat_server.live.registry import ConnectionRegistry
from chat_server.services.audience import Audience
from chat_server.services.moderation.moderation import END_KINDS
from chat_server.services.moderation.sanctions import EXCLUDING, SanctionBook
from chat_server.services.vocabulary.addresses import parse_network
from chat_server.storage import Storage
from chat_server.storage.core.database import chunks
from chat_server.storage.core.records import SanctionRecord, UserRecord
from chat_server.storage.mysql.servers import Change

_GONE: Final = EndEvent("killed", "Your account was removed.")


class Comparison:
    """Find what this server has missed, and apply it.

    :param acts: apply a change to a room, a user or a setting.
    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(
        self,
        storage: Storage,
        audience: Audience,
        registry: ConnectionRegistry,
        directory: RoomDirectory,
        sanctions: SanctionBook,
        acts: Acts,
        clock: Callable[[], int],
    ) -> None:
        self._storage = storage
        self._audience = audience
        self._registry = registry
        self._directory = directory
        self._sanctions = sanctions
        self._acts = acts
        self._clock = clock

    def make(self) -> None:
        """Compare everything.

        :raises StorageUnavailable: when the database does not answer.
        """
        self._compare_sanctions()
        self._compare_rooms()
        self._compare_users()
        self._acts.apply(Change("setting"))

    def _compare_sanctions(self) -> None:
        known = {record.id: record for record in self._sanctions.active()}  # before what is stored is read
        stored = {record.id: record for record in self._storage.sanctions.active(self._clock())}
        for record in stored.values():
            if record.id not in known:
                self._sanctions.add(record)
                self._end(record)
        for record in known.values():
            if record.id not in stored:
                self._sanctions.remove(record)

    def _end(self, record: SanctionRecord) -> None:
        if record.kind not in EXCLUDING:
            return
        event = EndEvent(END_KINDS[record.kind], record.reason, record.until)
        if record.user_id is not None:
            self._audience.end_user(record.user_id, event, here=True)
        if record.network is not None:
            self._audience.end_network(parse_network(record.network), event, here=True)

    def _compare_rooms(self) -> None:
        known = {record.id: record.lasting for record in self._directory.all()}
        stored = {record.id: record.lasting for record in self._storage.rooms.all()}
        for room_id in known.keys() | stored.keys():
            if known.get(room_id) != stored.get(room_id):
                self._acts.apply(Change("room", room_id))

    def _compare_users(self) -> None:
        for part in chunks(sorted(self._registry.online_users())):
            self._compare_rooms_of(part)
            for user_id, user in self._storage.users.by_ids(part).items():
                if user.erased:
                    self._audience.end_user(user_id, _GONE, here=True)
                elif self._is_changed(user):
                    self._acts.apply(Change("user", user_id))

    def _compare_rooms_of(self, user_ids: Sequence[int]) -> None:
        known = {user_id: self._registry.rooms_of(user_id) for user_id in user_ids}
        stored = self._storage.members.rooms_of(user_ids)
        for user_id, rooms in known.items():
            for room_id in rooms ^ stored.get(user_id, set()):
                self._acts.apply(Change("member", room_id, user_id))

    def _is_changed(self, user: UserRecord) -> bool:
        account = self._audience.account_of(user.id)
        known = account and (account.role, account.display_name, account.avatar)
        return known is not None and known != (user.role, user.display_name, user.avatar)
