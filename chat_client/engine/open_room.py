"""Keeps the open room watched on the server and its members known; it sends no message and loads no page."""

import math
from typing import Final

from chat_client.engine.core import Core
from chat_client.engine.people import PeopleLookup
from chat_client.engine.pins import PinnedMessages
from chat_client.model.state import RoomState
from chat_protocol.own_replies import ReceiptReply
from chat_protocol.own_requests import Receipt
from chat_protocol.requests import Watch

MEMBERS_EVERY_S: Final = 3.0


class OpenRoom:
    """Follow `state.open_room`."""

    def __init__(self, core: Core, people: PeopleLookup, pins: PinnedMessages) -> None:
        self._core, self._people, self._pins = core, people, pins
        self._looked_at: tuple[str, bool] | None = None
        self._newcomers = False
        self._members_asked_at = -math.inf

    def begin(self) -> None:
        """Start again after a sign-in: the server watches nothing yet."""
        self._looked_at = None

    def somebody_joined(self) -> None:
        """Note a new member of the open room: the event tells the name, not the presence."""
        self._newcomers = True

    def pump(self) -> None:
        """Watch another room when another is open; ask for the members again when somebody is new."""
        if not self._core.online:
            return
        self._look()
        now = self._core.monotonic()
        if self._newcomers and now - self._members_asked_at >= MEMBERS_EVERY_S:
            self._newcomers, self._members_asked_at = False, now
            room = self._room()
            if room is not None and room.joined:
                self._people.refresh_members(room.key)

    def _room(self) -> RoomState | None:
        return self._core.room(self._core.state.open_room or "")

    def _look(self) -> None:
        """Watch the open room and load what it shows; again when the user joins it or it comes to exist."""
        room = self._room()
        # A private conversation exists on the server from its first message on.
        exists = room is not None and room.joined and (not room.is_direct or room.last_seq > 0)
        looking_at = (room.key, exists) if room is not None else None
        if looking_at == self._looked_at:
            return
        self._looked_at = looking_at
        self._core.tell(Watch(room.address if room is not None and exists else None))
        if room is not None and exists:
            plan = self._core.model.rooms.plan(room)
            plan.want_line()
            if not room.covered:
                plan.want_newest()
            self._people.refresh_members(room.key)
            self._ask_receipt(room)
            self._pins.refresh(room)
        if room is not None and room.is_direct:
            self._people.ask_about(room.partner)

    def _ask_receipt(self, room: RoomState) -> None:
        """Ask how far the other one has read a private conversation."""

        def answered(reply: ReceiptReply) -> None:
            self._core.model.partner_read(room, reply.read_seq or 0)

        if room.is_direct and "receipts" in self._core.state.connection.capabilities:
            self._core.tell(Receipt(room.address), answered)
