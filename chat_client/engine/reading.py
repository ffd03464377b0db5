"""What the user reads: the open room, its history and members, reading marks, joining and leaving."""

from __future__ import annotations

from typing import Any

from chat_client.engine.core import FOR_NOW, Core, failure, retry_after
from chat_client.model import changes as ch
from chat_client.model.changes import Change
from chat_client.model.state import RoomState
from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.names import DIRECT_PREFIX, clean_username
from chat_protocol.objects import Member
from chat_protocol.requests import History, Join, Leave, Members, Read, Request, Typing, Watch

READ_EVERY_S = 1.0
TYPING_EVERY_S = 3.0
HISTORY_RETRY_S = 2.0
MEMBERS_EVERY_S = 3.0


class Reader:
    """Open rooms and keep them complete."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._unsaid_reads: set[str] = set()
        self._read_said_at = -READ_EVERY_S
        self._typing_said: dict[str, float] = {}
        self._no_history_before = 0.0
        self._looked_at: tuple[str, bool] | None = None
        self._newcomers = False
        self._members_asked_at = -MEMBERS_EVERY_S

    def begin(self) -> None:
        """Begin anew after a sign-in: the server watches nothing yet."""
        self._no_history_before = 0.0
        self._typing_said.clear()
        self._looked_at = None

    # What the user does

    def open_room(self, key: str | None) -> None:
        """Show a room; the next poll watches it and loads what it shows."""
        if key is not None and key not in self._core.state.rooms:
            return
        self._core.state.open_room = key

    def direct(self, username: str) -> str:
        """Make sure that a private conversation exists in the state; return its key.

        :raises ChatError: `invalid_username`.
        """
        name = DIRECT_PREFIX + clean_username(username)
        known = self._core.model.rooms.find(name)
        if known is not None:
            return known.key
        room = self._core.model.rooms.ensure(name)
        room.display_name = self._core.model.people.person(room.partner).display_name
        self._core.emit(ch.RoomsChanged())
        return room.key

    def join(self, room: RoomState, reason: str) -> None:
        """Join, or ask to be let in."""
        room.join_reason = reason
        self._change_membership(room, Join(room.name, reason.strip() or None), "joined")

    def leave(self, room: RoomState) -> None:
        """Leave, or take back a request."""
        self._change_membership(room, Leave(room.name), "none")

    def load_older(self, room: RoomState) -> None:
        """Ask for the page before the newest unbroken part."""
        if room.joined and not room.loading:
            self._core.model.rooms.plan(room).want_older()

    def load_before(self, room: RoomState, seq: int) -> None:
        """Ask for the page that ends before `seq`."""
        if room.joined and not room.loading:
            self._core.model.rooms.plan(room).want_before(seq)

    def jump_to(self, room: RoomState, seq: int) -> None:
        """Load the history around a message."""
        self._core.emit(*self._core.model.jump_to(room, seq))

    def mark_read(self, room: RoomState, seq: int | None) -> None:
        """Say that all up to `seq` was read; the server hears of it at most once a second."""
        changes = self._core.model.mark_read(room, room.last_seq if seq is None else seq)
        if changes:
            self._unsaid_reads.add(room.key)
            self._core.emit(*changes)

    def refresh_members(self, room: RoomState) -> None:
        """Ask for the members of a room."""
        self._core.tell(Members(room.name), self._members)

    def typing(self, room: RoomState) -> None:
        """Tell that the user types."""
        now = self._core.monotonic()
        if room.joined and now - self._typing_said.get(room.key, -TYPING_EVERY_S) >= TYPING_EVERY_S:
            self._typing_said[room.key] = now
            self._core.tell(Typing(room.name))

    def somebody_joined(self) -> None:
        """Note a new member of the open room: the event tells the name, not the presence."""
        self._newcomers = True

    # What is due

    def pump(self) -> None:
        """Send the history requests and reading marks that are due."""
        if not self._core.online:
            return
        self._look()
        now = self._core.monotonic()
        if now >= self._no_history_before:
            for request in self._core.model.take_requests():
                self._ask_history(request)
        if self._newcomers and now - self._members_asked_at >= MEMBERS_EVERY_S:
            self._ask_members_again(now)
        if self._unsaid_reads and now - self._read_said_at >= READ_EVERY_S:
            self._read_said_at = now
            self._say_read()

    def close(self) -> None:
        """Say what was read in the last second: at the next start it would be unread again."""
        if self._core.online:
            self._say_read()

    def _ask_members_again(self, now: float) -> None:
        self._newcomers, self._members_asked_at = False, now
        room = self._core.state.rooms.get(self._core.state.open_room or "")
        if room is not None and room.joined:
            self.refresh_members(room)

    def _say_read(self) -> None:
        keys, self._unsaid_reads = self._unsaid_reads, set()
        for key in sorted(keys):
            room = self._core.state.rooms.get(key)
            if room is not None and room.joined:
                self._core.table.ask(
                    Read(room.name, room.read_seq), lambda frame: [], self._read_refused(key)
                )

    def _read_refused(self, key: str) -> Any:
        def refused(error: ChatError) -> list[Change]:
            if error.code in FOR_NOW:
                self._unsaid_reads.add(key)
            return []

        return refused

    def _ask_history(self, request: History) -> None:
        model = self._core.model

        def refused(error: ChatError) -> list[Change]:
            if error.code in FOR_NOW:
                wait_s = retry_after(error) or HISTORY_RETRY_S
                self._no_history_before = self._core.monotonic() + wait_s
            return model.history_failed(request, for_good=error.code not in FOR_NOW)

        self._core.table.ask(request, lambda frame: model.history_answered(request, frame), refused)

    def _look(self) -> None:
        """Watch the open room and load what it shows; again when it becomes one's own or comes to be."""
        room = self._core.state.rooms.get(self._core.state.open_room or "")
        # A private conversation exists on the server from its first message on.
        there = room is not None and room.joined and (not room.is_direct or room.last_seq > 0)
        looking_at = (room.key, there) if room is not None else None
        if looking_at == self._looked_at:
            return
        self._looked_at = looking_at
        self._core.tell(Watch(room.name if room is not None and there else None))
        if room is not None and there:
            if not room.covered:
                self._core.model.rooms.plan(room).want_newest()
            self.refresh_members(room)

    def _members(self, frame: dict[str, Any]) -> list[Change]:
        room = self._core.model.rooms.find(str(frame["room"]))
        if room is None:
            return []
        members = [Member.from_frame(item) for item in frame["members"]]
        total = int(frame.get("total", len(members)))
        return self._core.model.people.members(room, members, int(frame.get("online", 0)), total)

    def _change_membership(self, room: RoomState, request: Request, wanted: str) -> None:
        def answered(frame: dict[str, Any]) -> list[Change]:
            return self._core.model.rooms.set_membership(room, str(frame.get("membership", wanted)))

        def refused(error: ChatError) -> list[Change]:
            if error.code == ErrorCode.ALREADY_MEMBER:
                return self._core.model.rooms.set_membership(room, "joined")
            return [failure(request.TYPE, error, room.key)]

        self._core.ask(request, answered, refused, room=room.key)
