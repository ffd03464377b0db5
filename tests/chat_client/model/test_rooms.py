"""The rooms in the state, alone: membership, private conversations, what a sign-in says of them."""

from dataclasses import replace

import pytest

from chat_client.model.changes import Change, MembershipDecided, RoomChanged, RoomsChanged
from chat_client.model.people import People
from chat_client.model.rooms import Rooms
from chat_client.model.state import ClientState, NotifyLevel
from chat_protocol.objects import Message, Room
from chat_protocol.room_events import MembershipEvent, RoomEvent


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


def test_room_that_is_gone_is_found_neither_by_its_name_nor_by_its_id(bench: RoomsBench) -> None:
    """What is kept aside of it is not shown, and comes back under a new name by its id."""
    bench.rooms.signed_in([Room("Lobby", "public", membership="joined", id="r1")])
    lobby = bench.state.rooms["lobby"]
    assert bench.rooms.find("r1") is bench.rooms.find("x", "r1") is lobby
    bench.rooms.signed_in([])
    assert bench.rooms.find("r1") is bench.rooms.find("Lobby", "r1") is bench.rooms.find("Lobby") is None
    bench.rooms.signed_in([Room("Hall", "public", membership="joined", id="r1")])
    assert bench.state.rooms["hall"] is bench.rooms.find("r1") is lobby
    assert (lobby.key, lobby.name) == ("hall", "Hall")


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
    decided = MembershipDecided("lobby", "joined", "none", "spam", "Lobby")
    assert bench.emitted == [RoomsChanged(), RoomChanged("lobby"), decided]
    bench.rooms.set_membership(room, "joined")
    assert (room.refused, room.refusal) == (False, "")


def test_private_room_is_told_of_by_its_title(bench: RoomsBench) -> None:
    """Whoever is added hears of the membership first, with the room's name alone: its mark is not shown."""
    bench.rooms.membership_event(MembershipEvent("Budget ~4qs2", "joined", None, "r1"))
    (room,) = bench.state.rooms.values()
    assert (room.kind, room.title) == ("private", "Budget")
    assert bench.emitted[-1] == MembershipDecided(room.key, "none", "joined", "", "Budget")


def test_first_page_after_joining_is_asked_about_once(bench: RoomsBench) -> None:
    """What is older than the joining counts as read, what comes later does not."""
    bench.rooms.signed_in([Room("Lobby", "public", membership="none")])
    room = bench.state.rooms["lobby"]
    bench.rooms.set_membership(room, "joined")
    assert [bench.rooms.joined_now(room), bench.rooms.joined_now(room)] == [True, False]


def _open(room: Room) -> Room:
    return replace(room, membership="joined")


def _hear(bench: RoomsBench, name: str, room_id: str, body: str) -> None:
    room = bench.rooms.ensure(name, room_id=room_id)
    bench.rooms.timeline(room).add_live(Message(name, 1, "jules", body, 0, room_id=room_id))


def test_room_made_again_under_a_known_name_is_another_room(bench: RoomsBench) -> None:
    """What was said in a room that was removed is not in the one that has its name now."""
    bench.rooms.signed_in([_open(Room("Lobby", "public", id="x,1"))])
    _hear(bench, "Lobby", "x,1", "of the first")
    first, bench.state.open_room = bench.state.rooms["lobby"], "lobby"
    bench.rooms.signed_in([_open(Room("Lobby", "public", last_seq=1, read_seq=1, id="x,2"))])
    second = bench.state.rooms["lobby"]
    assert second is not first
    assert (second.id, second.messages, bool(second.covered)) == ("x,2", [], False)
    assert bench.rooms.find("x,1") is None
    assert bench.rooms.find("x,2") is bench.state.rooms[bench.state.open_room]


def test_rooms_renamed_while_the_user_was_away_keep_what_was_said(bench: RoomsBench) -> None:
    """Two rooms that have exchanged their names: each keeps its messages, and none is left over."""
    bench.rooms.signed_in([_open(Room(name, "public", id=f"x,{name}")) for name in ("A", "B")])
    for name in ("A", "B"):
        _hear(bench, name, f"x,{name}", f"said in {name}")
    bench.state.open_room = "a"
    bench.rooms.signed_in([_open(Room("A", "public", id="x,B")), _open(Room("B", "public", id="x,A"))])
    assert {key: room.messages[0].body for key, room in bench.state.rooms.items()} == {
        "a": "said in B",
        "b": "said in A",
    }
    assert [bench.rooms.plan(room).room is room for room in bench.state.rooms.values()] == [True, True]
    assert bench.state.open_room == "b"


def test_message_and_removal_mean_the_room_of_their_id(bench: RoomsBench) -> None:
    """An event that crossed a renaming, or is about an earlier room, does not touch the room of that name."""
    bench.rooms.signed_in([_open(Room("Lobby", "public", id="x,1"))])
    room = bench.state.rooms["lobby"]
    bench.rooms.room_event(RoomEvent(_open(Room("Hall", "public", id="x,1")), was="Lobby"))
    _hear(bench, "Lobby", "x,1", "on its way during the renaming")
    assert list(bench.state.rooms) == ["hall"]
    assert room.messages[0].body == "on its way during the renaming"
    bench.rooms.room_event(RoomEvent(None, removed="Hall", removed_id="x,0"))
    bench.rooms.membership_event(MembershipEvent("Old name", "none", room_id="x,1"))
    assert (list(bench.state.rooms), room.joined) == (["hall"], False)
    bench.rooms.room_event(RoomEvent(None, removed="Hall", removed_id="x,1"))
    assert bench.state.rooms == {}


def test_conversation_with_an_erased_partner_is_the_same_one(bench: RoomsBench) -> None:
    """Known by its id, it only has another name; that with a newcomer of the old name is new."""
    bench.rooms.signed_in([_open(Room("@jules", "direct", id="x,9"))])
    room = bench.state.rooms["@jules"]
    _hear(bench, "@jules", "x,9", "bye")
    bench.rooms.signed_in(
        [_open(Room("@~5", "direct", id="x,9", last_seq=1)), _open(Room("@jules", "direct", id="x,11"))]
    )
    assert bench.state.rooms["@~5"] is room
    assert room.messages[0].body == "bye"
    assert bench.state.rooms["@jules"].messages == []


def test_rooms_after_a_restore_are_others(bench: RoomsBench) -> None:
    """A private conversation that the backup did not have is gone; one that nobody has begun stays."""
    bench.rooms.signed_in([_open(Room("@jules", "direct", id="x,9"))])
    bench.rooms.ensure("@ada")
    bench.rooms.signed_in([_open(Room("Lobby", "public", id="y,1"))])
    assert sorted(bench.state.rooms) == ["@ada", "lobby"]


def test_seq_that_goes_back_shows_another_room_where_there_are_no_ids(bench: RoomsBench) -> None:
    """From a server without ids, a room with fewer messages than were heard is not the known one."""
    bench.rooms.signed_in([_open(Room("Lobby", "public", last_seq=5, read_seq=5))])
    room = bench.state.rooms["lobby"]
    bench.rooms.timeline(room).add_live(Message("Lobby", 6, "jules", "lost", 0))
    bench.rooms.signed_in([_open(Room("Lobby", "public", last_seq=2, read_seq=2))])
    assert (room.messages, room.last_seq) == ([], 2)


def test_partner_of_a_conversation_is_known_as_the_list_tells(bench: RoomsBench) -> None:
    """At each sign-in anew; a room tells of nobody."""
    for name, status in (("Jules", "away"), ("Jules V.", "busy")):
        bench.rooms.signed_in(
            [Room("@jules", "direct", membership="joined", display_name=name, status=status)]
        )
        person = bench.state.people["jules"]
        assert (person.username, person.display_name, person.status) == ("jules", name, status)
        assert bench.state.rooms["@jules"].display_name == name
    bench.rooms.signed_in([Room("@ada", "direct", status="away"), Room("Lobby", "public", status="away")])
    assert bench.state.people["ada"].display_name == "ada"
    assert sorted(bench.state.people) == ["ada", "jules"]


def test_numbers_of_a_room_never_go_back(bench: RoomsBench) -> None:
    """An event may be older than what is known; only what the server counts is taken as it comes."""
    bench.rooms.signed_in(
        [Room("Lobby", "public", "", "joined", 9, 5, 3, id="r1", last_at=50, unread=2, mentions=1)]
    )
    room = bench.state.rooms["lobby"]
    assert (room.unread, room.mentions, room.last_at, room.counts_wanted) == (2, 1, 50, False)
    bench.rooms.update(Room("Lobby", "public", "new", "joined", 7, 4, 2, id="r1", last_at=40))
    assert (room.last_seq, room.read_seq, room.first_seq, room.last_at) == (9, 5, 3, 50)
    assert (room.topic, room.counts_wanted) == ("new", True)
    bench.rooms.update(Room("Lobby", "public", "", "joined", 11, 6, 4, id="r1", last_at=60))
    assert (room.last_seq, room.read_seq, room.first_seq, room.last_at) == (11, 6, 4, 60)


def test_notify_level_is_the_user_s_choice_or_the_usual(bench: RoomsBench) -> None:
    """Chosen by id or by key; otherwise mentions in a room, and everything in a conversation."""
    levels = {"r1": NotifyLevel.NONE, "hall": NotifyLevel.ALL}
    bench.rooms._notify_of = levels.get
    rooms = [Room("Lobby", "public", id="r1"), Room("Hall", "public", id="r2"), Room("Other", "public")]
    bench.rooms.signed_in([*rooms, Room("@jules", "direct")])
    found = {key: room.notify for key, room in bench.state.rooms.items()}
    assert found == {
        "lobby": NotifyLevel.NONE,
        "hall": NotifyLevel.ALL,
        "other": NotifyLevel.MENTIONS,
        "@jules": NotifyLevel.ALL,
    }


def test_open_room_follows_its_name(bench: RoomsBench) -> None:
    """Renamed by its id, or by a server without ids; removed, none is open."""
    bench.rooms.signed_in([Room("Lobby", "public", membership="joined", id="r1"), Room("Old", "public")])
    bench.state.open_room = "lobby"
    bench.rooms.room_event(RoomEvent(room=Room("Hall", "public", membership="joined", id="r1"), was="Lobby"))
    assert bench.state.open_room == "hall"
    bench.state.open_room = "old"
    bench.rooms.room_event(RoomEvent(room=Room("New", "public"), was="Old"))
    assert (bench.state.open_room, "old" in bench.state.rooms) == ("new", False)
    bench.rooms.room_event(RoomEvent(room=None, removed="Hall", removed_id="r1"))
    assert bench.state.open_room == "new"
    assert bench.rooms.find("r1") is None
    bench.rooms.room_event(RoomEvent(room=None, removed="New"))
    nothing_open: str | None = bench.state.open_room
    assert nothing_open is None
    assert bench.state.rooms == {}


def test_names_that_two_rooms_have_exchanged_are_followed(bench: RoomsBench) -> None:
    """Each id keeps its messages under the name that it has now."""
    bench.rooms.signed_in([Room("A", "public", membership="joined", id="r1"), Room("B", "public", id="r2")])
    first, second = bench.state.rooms["a"], bench.state.rooms["b"]
    timeline = bench.rooms.timeline(first)
    plan = bench.rooms.plan(first)
    bench.rooms.signed_in([Room("B", "public", membership="joined", id="r1"), Room("A", "public", id="r2")])
    assert (bench.state.rooms["b"], bench.state.rooms["a"]) == (first, second)
    assert bench.rooms.timeline(first) is timeline
    assert bench.rooms.plan(first) is plan
