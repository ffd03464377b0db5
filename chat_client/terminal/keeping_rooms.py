"""What can be typed to make and keep rooms; the server decides who may, and the engine carries it out."""

from collections.abc import Callable
from functools import partial

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model.state import RoomState
from chat_client.terminal.moderating import Lines, Mistake, parts

KINDS = ("public", "moderated", "private")


class KeepingRooms:
    """Carry out the lines of those who make rooms and own them.

    :param open_room: returns the room in which lines are said, or raises `Mistake`.
    :param opened: is given the key of a room that was made.
    """

    def __init__(
        self, client: Client, open_room: Callable[[], RoomState], opened: Callable[[str], None]
    ) -> None:
        self._client = client
        self._open_room = open_room
        self._opened = opened
        self.lines: Lines = {
            "create": partial(self._create, "private"),
            "create-public": partial(self._create, "public"),
            "create-moderated": partial(self._create, "moderated"),
            "add": lambda rest: self._add(rest, None),
            "owner": lambda rest: self._add(rest, True),
            "no-owner": lambda rest: self._add(rest, False),
            "remove": self._remove,
            "topic": lambda rest: self._rooms.edit(self._key(), topic=rest),
            "describe": lambda rest: self._rooms.edit(self._key(), description=rest),
            "rename": self._rename,
            "kind": self._kind,
            "archive": lambda _rest: self._rooms.archive(self._key()),
            "unarchive": lambda _rest: self._rooms.archive(self._key(), on=False),
        }
        self._rooms = client.own_rooms

    def _key(self) -> str:
        room = self._open_room()
        if room.is_direct:
            raise Mistake(_("terminal.direct_stays"))
        return room.key

    def _create(self, kind: str, rest: str) -> None:
        name, people = parts(rest)
        if not name:
            raise Mistake(_("terminal.which_name"))
        self._rooms.create(name, kind, _names(people), made=self._opened)

    def _add(self, rest: str, owner: bool | None) -> None:
        if not rest:
            raise Mistake(_("terminal.which_person"))
        self._rooms.add(self._key(), _names(rest), owner)

    def _remove(self, rest: str) -> None:
        name, reason = parts(rest)
        if not name or " " in name:
            raise Mistake(_("terminal.which_person"))
        self._rooms.remove(self._key(), name, reason)

    def _rename(self, rest: str) -> None:
        if not rest:
            raise Mistake(_("terminal.which_name"))
        self._rooms.edit(self._key(), name=rest)

    def _kind(self, rest: str) -> None:
        if rest not in KINDS:
            raise Mistake(_("terminal.which_kind"))
        self._rooms.edit(self._key(), kind=rest)


def _names(text: str) -> list[str]:
    """Return the usernames in a line."""
    return [name.strip(",") for name in text.split() if name.strip(",")]
