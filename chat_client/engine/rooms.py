"""What the user does with rooms: open, join, leave, talk in private, choose, type; no history."""

import math
from typing import Final

from chat_client.engine.core import Core, failure
from chat_client.engine.own_settings import OwnSettings
from chat_client.model.changes import RoomChanged, RoomsChanged
from chat_client.model.state import NotifyLevel, RoomState
from chat_client.store.drafts import Drafts
from chat_client.store.settings import Settings
from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.names import DIRECT_PREFIX, clean_username
from chat_protocol.request import Request
from chat_protocol.requests import Join, Leave, Typing
from chat_protocol.room_replies import RoomReply

TYPING_EVERY_S: Final = 3.0


class RoomActions:
    """Change which rooms the user is in, and what is kept of each."""

    def __init__(self, core: Core, settings: Settings, drafts: Drafts, own: OwnSettings) -> None:
        self._core, self._settings, self._drafts, self._own = core, settings, drafts, own
        self._typing_told: dict[str, float] = {}

    def begin(self) -> None:
        """Start again after a sign-in: the server has been told of no typing."""
        self._typing_told.clear()

    def open(self, room: str | None) -> None:
        """Show a room (None: show none); the next poll watches it and loads what it shows."""
        if room is None or self._core.room(room) is not None:
            self._core.state.open_room = room
            self._core.wake()
            if (known := self._core.room(room or "")) is not None:
                known.news = False
                self._settings.set_open_room(self._core.account, known.kept_as)

    def last_open(self) -> str | None:
        """Return the key of the room that was open last, also in an earlier run; None where it is gone."""
        last = self._settings.open_room(self._core.account)
        rooms = self._core.state.rooms.values()
        return next((room.key for room in rooms if last in (room.kept_as, room.key)), None)

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
        self._core.emit(RoomsChanged())
        return room.key

    def join(self, room: str, reason: str = "") -> None:
        """Join a room, or ask to be let in where it is moderated."""
        if (known := self._core.room(room)) is not None:
            self._change_membership(known, Join(known.address, reason.strip() or None))

    def leave(self, room: str) -> None:
        """Leave a room, or take back a request to join it."""
        if (known := self._core.room(room)) is not None:
            self._change_membership(known, Leave(known.address))

    def set_notify(self, room: str, level: NotifyLevel) -> None:
        """Choose which messages of a room call for attention, on all devices where the server keeps that."""
        if (known := self._core.room(room)) is not None:
            known.notify = level
            self._own.set_notify_level(known, level)
            self._core.emit(RoomChanged(room))

    def favourites(self) -> frozenset[str]:
        """Return the favourites of the account, as they are kept (`RoomState.kept_as`)."""
        return self._own.favourites()

    def set_favourite(self, room: str, favourite: bool) -> None:
        """Put a room among the favourites or take it out, on all devices where the server keeps that."""
        if (known := self._core.room(room)) is not None:
            self._own.set_favourite(known, favourite)

    def set_draft(self, room: str, text: str) -> None:
        """Keep what stands in the composer; written to disk within seconds and at the end of the program."""
        if (known := self._core.room(room)) is not None and known.draft != text:
            had_draft, known.draft = bool(known.draft.strip()), text
            self._drafts.put(self._core.account, known.kept_as, text)
            if bool(text.strip()) != had_draft:
                self._core.emit(RoomChanged(room))

    def forget_draft(self, room: RoomState) -> None:
        """Forget what stood in the composer of a room that is gone, or that the user is out of."""
        room.draft = ""
        self._drafts.put(self._core.account, room.kept_as, "")

    def typing(self, room: str) -> None:
        """Tell that the user types; at most one frame every few seconds goes out."""
        known, now = self._core.room(room), self._core.monotonic()
        if known is None or not known.joined:
            return
        if now - self._typing_told.get(room, -math.inf) >= TYPING_EVERY_S:
            self._typing_told[room] = now
            self._core.tell(Typing(known.address))

    def _change_membership(self, room: RoomState, request: Request) -> None:
        def answered(reply: RoomReply) -> None:
            if reply.view is not None:  # of a room that was entered: how far it is read, too
                self._core.model.rooms.update(reply.view)
            self._core.model.rooms.set_membership(room, reply.membership)

        def refused(error: ChatError) -> None:
            if error.code == ErrorCode.ALREADY_MEMBER:
                self._core.model.rooms.set_membership(room, "joined")
            else:
                self._core.emit(failure(request.TYPE, error, room.key))

        self._core.ask(request, answered, refused)
