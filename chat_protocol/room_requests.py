"""The requests of those who keep rooms, as checked values; it must not know how they are answered."""

from dataclasses import dataclass
from typing import Final

from chat_protocol import fields as check
from chat_protocol.errors import bad_request
from chat_protocol.limits import DESCRIPTION_MAX_CHARS, PEOPLE_ADDED_MAX, TOPIC_MAX_CHARS
from chat_protocol.request import Request, optional, required
from chat_protocol.requests import REASON, ROOM, USERNAME

_KIND: Final = check.one_of("public", "moderated", "private")
_TOPIC: Final = check.text(0, TOPIC_MAX_CHARS)
_PEOPLE: Final = check.several(USERNAME, PEOPLE_ADDED_MAX)


@dataclass(frozen=True, slots=True)
class RoomCreate(Request):
    """Make a room, which is then the user's.

    :param people: usernames of those who belong to it from the beginning.
    """

    TYPE = "room.create"
    name: str = required(ROOM)
    kind: str = optional(_KIND, "private")
    topic: str | None = optional(_TOPIC)
    people: tuple[str, ...] = optional(_PEOPLE, ())


@dataclass(frozen=True, slots=True)
class RoomEdit(Request):
    """Change what is given of a room; the rest stays."""

    TYPE = "room.edit"
    room: str = required(ROOM)
    name: str | None = optional(ROOM)
    topic: str | None = optional(_TOPIC)
    description: str | None = optional(check.text(0, DESCRIPTION_MAX_CHARS))
    kind: str | None = optional(_KIND)


@dataclass(frozen=True, slots=True)
class RoomAdd(Request):
    """Let people into a room; who is a member stays one.

    :param owner: make all of them owners, or (false) owners no more; None leaves that as it is.
    """

    TYPE = "room.add"
    room: str = required(ROOM)
    people: tuple[str, ...] = required(_PEOPLE)
    owner: bool | None = optional(check.boolean)

    def __post_init__(self) -> None:
        if not self.people:
            raise bad_request("people", "Say who is to be added.")


@dataclass(frozen=True, slots=True)
class RoomRemove(Request):
    """Remove somebody from a room."""

    TYPE = "room.remove"
    room: str = required(ROOM)
    username: str = required(USERNAME)
    reason: str | None = optional(REASON)


@dataclass(frozen=True, slots=True)
class RoomArchive(Request):
    """Make a room read-only and leave it out of the lists, or (`on` false) take that back."""

    TYPE = "room.archive"
    room: str = required(ROOM)
    on: bool = optional(check.boolean, True)
