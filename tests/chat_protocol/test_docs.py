"""docs/build/protocol.md says all that the package knows: every request, field, event and error code."""

import re
from dataclasses import fields

import pytest

from chat_protocol import limits
from chat_protocol.errors import ALL_CODES
from chat_protocol.event import Event
from chat_protocol.frames import decode_object
from chat_protocol.request_reading import REQUESTS
from tests.chat_protocol import samples
from tests.chat_protocol.page import DOCUMENTED_EVENTS, DOCUMENTED_REQUESTS, PAGE, rows


def test_every_request_documented() -> None:
    """The page's requests are the package's."""
    assert set(DOCUMENTED_REQUESTS) == set(REQUESTS)


@pytest.mark.parametrize("kind", sorted(REQUESTS))
def test_every_field_of_a_request_documented(kind: str) -> None:
    """A request's row names each of its fields."""
    row = DOCUMENTED_REQUESTS[kind]
    missing = [item.name for item in fields(REQUESTS[kind]) if f"`{item.name}`" not in row]
    assert not missing


@pytest.mark.parametrize("event", samples.EVENTS, ids=lambda event: event.to_frame()["type"])
def test_every_event_documented(event: Event) -> None:
    """An event's row names each field of its frame; those of objects stand under their own heading."""
    frame = event.to_frame()
    row = DOCUMENTED_EVENTS[frame.pop("type")]
    objects = PAGE.partition("\n## Objects\n")[2].partition("\n## ")[0]
    assert not [name for name in frame if f"`{name}`" not in row and f"`{name}`" not in objects]


def test_no_event_invented() -> None:
    """The page's events are the package's."""
    assert set(DOCUMENTED_EVENTS) == {event.to_frame()["type"] for event in samples.EVENTS}


def test_every_error_code_documented() -> None:
    """The page's error codes are the package's."""
    assert set(rows("Error codes")) == ALL_CODES


def test_limits_documented() -> None:
    """The page names the numbers that the package enforces."""
    numbers = {name: value for name, value in vars(limits).items() if name.isupper()}
    for name in ("SEQ_MAX", "EDIT_WINDOW_MS", "TOPIC_MAX_CHARS", "MEMBERS_MAX", "PROTOCOL_VERSION"):
        del numbers[name]  # written otherwise, or no limit of a request
    assert not [name for name, value in numbers.items() if not re.search(rf"\b({value}|{value:,})\b", PAGE)]


def test_examples_are_frames() -> None:
    """The examples on one line are JSON objects with a type."""
    lines = re.findall(r"^    (?:->|<-) (\{.*\})$", PAGE, re.MULTILINE)
    assert len(lines) > 10
    for line in lines:
        assert "type" in decode_object(line.encode())
