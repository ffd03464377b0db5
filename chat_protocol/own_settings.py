"""The settings that a user has on the server, and which values each takes; it must not know what one does."""

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from chat_protocol import fields as check
from chat_protocol.errors import bad_request
from chat_protocol.limits import CALLING_WORD_MAX_CHARS, CALLING_WORDS_MAX

Value = str | bool | tuple[str, ...]
_OFFSET: Final = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")
_HOURS: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")


class Kind(NamedTuple):
    """One setting.

    :param check: passes on the values that it takes.
    :param of_rooms: whether it is chosen for each room, or once.
    """

    check: check.Check
    of_rooms: bool = False


def _moment(field: str, value: Any) -> str:
    check.moment(field, value)
    return str(value)


def _hours(field: str, value: Any) -> str:
    if type(value) is not str or not _HOURS.fullmatch(value):
        raise bad_request(field, f"{field} must be hours such as 22:00-07:00.")
    return value


def _offset(field: str, value: Any) -> Value:
    if value is not False and (type(value) is not str or not _OFFSET.fullmatch(value)):
        raise bad_request(field, f"{field} must be an offset from UTC such as +01:00, or false.")
    return value


def _words(field: str, value: Any) -> tuple[str, ...]:
    if type(value) is not tuple:
        raise bad_request(field, f"{field} must be a list of words.")
    return value


#: Without a value, or after `null`, each is as it was at first.
SETTINGS: Final[dict[str, Kind]] = {
    "notify": Kind(check.one_of("all", "mentions", "none"), of_rooms=True),
    "favourite": Kind(check.boolean, of_rooms=True),
    "pause_until": Kind(_moment),
    "quiet_hours": Kind(_hours),
    "words": Kind(_words),
    "receipts": Kind(check.boolean),
    "utc_offset": Kind(_offset),
}

_text = check.text(1, CALLING_WORD_MAX_CHARS)
_several: Final[Callable[[str, Any], tuple[str, ...]]] = check.several(_text, CALLING_WORDS_MAX)


def any_value(field: str, given: Any) -> Value:
    """Check that a value may be one of any setting's: a text, a list of words, true or false."""
    if type(given) is bool:
        return given
    return _several(field, given) if type(given) is list else str(_text(field, given))
