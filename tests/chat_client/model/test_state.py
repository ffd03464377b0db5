"""What the state says of itself: names, marks and gaps of rooms, mutes, and the lists of the window."""

from dataclasses import fields
from typing import Any

import pytest

from chat_client.model.ranges import SeqRanges
from chat_client.model.state import ClientState, MessageState, Mute, NotifyLevel, RoomState


def _message(seq: int, *, mine: bool = False, sent_at: int = 0) -> MessageState:
    return MessageState(seq, "jules", "hi", sent_at, mine=mine)


def _room(*seqs: int, **values: Any) -> RoomState:
    covered = SeqRanges()
    for seq in seqs:
        covered.add(seq, seq)
    return RoomState("r", "r", messages=[_message(seq) for seq in seqs], covered=covered, **values)


def test_room_is_named_by_its_id_where_it_has_one() -> None:
    """Requests use the id, or the name as it is spelled; what is kept on disk the id, or the key."""
    room = RoomState("general", "Général")
    assert (room.address, room.kept_as) == ("Général", "general")
    room.id = "r1"
    assert (room.address, room.kept_as) == ("r1", "r1")


def test_room_begins_empty() -> None:
    """Of a room nothing is read and nothing unread, nobody is known in it, and nothing is missing."""
    room = RoomState("general", "Général", membership="joined")
    assert (room.last_seq, room.unread_from, room.at_start, room.line_known) == (0, 1, True, True)
    assert (room.unread, room.mentions, room.online, room.total) == (0, 0, 0, 0)
    flags = (room.news, room.counts_wanted, room.members_known, room.loading, room.refused)
    assert not any((*flags, room.owner, room.archived))


def test_client_begins_signed_out() -> None:
    """Nothing is known of a server: its time is this computer's, and nothing is said to be lost."""
    state = ClientState()
    assert (state.connection.server_now_ms(5), state.connection.port, state.join_request_count) == (5, 0, 0)
    assert (state.connection.storing_ok, state.connection.keeping_ok, state.connection.encrypted) == (
        True,
        True,
        False,
    )
    assert (state.must_change_password, state.moderator) == (False, False)


def test_partner_is_of_private_conversations() -> None:
    """A room has none."""
    assert RoomState("@jules", "@Jules", "direct").partner == "Jules"
    assert RoomState("@odd", "@odd").partner == ""


def test_message_is_found_by_its_seq() -> None:
    """Only a message that is loaded has a place."""
    room = _room(2, 4, 9)
    assert [room.index_of(seq) for seq in (1, 2, 3, 4, 9, 10)] == [None, 0, None, 1, 2, None]
    assert room.message(4) is room.messages[1]
    assert room.message(5) is None


@pytest.mark.parametrize(
    ("seqs", "last_seq", "first_seq", "expected"),
    [((), 0, 1, True), ((1, 2), 2, 1, True), ((2,), 2, 1, False), ((5,), 9, 5, True), ((6,), 9, 5, False)],
)
def test_start_is_the_oldest_message_that_is_left(
    seqs: tuple[int, ...], last_seq: int, first_seq: int, expected: bool
) -> None:
    """Before what retention has removed there is nothing; in an empty room neither."""
    assert _room(*seqs, last_seq=last_seq, first_seq=first_seq).at_start is expected


def test_line_of_the_new_messages() -> None:
    """It stands before the first unread message of another, as soon as it is sure where that is."""
    room = _room(3, 4, 5, last_seq=5, read_seq=3)
    assert (room.line_known, room.unread_from, room.first_unread()) == (True, 4, 4)
    room.messages[1].mine = True
    assert room.first_unread() == 5
    room.read_seq = 5
    assert (room.line_known, room.first_unread()) == (True, None)
    room.read_seq = 1
    assert (room.line_known, room.first_unread()) == (False, None)
    room.first_seq = 3
    assert (room.unread_from, room.line_known, room.first_unread()) == (3, True, 3)


def test_gaps_stand_before_messages() -> None:
    """In front of the first one something is missing until the start is loaded."""
    room = _room(1, 2, 5, last_seq=5)
    assert [room.gap_before(index) for index in range(3)] == [False, False, True]
    room.covered.add(3, 4)
    assert not room.gap_before(2)
    assert _room(2, last_seq=2).gap_before(0)


def test_mute_of_a_room_or_everywhere() -> None:
    """What is over keeps nobody from writing, nor what holds in another room."""
    state = ClientState(mutes={"a": Mute("loud", 100), "b": Mute("for good", None)})
    assert state.mute_in("a", 99) == Mute("loud", 100)
    assert state.mute_in("a", 100) is None
    assert state.mute_in("b", 10**15) == Mute("for good", None)
    assert state.mute_in("c", 0) is None
    state.mutes[""] = Mute("everywhere", 50)
    assert state.mute_in("c", 49) == state.mute_in("a", 49) == Mute("everywhere", 50)
    assert state.mute_in("a", 60) == Mute("loud", 100)


@pytest.mark.parametrize(("role", "expected"), [("member", False), ("moderator", True), ("admin", True)])
def test_moderators_are_moderators_and_administrators(role: str, expected: bool) -> None:
    """Both may decide on requests."""
    assert ClientState(role=role).moderator is expected


def test_lists_of_the_window() -> None:
    """Rooms by name, conversations by the last word; unread counts what is joined and not silenced."""
    state = ClientState()

    def add(
        key: str, kind: str = "public", *, joined: bool = True, unread: int = 0, at: int = 0
    ) -> RoomState:
        room = RoomState(key, key, kind, membership="joined" if joined else "none", unread=unread, last_at=at)
        state.rooms[key] = room
        return room

    add("b", unread=1)
    add("a", unread=2)
    add("d", joined=False, unread=4)
    add("c", joined=False)
    add("silent", unread=8).notify = NotifyLevel.NONE
    add("@old", "direct", at=10)
    add("@new", "direct", at=30, unread=16)
    add("@loaded", "direct", at=5).messages.append(_message(1, sent_at=20))
    add("@waiting", "direct", at=99).pending.append(_message(1, sent_at=15))
    add("@also", "direct", at=10)
    add("old").archived = True
    add("gone", joined=False).archived = True
    assert [room.key for room in state.archived_rooms()] == ["old"]
    assert [room.key for room in state.joined_rooms()] == ["a", "b", "silent"]
    assert [room.key for room in state.other_rooms()] == ["c", "d", "gone"]
    assert [room.key for room in state.conversations()] == ["@new", "@loaded", "@waiting", "@also", "@old"]
    assert state.unread_total() == 19


def test_server_s_time() -> None:
    """The server's clock may be ahead of this computer's, or behind."""
    state = ClientState()
    state.connection.server_ahead_ms = -5
    assert state.connection.server_now_ms(100) == 95


def test_room_of_which_nothing_is_known_yet() -> None:
    """It is empty and unread by nobody; its first message is 1, and the user is not in it."""
    room = RoomState("r", "R")
    numbers = {each.name: getattr(room, each.name) for each in fields(room) if type(each.default) is int}
    assert numbers == dict.fromkeys(numbers, 0) | {"first_seq": 1}
    flags = {each.name: getattr(room, each.name) for each in fields(room) if type(each.default) is bool}
    assert flags == dict.fromkeys(flags, False)
    assert not room.joined
    assert (room.kind, room.notify) == ("public", NotifyLevel.ALL)


def test_message_of_which_nothing_is_said_is_a_plain_one() -> None:
    """Kept by this computer and stored; nobody has changed it, and it calls nobody."""
    message = MessageState(1, "jules", "hello", 1_000)
    flags = {each.name: getattr(message, each.name) for each in fields(message) if type(each.default) is bool}
    assert flags == dict.fromkeys(flags, False) | {"kept": True}
    assert message.as_of == 0


def test_state_before_anything_was_told() -> None:
    """Nobody is signed in, nothing is asked for, and nothing is known to be wrong."""
    state = ClientState()
    assert [state.must_change_password, state.join_request_count] == [False, 0]
    connection = state.connection
    assert (connection.port, connection.encrypted, connection.server_ahead_ms) == (0, False, 0)
    assert (connection.storing_ok, connection.keeping_ok) == (True, True)
    for listed in (state.search, state.room_files):
        flags = {each.name: getattr(listed, each.name) for each in fields(listed)}
        assert not any(value for value in flags.values() if type(value) is bool)
