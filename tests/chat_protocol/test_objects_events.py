"""Objects and events: what the server writes is what the client reads."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_protocol import events, server_events
from chat_protocol.errors import ALL_CODES, ChatError, bad_request
from chat_protocol.event import Event
from chat_protocol.frames import decode_object, encode_frame
from chat_protocol.objects import Member, Message, Room, User
from tests.chat_protocol import samples

OBJECTS = [
    *samples.ROOMS,
    *samples.MESSAGES,
    User("Zoé", "Zoé 🎈", "admin"),
    Member("Zoé", "Zoé 🎈", "busy", "in a meeting"),
    Member("jules", "Jules"),
]


def over_the_wire(frame: dict[str, Any]) -> dict[str, Any]:
    return decode_object(encode_frame(frame)[:-1])


@pytest.mark.parametrize("value", OBJECTS, ids=lambda value: type(value).__name__)
def test_object_round_trip(value: Any) -> None:
    """An object read from its own JSON is the same, and unknown fields are ignored."""
    frame = over_the_wire(value.to_frame() | {"unknown": 1})
    assert type(value).from_frame(frame) == value


@pytest.mark.parametrize("event", samples.EVENTS, ids=lambda event: event.to_frame()["type"])
def test_event_round_trip(event: Event) -> None:
    """An event read from its own frame is the same, and unknown fields are ignored."""
    frame = over_the_wire(event.to_frame() | {"unknown": 1})
    assert "ref" not in frame
    assert events.parse_event(frame) == event


def test_samples_cover_every_event() -> None:
    """No event is left out of these tests."""
    assert {event.to_frame()["type"] for event in samples.EVENTS} == set(events.EVENTS)


def test_plain_message_has_the_base_fields_alone() -> None:
    """A client that knows nothing of edits sees what the first version showed."""
    frame = Message("Général", 1042, "Zoé", "bonjour", samples.NOON).to_frame()
    expected = {"room": "Général", "seq": 1042, "from": "Zoé", "body": "bonjour"}
    assert frame == expected | {"sent_at": "2026-11-22T10:31:02.123Z"}


def test_hello_tells_the_limits() -> None:
    """The first frame carries the protocol's number and its limits."""
    frame = server_events.Hello("Chat", "1.0.0").to_frame()
    assert frame["protocol"] == 1
    assert frame["limits"] == {"frame": 65536, "body": 4000}
    assert frame["registration"] == "open"


def test_event_of_an_unknown_type() -> None:
    """An event of a later version is no error."""
    assert events.parse_event({"type": "confetti"}) is None
    assert events.parse_event({}) is None


def test_event_with_missing_fields() -> None:
    """An event that lacks what it must have is a ValueError, not a half-made value."""
    for event in samples.EVENTS:
        if not isinstance(event, server_events.EndEvent | server_events.ShutdownScheduledEvent):
            with pytest.raises(ValueError, match="unreadable event"):
                events.parse_event({"type": event.to_frame()["type"]})


WRONG = [
    {"type": "read", "room": "Général", "read_seq": "12"},
    {"type": "read", "room": ["Général"], "read_seq": 12},
    {"type": "presence", "room": "Général", "changes": {"jules": 1}, "online": 1, "total": 1},
    {"type": "presence", "room": "Général", "changes": ["jules"], "online": 1, "total": 1},
    {"type": "notice", "text": None},
    {"type": "moderation", "pending": True},
    {"type": "membership", "room": "Marketing", "membership": "none", "reason": 5},
    {"type": "shutdown_scheduled", "at": 5},
    {"type": "kicked", "reason": "x", "until": "tomorrow"},
    samples.EVENTS[1].to_frame() | {"seq": float("inf")},
    samples.EVENTS[1].to_frame() | {"kind": "edit", "target": [1]},
    samples.EVENTS[1].to_frame() | {"reactions": [1]},
]


@pytest.mark.parametrize("frame", WRONG, ids=lambda frame: str(frame["type"]))
def test_event_with_fields_of_the_wrong_type(frame: dict[str, Any]) -> None:
    """An event whose fields are of another type than promised is a ValueError."""
    with pytest.raises(ValueError):  # noqa: PT011 - each cause has its own words
        events.parse_event(frame)


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
_VALUES: st.SearchStrategy[Any] = (
    _SCALARS | st.lists(_SCALARS, max_size=2) | st.dictionaries(st.text(max_size=3), _SCALARS, max_size=2)
)
_EVENT_FIELDS = sorted({name for event in samples.EVENTS for name in event.to_frame()} - {"type"})


@given(st.sampled_from(samples.EVENTS), st.dictionaries(st.sampled_from(_EVENT_FIELDS), _VALUES, max_size=6))
def test_event_given_any_fields(event: Event, values: dict[str, Any]) -> None:
    """Whatever a server puts into an event, reading it raises ValueError or nothing."""
    with contextlib.suppress(ValueError):
        events.parse_event(event.to_frame() | values)


def test_error_round_trip() -> None:
    """An error keeps its code, its words, and what else it carries; absent things are left out."""
    error = ChatError("rate_limited", "Slow down.", retry_after=2.5, until=None)
    frame = error.to_frame("r")
    assert frame == {
        "type": "error",
        "ref": "r",
        "code": "rate_limited",
        "message": "Slow down.",
        "retry_after": 2.5,
    }
    back = ChatError.from_frame(frame)
    assert (back.code, back.message, back.extra) == (error.code, error.message, error.extra)


def test_error_without_ref() -> None:
    """The answer to a request without `ref` carries none."""
    assert "ref" not in bad_request("room", "room is missing.").to_frame()
    assert bad_request("room", "…").to_frame(0)["ref"] == 0


def test_error_that_cannot_be_read() -> None:
    """An error frame without a code counts as `internal`."""
    assert ChatError.from_frame({"type": "error"}).code == "internal"
    assert "internal" in ALL_CODES


def test_room_tells_its_first_seq_only_when_something_was_removed() -> None:
    """The field is left out while the first message is still there."""
    assert "first_seq" not in Room("Lobby", "public", first_seq=1).to_frame()
    assert Room("Lobby", "public", first_seq=2).to_frame()["first_seq"] == 2
