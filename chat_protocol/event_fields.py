"""Checks of the fields of events, by their annotated types; it must not know any event."""

from types import NoneType, UnionType
from typing import Any, get_args, get_origin


def fits(value: Any, hint: Any) -> bool:
    """Say whether a JSON value is of an annotated type: plain, a dict of plain ones, or either of two."""
    if get_origin(hint) is UnionType:
        return any(fits(value, choice) for choice in get_args(hint))
    if get_origin(hint) is list:
        return type(value) is list and all(fits(one, get_args(hint)[0]) for one in value)
    if get_origin(hint) is dict:
        of_key, of_value = get_args(hint)
        return type(value) is dict and all(fits(k, of_key) and fits(v, of_value) for k, v in value.items())
    return type(value) is hint or (value is None and hint is NoneType)


def optional_text(frame: dict[str, Any], name: str) -> str | None:
    """Return a field that may be missing; raise TypeError for what is no text."""
    value = frame.get(name)
    if value is None or type(value) is str:
        return value
    raise TypeError(f"{name} is of the wrong type")
