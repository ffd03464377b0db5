"""What is unread, room by room: which rooms are there, in which order, and which message stands for each."""

from typing import Any

from chat_client.model.inbox import inbox
from chat_client.model.state import ClientState, MessageState, NotifyLevel, RoomState


def _message(seq: int, **fields: Any) -> MessageState:
    return MessageState(seq, fields.pop("author", "jules"), f"message {seq}", seq * 1_000, **fields)


def _room(name: str, *messages: MessageState, **fields: Any) -> RoomState:
    room = RoomState(name.casefold(), name)
    room.membership, room.messages = "joined", list(messages)
    for field, value in fields.items():
        setattr(room, field, value)
    return room


def _shown(*rooms: RoomState) -> list[tuple[str, int | None]]:
    state = ClientState()
    state.rooms = {room.key: room for room in rooms}
    entries = inbox(state)
    return [(one.room.name, one.message.seq if one.message is not None else None) for one in entries]


def test_room_is_there_with_something_unread() -> None:
    """One that the user is in; a muted one only with a mention."""
    none = NotifyLevel.NONE
    assert _shown(
        _room("Unread", unread=2, last_at=9),
        _room("Read"),
        _room("Left", unread=2, membership="none"),
        _room("Muted", unread=2, notify=none),
        _room("Named", unread=2, mentions=1, notify=none),
        _room("Left named", unread=2, mentions=1, membership="none"),
    ) == [("Named", None), ("Unread", None)]


def test_rooms_that_call_the_user_come_first_and_then_the_newest() -> None:
    """By the message that stands for each, or where nothing is loaded by when something was said last."""
    assert _shown(
        _room("Old", _message(3), unread=1),
        _room("New", _message(8), unread=1),
        _room("Unloaded", unread=1, last_at=5_000),
        _room("B", unread=1, last_at=1),
        _room("A", unread=1, last_at=1),
        _room("@ida", _message(1), unread=1, kind="direct"),
        _room("Named", _message(2, mentions_me=True), unread=1, mentions=1),
    ) == [
        *(("Named", 2), ("@ida", 1)),
        *(("New", 8), ("Unloaded", None), ("Old", 3), ("A", None), ("B", None)),
    ]


def test_newest_mention_stands_for_a_room_or_the_newest_message() -> None:
    """Neither what was read, nor the user's own, nor what was deleted."""
    said = [_message(1, mentions_me=True), _message(2), _message(3), _message(4, mine=True)]
    deleted = _message(5)
    deleted.deleted = True
    assert _shown(_room("R", *said, deleted, unread=2, read_seq=1)) == [("R", 3)]
    assert _shown(_room("R", *said, deleted, unread=2, read_seq=0)) == [("R", 1)]
    assert _shown(_room("R", *said, deleted, unread=2, read_seq=2)) == [("R", 3)]
    assert _shown(_room("R", *said, deleted, unread=2, read_seq=3)) == [("R", None)]
    both = [_message(1, mentions_me=True), _message(2, mentions_me=True), _message(3)]
    assert _shown(_room("R", *both, unread=3, mentions=2)) == [("R", 2)]
