"""Pages of messages as replies: cut to a frame, at the end that is further away, and told so."""

import json
from dataclasses import replace
from typing import Any

import pytest

from chat_protocol.frames import decode_object
from chat_protocol.limits import FRAME_MAX_BYTES
from chat_protocol.objects import Room
from chat_server.conversation.pages import encoded_page, missed_frames
from chat_server.net.wire import reply_frame
from chat_server.services.messages.messages import RoomPage
from chat_server.services.messages.sync import Missed
from chat_server.storage.core.records import MessageRecord
from tests.chat_server.fakes import make_room

LONG = "x" * 8_000


def _record(seq: int, body: str = "hi") -> MessageRecord:
    return MessageRecord(1, seq, 7, "jules", body, 1_000 + seq, "text", None, None, None, False, {}, True)


def _page(records: list[MessageRecord], *, more: bool = False, forward: bool = False) -> dict[str, Any]:
    frame = reply_frame(1, encoded_page(RoomPage(make_room(1), 9, records, more, forward)))
    assert len(frame) <= FRAME_MAX_BYTES
    return decode_object(frame[:-1])


def _missed(name: str, count: int, *, more: bool = False, body: str = "hi") -> Missed:
    room = Room(name, "public", "", "joined", count, 0, id=f"id of {name}")
    return Missed(room, [_record(seq, body) for seq in range(1, count + 1)], more)


def _frames(missed: list[Missed], most_bytes: int) -> list[dict[str, Any]]:
    return [decode_object(frame[:-1]) for frame in missed_frames(missed, most_bytes)]


def _seqs(frame: dict[str, Any]) -> list[int]:
    return [message["seq"] for message in frame["messages"]]


@pytest.mark.parametrize("more", [False, True])
def test_page_that_fits_is_whole(more: bool) -> None:
    """Whether there are others is what storage says."""
    page = _page([_record(1), _record(2)], more=more)
    assert (page["room"], page["room_id"], _seqs(page), page["more"]) == ("Général", "x,1", [1, 2], more)


@pytest.mark.parametrize("forward", [False, True])
def test_page_that_is_too_long_is_cut_at_its_far_end(forward: bool) -> None:
    """Read backwards, the newest are kept, and forwards the oldest; then there are more."""
    page = _page([_record(seq, LONG) for seq in range(1, 21)], forward=forward)
    seqs = _seqs(page)
    assert 1 < len(seqs) < 20
    assert seqs == (list(range(1, len(seqs) + 1)) if forward else list(range(21 - len(seqs), 21)))
    assert page["more"] is True


def test_unusual_message_is_written_by_the_protocol() -> None:
    """An edited message stands among the usual ones with all its fields."""
    edited = replace(_record(2), edited_at=5_000)
    assert "edited_at" in _page([_record(1), edited])["messages"][1]


def test_missed_rooms_come_with_their_newest_messages() -> None:
    """Each in a frame of its own, with what else is known of the room."""
    frames = _frames([_missed("Plaza", 2), _missed("Tower", 1, more=True)], 10_000)
    assert [(frame["room"], _seqs(frame)) for frame in frames] == [("Plaza", [1, 2]), ("Tower", [1])]
    assert [bool(frame.get("more")) for frame in frames] == [False, True]


def test_missed_messages_are_cut_to_a_frame() -> None:
    """The newest are kept, and that there are others is told."""
    (frame,) = _frames([_missed("Plaza", 20, body=LONG)], 10**9)
    seqs = _seqs(frame)
    assert 1 < len(seqs) < 20
    assert seqs == list(range(21 - len(seqs), 21))
    assert frame["more"] is True


def test_rooms_behind_the_limit_come_without_messages() -> None:
    """They are told with their numbers alone; a room is not cut for the limit."""
    one = len(
        json.dumps(_frames([_missed("Plaza", 1)], 10_000)[0]["messages"][0], separators=(",", ":")).encode()
    )
    missed = [_missed("Plaza", 3), _missed("Tower", 2), _missed("Attic", 1)]
    for most, expected in ((1, [3, 0, 0]), (3 * one, [3, 0, 0]), (3 * one + 1, [3, 2, 0]), (0, [0, 0, 0])):
        frames = _frames(missed, most)
        assert [len(frame["messages"]) for frame in frames] == expected
        assert [bool(frame.get("more")) for frame in frames] == [not count for count in expected]


def test_pages_are_measured_at_the_end_that_is_kept() -> None:
    """Short messages at the other end make no room for more of the long ones."""
    records = [_record(seq, "hi" if seq <= 20 else LONG) for seq in range(1, 41)]
    kept = _seqs(_page(records))
    assert kept == list(range(41 - len(kept), 41))
    room = Room("Plaza", "public", "", "joined", 40, 0, id="p")
    (frame,) = missed_frames([Missed(room, records, False)], 10**9)
    assert len(frame) <= FRAME_MAX_BYTES
    assert len(_seqs(decode_object(frame[:-1]))) == len(kept)
