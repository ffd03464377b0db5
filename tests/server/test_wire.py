"""Tests of the frames that are written by hand: they equal what the protocol package writes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_protocol.frames import decode_object
from chat_protocol.objects import Message
from chat_server.pipeline.wire import message_frame, stored_frame
from chat_server.storage.records import NewMessage

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@given(room=_TEXT, sender=_TEXT, body=_TEXT, seq=st.integers(1, 2**53), at=st.integers(0, 4_000_000_000_000))
def test_message_frame_equals_the_protocols(room: str, sender: str, body: str, seq: int, at: int) -> None:
    """Whatever the texts contain, the fast frame is the protocol's."""
    frame = message_frame(json.dumps(room), seq, json.dumps(sender), NewMessage(1, 1, body, "n"), at)
    expected = {"type": "message"} | Message(room, seq, sender, body, at).to_frame()
    assert decode_object(frame.rstrip(b"\n")) == expected
    assert frame.count(b"\n") == 1


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (NewMessage(1, 1, "new", "n", "edit", 4), Message("R", 9, "A", "new", 0, "edit", 4)),
        (NewMessage(1, 1, "", "n", "delete", 4), Message("R", 9, "A", "", 0, "delete", 4)),
        (NewMessage(1, 1, "👍", "n", "react", 4), Message("R", 9, "A", "👍", 0, "react", 4, on=True)),
        (
            NewMessage(1, 1, "👍", "n", "react", 4, on=False),
            Message("R", 9, "A", "👍", 0, "react", 4, on=False),
        ),
        (NewMessage(1, 1, "yes", "n", reply_to=3), Message("R", 9, "A", "yes", 0, reply_to=3)),
    ],
)
def test_changes_equal_the_protocols(message: NewMessage, expected: Message) -> None:
    """Edits, deletions, reactions and replies carry their extra fields."""
    frame = decode_object(message_frame('"R"', 9, '"A"', message, 0).rstrip(b"\n"))
    assert frame == {"type": "message"} | expected.to_frame()


@pytest.mark.parametrize("ref", [None, 0, -5, 7, "", "x", 'quote " and \\ and \n', "é🙂"])
def test_stored_frame_carries_the_ref_as_it_was(ref: int | str | None) -> None:
    """The `ok` of a message has its request's `ref`, a string or a number."""
    frame = decode_object(stored_frame('"R"', 3, ref, None, 0).rstrip(b"\n"))
    expected = {"type": "ok", "room": "R", "seq": 3, "sent_at": "1970-01-01T00:00:00.000Z"}
    assert frame == expected | ({} if ref is None else {"ref": ref})
