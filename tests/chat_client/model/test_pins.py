"""Pinned messages as they read now: what the timeline knows of later changes counts."""

from chat_client.model.pins import pins_of
from chat_client.model.state import MessageState, RoomState
from chat_protocol.objects import Message


def pin(seq: int) -> Message:
    return Message("r", seq, "jules", f"pinned {seq}", 1_000 + seq)


def test_pins_read_as_the_timeline_does() -> None:
    """An edit is shown, a deleted message is not; what is not loaded is what the server told of it."""
    loaded = [MessageState(2, "jules", "edited", 1_002), MessageState(3, "jules", "", 1_003, deleted=True)]
    room = RoomState("r", "R", messages=loaded, pins=[pin(9), pin(3), pin(2)])
    assert [(each.seq, each.body) for each in pins_of(room)] == [(9, "pinned 9"), (2, "edited")]


def test_nothing_is_pinned_where_nothing_is_known() -> None:
    """Without a room, and before its pins were asked for."""
    assert pins_of(None) == []
    assert pins_of(RoomState("r", "R")) == []
