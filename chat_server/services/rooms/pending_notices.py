"""What became of requests to join while their users were away, told at the next sign-in; it decides nothing.

Any thread. All of it stands in memory and in one setting, so a sign-in without them costs nothing.
"""

import json
import logging
import threading
from collections.abc import Sequence
from typing import Final

from chat_protocol.room_events import MembershipEvent
from chat_server.services.audience import Audience
from chat_server.storage import Storage
from chat_server.storage.core.errors import StorageError

_log = logging.getLogger("chat.pending_notices")

SETTING: Final = "tidings"  # the name that version 1.0.0 wrote
VALUE_MAX_BYTES: Final = 60_000  # MySQL's TEXT holds 65,535; past it the oldest are dropped

Fields = dict[str, str | None]


class PendingNotices:
    """Keep events for users who are away.

    :param storage: keeps them over restarts.
    :param audience: tells those who are not.
    """

    def __init__(self, storage: Storage, audience: Audience) -> None:
        self._storage = storage
        self._audience = audience
        self._lock = threading.Lock()  # guards _waiting
        stored = json.loads(storage.settings.get(SETTING) or "{}")
        self._waiting: dict[int, list[Fields]] = {int(user_id): events for user_id, events in stored.items()}

    def tell(self, user_id: int, event: MembershipEvent) -> None:
        """Tell a user's connections, wherever they are, or else keep the event until the user signs in."""
        if not (self._audience.to_user(user_id, event) or self._audience.is_elsewhere(user_id)):
            self.save(user_id, event)

    def save(self, user_id: int, event: MembershipEvent) -> None:
        """Keep an event until the user signs in; a later one about the same room takes its place."""
        fields: Fields = {"room": event.room, "membership": event.membership, "reason": event.reason}
        fields["room_id"] = event.room_id
        with self._lock:
            kept = self._waiting.pop(user_id, ())
            others = [one for one in kept if not _same_room(one, event)]
            self._waiting[user_id] = [*others, fields]
        self._store()

    def pop(self, user_id: int) -> Sequence[MembershipEvent]:
        """Return what waits for a user, and keep it no longer."""
        if user_id not in self._waiting:
            return ()
        with self._lock:
            events = self._waiting.pop(user_id, [])
        self._store()
        return [
            MembershipEvent(str(one["room"]), str(one["membership"]), one["reason"], one.get("room_id"))
            for one in events
        ]

    def _store(self) -> None:
        """Write all of it down. What cannot be written is told all the same, as long as the server runs.

        Two threads may write in the other order than they changed it: after a restart one event may then be
        told twice, or be seen from the list of rooms alone.
        """
        with self._lock:
            value = json.dumps(self._waiting, ensure_ascii=False)
            while len(value.encode()) > VALUE_MAX_BYTES:
                del self._waiting[next(iter(self._waiting))]
                value = json.dumps(self._waiting, ensure_ascii=False)
        try:
            self._storage.settings.set(SETTING, value)
        except StorageError as error:
            _log.warning("what became of requests to join could not be written down: %s", error)


def _same_room(kept: Fields, event: MembershipEvent) -> bool:
    """Return whether a kept event is about the room of another, which may have been renamed since."""
    if kept.get("room_id") and event.room_id:
        return kept["room_id"] == event.room_id
    return kept["room"] == event.room
