"""The requests about what a user keeps here, as checked values; it must not know how they are answered."""

from dataclasses import dataclass

from chat_protocol import fields as check
from chat_protocol.errors import bad_request
from chat_protocol.limits import SAVED_PAGE_DEFAULT, SAVED_PAGE_MAX
from chat_protocol.own_settings import SETTINGS, any_value
from chat_protocol.request import Request, optional, required
from chat_protocol.requests import ROOM


@dataclass(frozen=True, slots=True)
class Settings(Request):
    """Ask for all of the user's settings."""

    TYPE = "settings"


@dataclass(frozen=True, slots=True)
class SetSetting(Request):
    """Choose one of the user's settings, for all of the user's devices.

    :param value: None takes the choice back.
    :param room: of a setting that each room has.
    """

    TYPE = "set"
    setting: str = required(check.one_of(*SETTINGS))
    value: str | bool | tuple[str, ...] | None = optional(any_value)
    room: str | None = optional(ROOM)

    def __post_init__(self) -> None:
        kind = SETTINGS[self.setting]
        if kind.of_rooms != (self.room is not None):
            raise bad_request(
                "room", f"{self.setting} is a setting {'of one' if kind.of_rooms else 'of no'} room."
            )
        if self.value is not None:
            kind.check("value", self.value)


@dataclass(frozen=True, slots=True)
class Save(Request):
    """Put a message on the user's own list, or (`on` false) take it off."""

    TYPE = "save"
    room: str = required(ROOM)
    seq: int = required(check.integer(1))
    on: bool = optional(check.boolean, True)


@dataclass(frozen=True, slots=True)
class Saved(Request):
    """Read the user's list of saved messages, the last one saved first.

    :param before: the `next` of the page before.
    """

    TYPE = "saved"
    before: int | None = optional(check.integer(1))
    limit: int = optional(check.integer(1, SAVED_PAGE_MAX), SAVED_PAGE_DEFAULT)


@dataclass(frozen=True, slots=True)
class Receipt(Request):
    """Ask how far the other one has read a private conversation."""

    TYPE = "receipt"
    room: str = required(ROOM)
