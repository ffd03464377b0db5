"""Loads the history of rooms page by page, and tells the server what was read; it decides on no gap."""

import math
from typing import Final

from chat_client.engine.core import RETRIED_LATER, Core, retry_after
from chat_client.model.state import RoomState
from chat_protocol.errors import ChatError
from chat_protocol.message_replies import HistoryPage, ReadMarked
from chat_protocol.requests import History, Read

READ_EVERY_S: Final = 0.75  # the user's other devices are to have it within a second
HISTORY_RETRY_S: Final = 2.0


class HistoryLoader:
    """Ask for pages and keep reading marks, for all rooms."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._untold_reads: set[str] = set()
        self._read_told_at = -math.inf
        self._not_before = 0.0
        self._sync_due = self._syncing = self._told_nothing = False

    def begin(self) -> None:
        """Start again after a sign-in."""
        self._not_before = 0.0
        state = self._core.state
        self._sync_due, self._syncing = "sync" in state.connection.capabilities, False
        # Until a one-time password is changed the server tells of no message: after that, all is asked.
        self._told_nothing = self._told_nothing or state.must_change_password

    def load_older(self, room: str) -> None:
        """Ask for the page before the newest unbroken part; nothing while one is under way."""
        known = self._core.room(room)
        if known is not None and known.joined and not known.loading:
            self._core.model.rooms.plan(known).want_older()
            self._core.wake()

    def load_before(self, room: str, seq: int) -> None:
        """Ask for the page that ends before `seq` (to fill a gap that `RoomState.gap_before` reports)."""
        known = self._core.room(room)
        if known is not None and known.joined and not known.loading:
            self._core.model.rooms.plan(known).want_before(seq)
            self._core.wake()

    def jump_to(self, room: str, seq: int) -> None:
        """Load the history around a message; the change JumpReady tells when it can be shown."""
        if (known := self._core.room(room)) is not None:
            self._core.model.jump_to(known, seq)
            self._core.wake()

    def follow(self, room: str, after: int) -> None:
        """Have all that is said in a room after a seq: pages are asked for until none is missing."""
        if (known := self._core.room(room)) is not None:
            self._core.model.rooms.plan(known).follow(after)
            self._core.wake()

    def is_joining(self, room: str) -> bool:
        """Say whether the user has just entered a room, and how far it counts as read is not known yet."""
        known = self._core.room(room)
        return known is not None and self._core.model.rooms.is_joining(known)

    def forget_before(self, room: str, seq: int) -> None:
        """Let go of what is loaded of a room before a seq; it is not loaded again."""
        if (known := self._core.room(room)) is not None:
            self._core.model.rooms.timeline(known).forget_before(seq)

    def mark_read(self, room: str, seq: int | None = None) -> None:
        """Say that all up to `seq` (None: the newest) was read; the server is told soon."""
        if (known := self._core.room(room)) is None:
            return
        was_read = known.read_seq
        self._core.model.mark_read(known, known.last_seq if seq is None else seq)
        if known.read_seq > was_read:
            self._untold_reads.add(room)

    def pump(self) -> None:
        """Send the history requests and reading marks that are due."""
        if not self._core.online:
            return
        now = self._core.monotonic()
        if self._sync_due:
            self._sync_due = False
            self._sync()
        if now >= self._not_before and not self._syncing:
            for request in self._core.model.take_requests():
                self._ask(request)
        if now - self._read_told_at >= READ_EVERY_S:
            rooms = self._core.state.rooms
            self._untold_reads |= {key for key, room in rooms.items() if room.counts_wanted and room.joined}
            if self._untold_reads:
                self._read_told_at = now
                self._tell_read()

    def close(self) -> None:
        """Tell what was read in the last second: at the next start it would be unread again."""
        if self._core.online:
            self._tell_read()

    def _sync(self) -> None:
        """Ask in one request for what was missed in many rooms; pages fill what it leaves out."""
        request = self._core.model.sync_request(always=self._told_nothing)
        self._told_nothing = False
        if request is None:
            return

        def ended(_answer: object) -> None:
            self._syncing = False

        self._syncing = True
        self._core.replies.ask(request, ended, ended)

    def _tell_read(self) -> None:
        keys, self._untold_reads = self._untold_reads, set()
        for key in sorted(keys):
            room = self._core.room(key)
            if room is not None and room.joined:
                self._ask_read(room, Read(room.address, room.read_seq, room.counts_wanted or None))
                room.counts_wanted = False

    def _ask_read(self, room: RoomState, request: Read) -> None:
        def refused(error: ChatError) -> None:
            if error.code in RETRIED_LATER:
                self._untold_reads.add(room.key)
                room.counts_wanted = room.counts_wanted or bool(request.counts)

        def answered(reply: ReadMarked) -> None:
            if request.counts:
                self._core.model.counted(room, reply)

        self._core.replies.ask(request, answered, refused)

    def _ask(self, request: History) -> None:
        core = self._core

        def refused(error: ChatError) -> None:
            later = error.code in RETRIED_LATER or core.model.follows(request)
            if later:
                self._not_before = core.monotonic() + (retry_after(error) or HISTORY_RETRY_S)
            core.model.history_failed(request, for_good=not later)

        def answered(page: HistoryPage) -> None:
            core.model.history_answered(request, page)

        core.replies.ask(request, answered, refused)
