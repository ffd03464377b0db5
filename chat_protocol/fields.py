"""Checks of single request fields: a value in, the value out or `bad_request` naming the field."""

import re
from collections.abc import Callable
from typing import Any

from chat_protocol.errors import ChatError, ErrorCode, bad_request
from chat_protocol.limits import BODY_MAX_CHARS, SEQ_MAX
from chat_protocol.times import from_rfc3339

Check = Callable[[str, Any], Any]


def text(low: int, high: int) -> Check:
    """Return the check for a string of `low` to `high` characters that UTF-8 can carry."""

    def check(field: str, value: Any) -> str:
        if type(value) is not str or not low <= len(value) <= high:
            raise bad_request(field, f"{field} must be a string of {low} to {high} characters.")
        return encodable(field, value)

    return check


def encodable(field: str, value: str) -> str:
    """Refuse lone surrogates: JSON can spell them, UTF-8 and the databases cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise bad_request(field, f"{field} contains half of a surrogate pair.") from None
    return value


def body(field: str, value: Any) -> str:
    """Check the text of a message, which may be empty; a longer one has an error code of its own."""
    if type(value) is str and len(value) > BODY_MAX_CHARS:
        raise ChatError(
            ErrorCode.BODY_TOO_LONG, f"A message has at most {BODY_MAX_CHARS} characters.", field=field
        )
    checked: str = _body_text(field, value)
    return checked


_body_text = text(0, BODY_MAX_CHARS)
_DIGEST = re.compile("[0-9a-f]{64}")


def digest(field: str, value: Any) -> str:
    """Check a SHA-256 in lower-case hexadecimal."""
    if type(value) is not str or not _DIGEST.fullmatch(value):
        raise bad_request(field, f"{field} must be a SHA-256 in lower-case hexadecimal.")
    return value


def integer(low: int, high: int = SEQ_MAX) -> Check:
    """Return the check for a whole number from `low` to `high`."""

    def check(field: str, value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise bad_request(field, f"{field} must be a whole number from {low} to {high}.")
        return value

    return check


def seqs(field: str, value: Any) -> dict[str, int]:
    """Check an object of seqs by room."""
    if type(value) is not dict:
        raise bad_request(field, f"{field} must be an object of whole numbers.")
    check = integer(0)
    return {room: check(field, seq) for room, seq in value.items()}


def boolean(field: str, value: Any) -> bool:
    """Check a true or false."""
    if type(value) is not bool:
        raise bad_request(field, f"{field} must be true or false.")
    return value


def moment(field: str, value: Any) -> int:
    """Check an RFC 3339 time and return it in milliseconds since 1970."""
    try:
        return from_rfc3339(value)
    except (TypeError, ValueError, OverflowError):
        raise bad_request(field, f"{field} must be a time such as 2026-11-22T10:31:02.123Z.") from None


def one_of(*choices: str) -> Check:
    """Return the check for one of a few words."""

    def check(field: str, value: Any) -> str:
        if type(value) is not str or value not in choices:
            raise bad_request(field, f"{field} must be one of {', '.join(choices)}.")
        return value

    return check


def several(check_one: Check, most: int) -> Check:
    """Return the check for a list of at most `most` values that each pass a check."""

    def check(field: str, value: Any) -> tuple[Any, ...]:
        if type(value) is not list or len(value) > most:
            raise bad_request(field, f"{field} must be a list of at most {most}.")
        return tuple(check_one(field, one) for one in value)

    return check
