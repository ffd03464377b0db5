"""How long rooms keep messages: the rules, and their application; it must not know who shows them.

The rules are read and set on the thread of whoever acts; the timer thread applies them, a little at a time.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from chat_server.live.directory import RoomDirectory
from chat_server.services.moderation.audit import Audit
from chat_server.services.vocabulary.actors import Actor, require
from chat_server.services.vocabulary.durations import format_duration
from chat_server.storage import Storage
from chat_server.storage.core.errors import StorageError
from chat_server.storage.core.records import RoomRecord

SETTING: Final = "retention"
TURN_EVERY_S: Final = 1.0
LOOK_EVERY_MS: Final = 300_000
BATCH_MESSAGES: Final = 500
BATCHES_A_TURN: Final = 4

_log = logging.getLogger("chat.retention")


@dataclass(frozen=True, slots=True)
class Rules:
    """For how many milliseconds messages are kept; None: for good.

    :param everywhere: in every room without a rule of its own, private conversations included.
    :param rooms: in the rooms that have one, by their ids.
    """

    everywhere: int | None = None
    rooms: Mapping[int, int | None] = field(default_factory=dict)

    def of(self, room_id: int) -> int | None:
        """Return what holds in a room."""
        return self.rooms.get(room_id, self.everywhere)


class Retention:
    """Keep the rules and remove what they do not keep.

    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(
        self, storage: Storage, directory: RoomDirectory, audit: Audit, clock: Callable[[], int]
    ) -> None:
        self._storage = storage
        self._directory = directory
        self._audit = audit
        self._clock = clock
        # The timer thread's; a console sets it back to 0, at worst a look too early or five minutes late.
        self._next_look = 0

    def rules(self) -> Rules:
        """Return the rules."""
        stored = self._storage.settings.get(SETTING)
        if stored is None:
            return Rules()
        found = json.loads(stored)
        return Rules(found["everywhere"], {int(key): value for key, value in found["rooms"].items()})

    def set_rule(self, actor: Actor, room: RoomRecord | None, keep_ms: int | None) -> None:
        """Keep the messages of one room, or of every room without a rule of its own, for so long.

        :param room: None for every room.
        :param keep_ms: None for good. A room that keeps for good does so whatever holds everywhere.
        :raises ChatError: `forbidden`.
        """
        with self._audit.act(actor, "retention", room.name if room else "all", format_duration(keep_ms)):
            require(actor, "admin")
            rules = self.rules()
            everywhere = rules.everywhere if room else keep_ms
            rooms = {**rules.rooms, room.id: keep_ms} if room else rules.rooms
            self._storage.settings.set(SETTING, json.dumps({"everywhere": everywhere, "rooms": rooms}))
        self._next_look = 0

    def preview(self, room: RoomRecord | None, keep_ms: int) -> list[tuple[RoomRecord, int]]:
        """Return from which rooms such a rule would remove messages now, and how many; nothing is removed."""
        own = self.rules().rooms
        now = self._clock()
        before = now - keep_ms
        found = []
        for record in self._storage.retention.rooms_with_older(before, now):
            if record.id == room.id if room else record.id not in own:
                count = self._storage.retention.first_kept(record, before, now) - record.first_seq
                found.append((record, count))
        return found

    def apply(self) -> int:
        """Remove some of what is too old; the timer calls it every second. Return how many messages went."""
        now = self._clock()
        if self._next_look - LOOK_EVERY_MS <= now < self._next_look:  # earlier: the clock was set back
            return 0
        self._next_look = now + LOOK_EVERY_MS
        try:
            removed = self._apply_batches(now)
        except StorageError as error:
            _log.debug("what is too old stays until the database answers: %s", error)
            return 0
        if removed:
            self._next_look = 0  # there may be more
        return removed

    def _apply_batches(self, now: int) -> int:
        removed = 0
        batches_left = BATCHES_A_TURN
        for room_id, before in self._expired(now):
            count = BATCH_MESSAGES
            while batches_left and count == BATCH_MESSAGES:
                count, first_seq = self._storage.retention.remove(room_id, before, BATCH_MESSAGES, now)
                if count:
                    self._directory.set_first_seq(room_id, first_seq)
                    _log.info("room %d: %d old messages removed, it starts at %d", room_id, count, first_seq)
                removed += count
                batches_left -= 1
        return removed

    def _expired(self, now: int) -> list[tuple[int, int]]:
        """Return the rooms that hold something too old, each with the time from which on it keeps."""
        rules = self.rules()
        periods = {keep_ms for keep_ms in (rules.everywhere, *rules.rooms.values()) if keep_ms is not None}
        return [
            (room.id, now - keep_ms)
            for keep_ms in sorted(periods)
            for room in self._storage.retention.rooms_with_older(now - keep_ms, now)
            if rules.of(room.id) == keep_ms
        ]
