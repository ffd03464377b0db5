"""Replies: each request has its reply, and what the server writes is what the client reads."""

import contextlib
from dataclasses import MISSING, fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_protocol import (
    message_replies,
    moderation_replies,
    own_replies,
    people_requests,
    replies,
    requests,
    room_replies,
)
from chat_protocol import reply as reply_parts
from chat_protocol.frames import decode_object, encode_frame
from chat_protocol.objects import JoinRequest, Message, User
from chat_protocol.reply import Done, Reply
from chat_protocol.request import Request
from chat_protocol.request_reading import REQUESTS
from tests.chat_protocol import samples
from tests.chat_protocol.page import DOCUMENTED_REQUESTS, PAGE

Pair = tuple[Request, Reply]


def name_of(value: object) -> str:
    return type(value).__name__


def over_the_wire(frame: dict[str, Any]) -> dict[str, Any]:
    return decode_object(encode_frame(frame)[:-1])


def test_every_request_has_a_reply() -> None:
    """The table names a reply for each request, and no reply is without a request."""
    assert set(replies.REPLIES) == set(REQUESTS.values())
    modules = (reply_parts, message_replies, room_replies, own_replies, moderation_replies, people_requests)
    named = {kind for module in modules for kind in vars(module).values() if isinstance(kind, type)}
    kinds = {kind for kind in named if issubclass(kind, Reply)}
    assert set(replies.REPLIES.values()) == kinds - {Reply}


def test_samples_cover_every_reply() -> None:
    """No request is left out of these tests, and each sample is of the table's type."""
    assert {type(request) for request, _ in samples.REPLIES} == set(replies.REPLIES)
    assert all(type(reply) is replies.REPLIES[type(request)] for request, reply in samples.REPLIES)


@pytest.mark.parametrize(("request_", "reply"), samples.REPLIES, ids=name_of)
def test_reply_round_trip(request_: Request, reply: Reply) -> None:
    """A reply read from its own frame is the same, and unknown fields are ignored."""
    frame = over_the_wire(reply.to_frame(7) | {"unknown": 1})
    assert (frame["type"], frame["ref"]) == ("ok", 7)
    assert replies.reply_of(request_, frame) == reply


@pytest.mark.parametrize(("request_", "reply"), samples.REPLIES, ids=name_of)
def test_every_field_of_a_reply_documented(request_: Request, reply: Reply) -> None:
    """A request's row, or the objects' tables, name each field of its reply."""
    row, objects = (
        DOCUMENTED_REQUESTS[request_.TYPE],
        PAGE.partition("\n## Objects\n")[2].partition("\n## ")[0],
    )
    if request_.TYPE in ("register", "resume"):
        row = DOCUMENTED_REQUESTS["login"]
    elif request_.TYPE in ("delete", "react"):
        row = DOCUMENTED_REQUESTS["edit"]
    assert not [name for name in reply.to_fields() if f"`{name}`" not in row and f"`{name}`" not in objects]


WIRE_BYTES = [
    (Done(), b'{"type":"ok"}'),
    (Done(), b'{"type":"ok","ref":0}', 0),
    (
        message_replies.Stored("Général", 1042, samples.NOON),
        '{"type":"ok","ref":7,"room":"Général","seq":1042,"sent_at":"2026-11-22T10:31:02.123Z"}'.encode(),
        7,
    ),
    (
        message_replies.Stored("r", 1044, samples.NOON, 1043),
        b'{"type":"ok","room":"r","seq":1044,"sent_at":"2026-11-22T10:31:02.123Z","target":1043}',
    ),
    (
        own_replies.SignedIn(user=User("a", "A"), must_change_password=True, token="t", rooms=()),
        b'{"type":"ok","user":{"username":"a","display_name":"A","role":"member"},"must_change_password":true,'
        b'"token":"t","rooms":[]}',
    ),
    (
        message_replies.HistoryPage("r", (Message("r", 1, "a", "b", samples.NOON),), False),
        b'{"type":"ok","room":"r","messages":[{"room":"r","seq":1,"from":"a","body":"b",'
        b'"sent_at":"2026-11-22T10:31:02.123Z"}],"more":false}',
    ),
    (
        room_replies.RoomReply("Marketing", "pending"),
        b'{"type":"ok","room":"Marketing","membership":"pending"}',
    ),
    (room_replies.Watching(None), b'{"type":"ok","room":null}'),
    (
        room_replies.JoinRequests((JoinRequest("j", "J", "r", "", samples.NOON),)),
        b'{"type":"ok","requests":[{"username":"j","display_name":"J","room":"r","reason":"",'
        b'"requested_at":"2026-11-22T10:31:02.123Z"}]}',
    ),
]


@pytest.mark.parametrize("case", WIRE_BYTES, ids=lambda case: name_of(case[0]))
def test_reply_in_bytes(case: tuple[Any, ...]) -> None:
    """A reply is written with the fields, and in the order, of the protocol's page."""
    reply, expected, *ref = case
    assert encode_frame(reply.to_frame(*ref)) == expected + b"\n"


@pytest.mark.parametrize(("request_", "reply"), samples.REPLIES, ids=name_of)
def test_reply_without_its_fields(request_: Request, reply: Reply) -> None:
    """A reply that lacks what it must have is a ValueError, not a half-made value."""
    if any(item.default is MISSING for item in fields(reply)):
        with pytest.raises(ValueError, match="unreadable reply"):
            replies.reply_of(request_, {"type": "ok"})


def test_reply_with_optional_fields_absent() -> None:
    """What an older or smaller server leaves out has a default; null counts as absent."""
    page = replies.reply_of(requests.History("r"), {"room": "r", "messages": [], "more": None})
    assert page == message_replies.HistoryPage("r", (), False)
    members = replies.reply_of(requests.Members("r"), {"room": "r", "members": []})
    assert members == room_replies.MemberList("r", (), 0, 0)


WRONG = [
    (requests.Send("r", "x"), {"room": "r", "seq": "7", "sent_at": "2026-11-22T10:31:02Z"}),
    (requests.Send("r", "x"), {"room": "r", "seq": 7, "sent_at": "yesterday"}),
    (requests.History("r"), {"room": "r", "messages": {}, "more": "yes"}),
    (requests.History("r"), {"room": "r", "messages": [1]}),
    (requests.Users(), {"users": 5}),
    (requests.Join("r"), {"room": "r", "membership": 1}),
    (requests.Password("a", "b"), {"token": 5}),
]


@pytest.mark.parametrize(("request_", "frame"), WRONG, ids=name_of)
def test_reply_with_fields_of_the_wrong_type(request_: Request, frame: dict[str, Any]) -> None:
    """A reply whose fields are of another type than promised is a ValueError."""
    with pytest.raises(ValueError, match="unreadable reply"):
        replies.reply_of(request_, {"type": "ok"} | frame)


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
_VALUES: st.SearchStrategy[Any] = (
    _SCALARS | st.lists(_SCALARS, max_size=2) | st.dictionaries(st.text(max_size=3), _SCALARS, max_size=2)
)
_FIELDS = sorted({name for _, reply in samples.REPLIES for name in reply.to_fields()})


@given(st.sampled_from(samples.REPLIES), st.dictionaries(st.sampled_from(_FIELDS), _VALUES, max_size=6))
def test_reply_given_any_fields(pair: Pair, values: dict[str, Any]) -> None:
    """Whatever a server puts into a reply, reading it raises ValueError or nothing."""
    with contextlib.suppress(ValueError):
        replies.reply_of(pair[0], pair[1].to_frame() | values)


@pytest.mark.parametrize(
    ("request_", "frame", "left_out"),
    [
        (requests.History("Plaza"), {"room": "Plaza", "messages": []}, {"more": False, "room_id": None}),
        (requests.Search("soup"), {"messages": []}, {"more": False, "incomplete": None}),
        (
            requests.Members("Plaza"),
            {"room": "Plaza", "members": []},
            {"total": 0, "online": 0, "more": None},
        ),
    ],
    ids=name_of,
)
def test_reply_with_the_least_that_it_has(
    request_: Request, frame: dict[str, Any], left_out: dict[str, Any]
) -> None:
    """What a server leaves out says that there is no more."""
    reply = replies.reply_of(request_, {"type": "ok", "ref": 1} | frame)
    assert {name: getattr(reply, name) for name in left_out} == left_out
