"""What the user does with rooms of their own: makes, edits and archives them; it decides on no right."""

from collections.abc import Callable, Sequence

from chat_client.engine.core import Core
from chat_client.model.changes import RequestDone
from chat_protocol.reply import Done
from chat_protocol.request import Request
from chat_protocol.room_events import RoomEvent
from chat_protocol.room_replies import RoomReply
from chat_protocol.room_requests import RoomAdd, RoomArchive, RoomCreate, RoomEdit, RoomRemove


class OwnRooms:
    """Ask the server to make and change rooms, which it tells of by events."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def create(
        self,
        name: str,
        kind: str = "private",
        people: Sequence[str] = (),
        topic: str = "",
        made: Callable[[str], None] = lambda _key: None,
    ) -> None:
        """Make a room with people in it.

        :param people: usernames.
        :param made: is given the key of the room.
        """

        def answered(reply: RoomReply) -> None:
            if reply.view is None:
                return
            self._core.model.rooms.room_event(RoomEvent(reply.view))
            room = self._core.model.rooms.find(reply.view.name, reply.view.id)
            if room is not None:
                made(room.key)

        self._core.ask(RoomCreate(name, kind, topic or None, tuple(people)), answered)

    def edit(
        self,
        room: str,
        *,
        name: str | None = None,
        topic: str | None = None,
        description: str | None = None,
        kind: str | None = None,
    ) -> None:
        """Change what is given of a room."""
        self._carry_out(room, lambda address: RoomEdit(address, name, topic, description, kind))

    def add(self, room: str, people: Sequence[str], owner: bool | None = None) -> None:
        """Let people into a room, or make members its owners (False: owners no more)."""
        self._carry_out(room, lambda address: RoomAdd(address, tuple(people), owner))

    def remove(self, room: str, username: str, reason: str = "") -> None:
        """Remove somebody from a room."""
        self._carry_out(room, lambda address: RoomRemove(address, username, reason or None))

    def archive(self, room: str, *, on: bool = True) -> None:
        """Make a room read-only and leave it out of the lists, or bring it back."""
        self._carry_out(room, lambda address: RoomArchive(address, on))

    def _carry_out(self, key: str, request_of: Callable[[str], Request]) -> None:
        room = self._core.room(key)
        if room is None:
            return
        request = request_of(room.address)

        def answered(_reply: Done) -> None:
            self._core.emit(RequestDone(request.TYPE, key))

        self._core.ask(request, answered, room=key)
