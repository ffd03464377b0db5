"""The rooms in the state, alone: membership, private conversations, what a sign-in says of them."""

import pytest

from chat_client.model.changes import Change, RoomChanged, RoomsChanged
from chat_client.model.people import People
from chat_client.model.rooms import Rooms
from chat_client.model.state import ClientState, NotifyLevel
from chat_protocol.events import MembershipEvent, RoomEvent
from chat_protocol.objects import Room


class RoomsBench:
    """Rooms with a record of what they emit."""

    def __init__(self) -> None:
        self.state = ClientState(username="zoe")
        self.emitted: list[Change] = []
        people = People(self.state, self.emit, lambda: 0.0)
        self.rooms = Rooms(self.state, people, self.emit, lambda key: None)

    def emit(self, *changes: Change) -> None:
        self.emitted.extend(changes)


@pytest.fixture
def bench() -> RoomsBench:
    return RoomsBench()


def test_room_is_found_in_any_spelling(bench: RoomsBench) -> None:
    """Accents and case do not make another room."""
    bench.rooms.signed_in([Room("Général", "public", membership="joined")])
    found = bench.rooms.find("GENERAL")
    assert found is not None
    assert found.name == "Général"
    assert bench.rooms.ensure("general") is found


def test_private_conversation_is_made_at_the_first_message(bench: RoomsBench) -> None:
    """It is joined, read up to what came before, and calls for attention at each message."""
    room = bench.rooms.ensure("@jules", last_seq=4)
    assert (room.key, room.kind, room.partner, room.joined) == ("@jules", "direct", "jules", True)
    assert (room.last_seq, room.read_seq, room.notify) == (4, 4, NotifyLevel.ALL)


def test_room_that_a_sign_in_does_not_list_is_gone_and_comes_back_with_its_messages(
    bench: RoomsBench,
) -> None:
    """A list too long for one frame goes on with events; private conversations stay in any case."""
    bench.rooms.signed_in([Room("Lobby", "public", membership="joined"), Room("@jules", "direct")])
    lobby = bench.state.rooms["lobby"]
    bench.rooms.signed_in([])
    assert list(bench.state.rooms) == ["@jules"]
    bench.rooms.room_event(RoomEvent(room=Room("Lobby", "public", membership="joined")))
    assert bench.state.rooms["lobby"] is lobby


def test_event_on_its_way_while_the_user_joined_makes_nobody_leave(bench: RoomsBench) -> None:
    """Only a sign-in or an event of membership says that the user is out."""
    bench.rooms.signed_in([Room("Lobby", "public", membership="joined")])
    bench.rooms.room_event(RoomEvent(room=Room("Lobby", "public", topic="new", membership="none")))
    assert (bench.state.rooms["lobby"].joined, bench.state.rooms["lobby"].topic) == (True, "new")


def test_membership_event_is_announced_once_and_keeps_the_reason(bench: RoomsBench) -> None:
    """Removed by another: the reason is shown until the user joins again."""
    bench.rooms.signed_in([Room("Lobby", "public", membership="joined")])
    bench.emitted.clear()
    bench.rooms.membership_event(MembershipEvent("Lobby", "none", "spam"))
    room = bench.state.rooms["lobby"]
    assert (room.refused, room.refusal) == (True, "spam")
    assert bench.emitted == [RoomsChanged(), RoomChanged("lobby")]
    bench.rooms.set_membership(room, "joined")
    assert (room.refused, room.refusal) == (False, "")


def test_first_page_after_joining_is_asked_about_once(bench: RoomsBench) -> None:
    """What is older than the joining counts as read, what comes later does not."""
    bench.rooms.signed_in([Room("Lobby", "public", membership="none")])
    room = bench.state.rooms["lobby"]
    bench.rooms.set_membership(room, "joined")
    assert [bench.rooms.joined_now(room), bench.rooms.joined_now(room)] == [True, False]
