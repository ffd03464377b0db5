"""From a frame to a checked request, by the table of all requests; it must not know how they are answered."""

import json
from dataclasses import MISSING, fields
from typing import Any, Final

from chat_protocol import fields as check
from chat_protocol import (
    moderation_requests,
    own_requests,
    people_requests,
    pin_requests,
    requests,
    room_requests,
)
from chat_protocol.errors import ChatError, ErrorCode, bad_request
from chat_protocol.limits import BODY_MAX_CHARS, NONCE_MAX_CHARS, ROOM_NAME_MAX_CHARS, SEQ_MAX
from chat_protocol.request import Ref, Request
from chat_protocol.requests import Send

# Imported for the requests that they define.
_MODULES: Final = (requests, moderation_requests, room_requests, own_requests, pin_requests, people_requests)
REQUESTS: Final[dict[str, type[Request]]] = {kind.TYPE: kind for kind in Request.__subclasses__()}

# (name, check, is it required) of each request's fields, looked up once: every frame is read by this table.
_CHECKS: Final = {
    name: tuple((item.name, item.metadata["check"], item.default is MISSING) for item in fields(kind))
    for name, kind in REQUESTS.items()
}


def ref_of(frame: dict[str, Any]) -> Ref:
    """Return the request's `ref`.

    :raises ChatError: `bad_request` when it is neither a string nor an integer.
    """
    ref = frame.get("ref")
    if type(ref) is str:
        return check.encodable("ref", ref)
    if ref is None or (type(ref) is int and -SEQ_MAX <= ref <= SEQ_MAX):
        return ref
    raise bad_request("ref", "ref must be a string or a whole number within ±(2^53 - 1).")


def require_whole_characters(frame: dict[str, Any]) -> None:
    """Refuse half of a surrogate pair anywhere in a frame, unknown fields included.

    :raises ChatError: `bad_request`, with the field's name.
    """
    for name, value in frame.items():
        check.encodable(name, json.dumps({name: value}, ensure_ascii=False))


def type_of(frame: dict[str, Any]) -> type[Request] | None:
    """Return the type of a frame whose other fields may be of any form; None for an unknown one."""
    kind = frame.get("type")
    return REQUESTS.get(kind) if type(kind) is str else None


def parse_request(frame: dict[str, Any]) -> Request:
    """Read a request from a frame; unknown fields are ignored, null counts as absent.

    :raises ChatError: `unknown_type`; `bad_request` or `body_too_long`, with the field's name.
    """
    kind = frame.get("type")
    if type(kind) is not str:
        raise bad_request("type", "type must be a string.")
    if kind not in REQUESTS:
        raise ChatError(ErrorCode.UNKNOWN_TYPE, "This server does not know that type of request.")
    if kind == "send" and (send := _usual_send(frame)) is not None:
        return send
    values = {}
    for name, checker, required in _CHECKS[kind]:
        value = frame.get(name)
        if value is not None:
            values[name] = checker(name, value)
        elif required:
            raise bad_request(name, f"{name} is missing.")
    return REQUESTS[kind](**values)


def _usual_send(frame: dict[str, Any]) -> Send | None:
    """Read the request that nearly all are, in a few comparisons; None when it needs the full checks."""
    room, body, nonce = frame.get("room"), frame.get("body"), frame.get("nonce")
    if (
        type(room) is str
        and 0 < len(room) <= ROOM_NAME_MAX_CHARS
        and type(body) is str
        and 0 < len(body) <= BODY_MAX_CHARS
        and type(nonce) is str
        and 0 < len(nonce) <= NONCE_MAX_CHARS
        and "reply_to" not in frame
        and "files" not in frame
        and _is_encodable(room)
        and _is_encodable(body)
        and _is_encodable(nonce)
    ):
        return Send(room, body, nonce)
    return None


def _is_encodable(text: str) -> bool:
    """Return whether UTF-8 can carry a string: all but those with half of a surrogate pair."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
