"""The messages pinned in rooms: asks when a room is opened, and follows events; it shows nothing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from chat_client.engine.core import Core
from chat_client.model.changes import PinsChanged, RequestDone
from chat_client.model.room_rights import PINS
from chat_client.model.state import RoomState
from chat_protocol.message_replies import PinnedPage
from chat_protocol.objects import Message
from chat_protocol.pin_requests import Pin, Pins
from chat_protocol.room_events import PinEvent

_CHANGES: Final = ("edit", "delete")


class PinnedMessages:
    """Keep `pins` of the rooms that were opened, the one pinned last first."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._told_meanwhile: set[str] = set()

    def refresh(self, room: RoomState) -> None:
        """Ask for all that is pinned in a room, where the server knows of pins."""
        if room.is_direct or PINS not in self._core.state.connection.capabilities:
            return
        self._told_meanwhile.discard(room.key)
        self._ask(room, (), None)

    def _ask(self, room: RoomState, found: Sequence[Message], before: int | None) -> None:
        def listed(page: PinnedPage) -> None:
            messages = [*found, *page.messages]
            if room.key in self._told_meanwhile:
                self.refresh(room)  # the page may be older than what was told
            elif page.next is not None:
                self._ask(room, messages, page.next)
            else:
                self._set(room, messages)

        self._core.tell(Pins(room.address, before), listed)

    def pin(self, key: str, seq: int, *, on: bool = True) -> None:
        """Pin a message, or take it off.

        :param key: the room's.
        """
        room = self._core.room(key)
        if room is not None:
            self._core.ask(
                Pin(room.address, seq, on), lambda _done: self._core.emit(RequestDone(Pin.TYPE)), room=key
            )

    def told(self, event: PinEvent) -> None:
        """Take what somebody has pinned, or taken off."""
        room = self._core.model.rooms.find(event.room, event.room_id)
        if room is None:
            return
        self._told_meanwhile.add(room.key)
        if room.pins is not None:
            rest = [pin for pin in room.pins if pin.seq != event.seq]
            self._set(room, [event.message, *rest] if event.on and event.message is not None else rest)

    def changed(self, change: Message) -> None:
        """Take an edit or a deletion of what may be pinned."""
        room = self._core.model.rooms.find(change.room, change.room_id)
        if change.kind not in _CHANGES or room is None or not room.pins:
            return
        self._told_meanwhile.add(room.key)
        at = next((at for at, pin in enumerate(room.pins) if pin.seq == change.target), None)
        if at is not None:
            edited = replace(room.pins[at], body=change.body, edited_at=change.sent_at)
            kept = [] if change.kind == "delete" else [edited]
            self._set(room, [*room.pins[:at], *kept, *room.pins[at + 1 :]])

    def _set(self, room: RoomState, pins: list[Message]) -> None:
        room.pins = pins
        self._core.emit(PinsChanged(room.key))
