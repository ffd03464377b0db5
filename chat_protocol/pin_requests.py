"""The requests about pinned messages, as checked values; it must not know how they are answered."""

from dataclasses import dataclass

from chat_protocol import fields as check
from chat_protocol.limits import PINS_MAX
from chat_protocol.request import Request, optional, required
from chat_protocol.requests import ROOM


@dataclass(frozen=True, slots=True)
class Pin(Request):
    """Put a message above its room's timeline, for all members, or (`on` false) take it off."""

    TYPE = "pin"
    room: str = required(ROOM)
    seq: int = required(check.integer(1))
    on: bool = optional(check.boolean, True)


@dataclass(frozen=True, slots=True)
class Pins(Request):
    """Read the pinned messages of a room, the one pinned last first.

    :param before: the `next` of the page before.
    """

    TYPE = "pins"
    room: str = required(ROOM)
    before: int | None = optional(check.integer(1))
    limit: int = optional(check.integer(1, PINS_MAX), PINS_MAX)
