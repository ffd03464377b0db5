"""The least and the most that each field of a request takes, and what stands for one that is left out."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, Final

import pytest

from chat_protocol.errors import ChatError
from chat_protocol.limits import SEQ_MAX
from chat_protocol.request_reading import REQUESTS

MAKE: Final[dict[str, Callable[[int], Any]]] = {
    "number": lambda size: size,
    "text": lambda size: "x" * size,
    "list": lambda size: [f"f{number}" for number in range(size)],
}
# What is taken, and of which requests' fields: numbers, characters, or how many in a list.
EDGES: Final = {
    ("text", 1, 128): (
        "username: register login moderation.decide moderation.sanction moderation.lift",
        "username: moderation.role moderation.password moderation.devices moderation.end_device",
        "username: moderation.invite person room.remove",
        "username: avatar moderation.avatar",
    ),
    ("text", 1, 61_440): ("data: set_avatar",),
    ("text", 1, 1_024): (
        "password: register login",
        "old: password",
        "new: password",
    ),
    ("text", 1, 60): ("display_name: register profile",),
    ("text", 0, 64): ("device: register login resume",),
    ("text", 1, 100): ("invitation: register",),
    ("text", 1, 200): (
        "token: resume",
        "actor: moderation.audit",
        "target: moderation.audit",
    ),
    ("text", 1, 240): (
        "room: send edit delete react upload history read join leave members watch typing",
        "room: search moderation.decide moderation.sanction moderation.lift moderation.accept",
        "room: set save receipt pin pins room.edit room.add room.remove room.archive",
        "name: room.create room.edit",
    ),
    ("text", 0, 4_000): ("body: send edit",),
    ("text", 1, 64): (
        "nonce: send edit delete react upload",
        "file: download",
        "id: end_device moderation.end_device",
        "address: moderation.sanction moderation.lift",
    ),
    ("number", 1, SEQ_MAX): (
        "reply_to: send",
        "seq: edit delete react save pin",
        "before: history moderation.sanctions moderation.audit saved pins",
        "number: moderation.lift moderation.revoke",
    ),
    ("list", 0, 10): ("files: send",),
    ("text", 1, 16): ("emoji: react",),
    ("text", 1, 255): ("name: upload",),
    ("number", 0, SEQ_MAX): (
        "size: upload",
        "offset: download",
        "length: download",
        "after: history",
        "seq: read",
    ),
    ("number", 0, 65_536): ("preview: upload",),
    ("number", 1, 200): ("limit: history sync",),
    ("text", 0, 300): (
        "reason: join moderation.decide moderation.sanction room.remove",
        "topic: room.create room.edit",
    ),
    ("text", 0, 128): (
        "after_username: members users",
        "prefix: users",
    ),
    ("list", 0, 50): (
        "rooms: watch",
        "people: moderation.accept room.create room.add",
    ),
    ("text", 0, 80): ("text: status",),
    ("text", 1, 300): ("query: search",),
    ("number", 1, 100): ("limit: search users moderation.sanctions moderation.audit saved",),
    ("number", 1, 3_162_240_000): ("duration: moderation.sanction",),
    ("number", 1, 365): ("days: moderation.invite",),
    ("text", 1, 40): ("value: set",),
    ("number", 1, 50): ("limit: pins",),
    ("text", 0, 1_000): ("description: room.edit",),
}
CASES: Final = [
    (request, field, *edge)
    for edge, places in EDGES.items()
    for field, _, requests in (place.partition(": ") for place in places)
    for request in requests.split()
]
# Of the fields that may be left out; the others are then None.
DEFAULTS: Final = {
    "send files": (),
    "react on": True,
    "upload preview": 0,
    "download offset": 0,
    "download preview": False,
    "history limit": 50,
    "sync limit": 50,
    "quiet on": True,
    "search limit": 25,
    "users prefix": "",
    "users limit": 25,
    "moderation.sanctions limit": 50,
    "moderation.invite role": "member",
    "moderation.audit limit": 50,
    "save on": True,
    "saved limit": 50,
    "pin on": True,
    "pins limit": 50,
    "room.create kind": "private",
    "room.create people": (),
    "room.archive on": True,
}


@pytest.mark.parametrize(("request_", "field", "kind", "least", "most"), CASES)
def test_field_takes_what_lies_between_its_edges(
    request_: str, field: str, kind: str, least: int, most: int
) -> None:
    """The edges pass, and what lies one beyond them is refused with the name of the field."""
    check = next(each.metadata["check"] for each in fields(REQUESTS[request_]) if each.name == field)
    for size in (least, most):
        taken = check(field, MAKE[kind](size))
        assert taken == (tuple(MAKE[kind](size)) if kind == "list" else MAKE[kind](size))
    beyond = [most + 1, *([least - 1] if least or kind == "number" else [])]
    for size in beyond:
        with pytest.raises(ChatError) as caught:
            check(field, MAKE[kind](size))
        assert caught.value.extra["field"] == field


def test_each_number_text_and_list_has_its_edges() -> None:
    """A new field comes with a row here."""
    known = {(request, field) for request, field, *_ in CASES}
    for name, request in REQUESTS.items():
        for each in fields(request):
            words = getattr(each.metadata["check"], "__qualname__", "")
            if words.partition(".")[0] in ("integer", "text", "several"):
                assert (name, each.name) in known


def test_fields_that_are_left_out() -> None:
    """A client that leaves one out gets what it has always got."""
    found = {
        f"{name} {each.name}": each.default
        for name, request in REQUESTS.items()
        for each in fields(request)
        if isinstance(each.default, bool | int | str | tuple)
    }
    assert found == DEFAULTS
    assert [type(value) for value in found.values()] == [type(value) for value in DEFAULTS.values()]
