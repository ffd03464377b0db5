"""Tests of the frames that are written by hand: they equal what the protocol package writes."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_protocol.frames import decode_object
from chat_protocol.objects import Message
from chat_server.net.wire import (
    EncodedPage,
    author_json,
    message_frame,
    reply_frame,
    stored_frame,
    usual_entry,
)
from chat_server.services.messages.messages import to_file
from chat_server.storage.core.records import FileRecord, MessageRecord, NewMessage

_FILE = FileRecord(1, 1, "n", 'a "b" \\.png', 5, "image/png", "", 4, 3, 7, "", 0, 1, "f1", None, False)
FILES = (_FILE, replace(_FILE, name="é🙂", width=None, height=None, preview_size=0))
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
        (
            NewMessage(1, 1, "", "n", files=FILES),
            Message("R", 9, "A", "", 0, files=tuple(map(to_file, FILES))),
        ),
    ],
)
def test_changes_equal_the_protocols(message: NewMessage, expected: Message) -> None:
    """Edits, deletions, reactions and replies carry their extra fields."""
    frame = decode_object(message_frame('"R"', 9, '"A"', message, 0).rstrip(b"\n"))
    assert frame == {"type": "message"} | expected.to_frame()


def test_bots_are_told_apart() -> None:
    """A program's messages say so, live and in a history."""
    author = author_json("rota", bot=True)
    frame = message_frame('"R"', 9, author, NewMessage(1, 1, "hello", "n"), 5)
    expected = Message("R", 9, "rota", "hello", 5, bot=True).to_frame()
    assert decode_object(frame.rstrip(b"\n")) == {"type": "message"} | expected
    entry = usual_entry('"R"', _record("rota", "hello", bot=True))
    assert entry is not None
    assert decode_object(entry) == expected | {"seq": 7}
    assert Message.from_frame(expected).bot


@pytest.mark.parametrize("ref", [None, 0, -5, 7, "", "x", 'quote " and \\ and \n', "é🙂"])
def test_stored_frame_carries_the_ref_as_it_was(ref: int | str | None) -> None:
    """The `ok` of a message has its request's `ref`, a string or a number."""
    frame = decode_object(stored_frame('"R"', 3, ref, None, 0).rstrip(b"\n"))
    expected = {"type": "ok", "room": "R", "seq": 3, "sent_at": "1970-01-01T00:00:00.000Z"}
    assert frame == expected | ({} if ref is None else {"ref": ref})


def _record(sender: str, body: str, **other: Any) -> MessageRecord:
    plain: dict[str, Any] = {"kind": "text", "target": None, "reply_to": None, "edited_at": None}
    return MessageRecord(1, 7, 2, sender, body, 5, **(plain | {"deleted": False, "reactions": {}} | other))


@given(sender=_TEXT, body=_TEXT)
def test_usual_entry_equals_the_protocols(sender: str, body: str) -> None:
    """A text in a history is written as the protocol writes it."""
    entry = usual_entry('"R"', _record(sender, body))
    assert entry is not None
    assert decode_object(entry) == Message("R", 7, sender, body, 5).to_frame()


@pytest.mark.parametrize(
    "other",
    [{"kind": "edit"}, {"reply_to": 1}, {"edited_at": 4}, {"deleted": True}, {"reactions": {"👍": ("a",)}}],
)
def test_unusual_entry_is_left_to_the_protocol(other: dict[str, Any]) -> None:
    """What has more fields than a text is not written by hand."""
    assert usual_entry('"R"', _record("a", "b", **other)) is None


@pytest.mark.parametrize("entries", [[], [b'{"seq":1}'], [b'{"seq":1}', b'{"seq":2}']])
def test_reply_takes_written_lists_as_they_are(entries: list[bytes]) -> None:
    """A reply with a list that was written before is the reply with the list's values."""
    frame = decode_object(reply_frame(3, EncodedPage("R", entries, False, "x,1"))[:-1])
    values = [decode_object(entry) for entry in entries]
    page = {"room": "R", "room_id": "x,1", "more": False, "messages": values}
    assert frame == {"type": "ok", "ref": 3} | page
