"""Histories: pages, gaps and jumps end in a complete room."""

import time

import pytest

from chat_client.model.changes import (
    JumpReady,
    MessagesInserted,
    RoomsChanged,
    SignedIn,
)
from chat_protocol.objects import Message
from chat_protocol.room_events import MessageEvent
from tests.chat_client.fakes import Bench, a_room, live, page, seqs


def test_load_older_asks_for_the_page_before_until_the_start(bench: Bench) -> None:
    """Scrolling up loads page after page, and ends at the first message."""
    bench.sign_in(a_room("Lobby", last_seq=60, read_seq=60))
    bench.client.rooms.open("lobby")
    bench.poll()
    page(bench, bench.server.take("history"), "Lobby", 11, 60, more=True)
    bench.poll()
    bench.client.history.load_older("lobby")
    bench.poll()
    assert bench.state.rooms["lobby"].loading
    request = bench.server.take("history")
    assert request["before"] == 11
    page(bench, request, "Lobby", 1, 10, more=False)
    assert MessagesInserted("lobby", 10, at_front=True) in bench.poll()
    assert seqs(bench, "lobby") == list(range(1, 61))
    assert bench.state.rooms["lobby"].at_start
    bench.client.history.load_older("lobby")
    bench.poll()
    assert bench.server.take_all("history") == []


def test_missed_messages_are_asked_for_after_a_reconnection(bench: Bench) -> None:
    """What was said while away is fetched after the last known message, without a double."""
    bench.sign_in(a_room("Lobby"))
    for seq in (1, 2):
        live(bench, "Lobby", seq)
    bench.poll()
    bench.drop()
    changes = bench.come_back(a_room("Lobby", last_seq=250))
    assert SignedIn(fresh=False) in changes
    bench.poll()
    live(bench, "Lobby", 251)
    first = bench.server.take("history")
    assert first["after"] == 2
    page(bench, first, "Lobby", 3, 202, more=True)
    bench.poll()
    second = bench.server.take("history")
    assert second["after"] == 202
    page(bench, second, "Lobby", 203, 251, more=False)
    bench.poll()
    assert seqs(bench, "lobby") == list(range(1, 252))
    assert bench.server.take_all("history") == []


def test_gap_in_live_events_is_filled(bench: Bench) -> None:
    """A hole between two events is asked for, and filled in its place."""
    bench.sign_in(a_room("Lobby"))
    live(bench, "Lobby", 1)
    live(bench, "Lobby", 4)
    bench.poll()
    bench.poll()
    request = bench.server.take("history")
    assert request["after"] == 1
    page(bench, request, "Lobby", 2, 4, more=False)
    assert MessagesInserted("lobby", 2, at_front=False) in bench.poll()
    assert seqs(bench, "lobby") == [1, 2, 3, 4]


def test_history_rate_limited_is_asked_again_later(bench: Bench) -> None:
    """A page refused for now is not lost."""
    bench.sign_in(a_room("Lobby"))
    live(bench, "Lobby", 1)
    live(bench, "Lobby", 4)
    bench.poll()
    bench.poll()
    bench.server.error(bench.server.take("history"), "rate_limited", retry_after=2)
    bench.poll()
    assert bench.server.take_all("history") == []
    bench.pass_s(3)
    assert bench.server.take("history")["after"] == 1


def test_history_refused_for_good_is_not_asked_again(bench: Bench) -> None:
    """A gap that the server will never fill costs one request."""
    bench.sign_in(a_room("Lobby"))
    live(bench, "Lobby", 1)
    live(bench, "Lobby", 4)
    bench.poll()
    bench.poll()
    bench.server.error(bench.server.take("history"), "not_a_member")
    bench.pass_s(10)
    assert bench.server.take_all("history") == []


def test_long_absence_loads_the_newest_page_and_leaves_a_gap(bench: Bench) -> None:
    """After tens of thousands of missed messages the newest come first; the rest on scrolling there."""
    bench.sign_in(a_room("Lobby"))
    live(bench, "Lobby", 1)
    bench.poll()
    bench.drop()
    bench.come_back(a_room("Lobby", last_seq=50_000, read_seq=50_000))
    bench.poll()
    request = bench.server.take("history")
    assert "after" not in request
    page(bench, request, "Lobby", 49_951, 50_000, more=True)
    bench.poll()
    room = bench.state.rooms["lobby"]
    assert [room.gap_before(index) for index in (0, 1, 2)] == [False, True, False]
    bench.client.history.load_before("lobby", 49_951)
    bench.poll()
    assert bench.server.take("history")["before"] == 49_951


def test_jump_to_an_old_message_loads_what_is_around_it(bench: Bench) -> None:
    """A search result far back is shown with its surroundings, and the gap is known as such."""
    bench.sign_in(a_room("Lobby", last_seq=5000, read_seq=5000))
    bench.client.rooms.open("lobby")
    bench.poll()
    page(bench, bench.server.take("history"), "Lobby", 4951, 5000, more=True)
    bench.poll()
    bench.client.history.jump_to("lobby", 100)
    bench.poll()
    request = bench.server.take("history")
    page(bench, request, "Lobby", request["before"] - request["limit"], request["before"] - 1, more=True)
    assert JumpReady("lobby", 100) in bench.poll()
    room = bench.state.rooms["lobby"]
    assert room.message(100) is not None
    index = room.index_of(4951)
    assert room.gap_before(index)
    bench.client.history.jump_to("lobby", 100)
    assert bench.poll() == [JumpReady("lobby", 100)]


def test_join_a_room_with_a_long_history_loads_one_page(bench: Bench) -> None:
    """Who joins sees the newest page, nothing unread, and does not download the rest."""
    bench.sign_in(a_room("Lobby", membership="none"))
    bench.client.rooms.join("lobby")
    bench.server.ok(bench.server.take("join"), room="Lobby", membership="joined")
    assert RoomsChanged() in bench.poll()
    page(bench, bench.server.take("history"), "Lobby", 451, 500, more=True)
    bench.poll()
    room = bench.state.rooms["lobby"]
    assert (room.joined, room.unread, len(room.messages)) == (True, 0, 50)
    live(bench, "Lobby", 501)
    bench.poll()
    assert room.unread == 1
    assert bench.server.take_all("history") == []


ENTERED = {**a_room("Lobby", last_seq=501, read_seq=500), "unread": 1, "mentions": 0}


@pytest.mark.parametrize("let_in", [True, False])
def test_message_said_between_the_entering_and_the_first_page_is_unread(bench: Bench, let_in: bool) -> None:
    """The server says how far the room was when the user entered it: what came since is no old history."""
    bench.sign_in(a_room("Lobby", membership="none"))
    if let_in:
        bench.server.say({"type": "membership", "room": "Lobby", "membership": "joined"})
        bench.server.say({"type": "room", **ENTERED})
    else:
        bench.client.rooms.join("lobby")
        bench.server.ok(bench.server.take("join"), **ENTERED)
    bench.poll()
    assert not bench.client.history.is_joining("lobby")
    page(bench, bench.server.take("history"), "Lobby", 452, 501, more=True)
    bench.poll()
    room = bench.state.rooms["lobby"]
    assert (room.joined, room.read_seq, room.unread, len(room.messages)) == (True, 500, 1, 50)
    live(bench, "Lobby", 502)
    bench.poll()
    assert room.unread == 2
    assert bench.server.take_all("history") == []


def test_message_that_is_faster_than_what_lets_the_user_in(bench: Bench) -> None:
    """How far the room is read stands in the event that follows; one stored just before it is not read."""
    bench.sign_in()
    live(bench, "Lobby", 502, room_id="r1")
    bench.poll()
    room = bench.state.rooms["lobby"]
    assert (room.joined, room.unread) == (True, 1)
    assert bench.client.history.is_joining("lobby")
    bench.server.say({"type": "membership", "room": "Lobby", "membership": "joined", "room_id": "r1"})
    bench.server.say({"type": "room", **ENTERED, "id": "r1"})
    bench.poll()
    assert not bench.client.history.is_joining("lobby")
    page(bench, bench.server.take("history"), "Lobby", 453, 502, more=True)
    bench.poll()
    assert (room.joined, room.read_seq, room.unread, len(room.messages)) == (True, 500, 2, 50)


def test_message_that_is_faster_where_nobody_tells_how_far_the_room_is_read(bench: Bench) -> None:
    """The first page tells it, as in any room just joined: it is read up to what came live."""
    bench.sign_in()
    live(bench, "Lobby", 502)
    bench.server.say({"type": "membership", "room": "Lobby", "membership": "joined"})
    bench.poll()
    page(bench, bench.server.take("history"), "Lobby", 453, 502, more=True)
    bench.poll()
    room = bench.state.rooms["lobby"]
    assert (room.joined, room.read_seq, room.unread, len(room.messages)) == (True, 501, 1, 50)


def test_unread_room_is_loaded_after_the_sign_in(bench: Bench) -> None:
    """Mentions can be counted only where the unread messages are known."""
    bench.sign_in(a_room("Lobby", last_seq=80, read_seq=20), a_room("Quiet", last_seq=9, read_seq=9))
    bench.poll()
    assert bench.state.rooms["lobby"].unread == 60
    (request,) = bench.server.take_all("history")
    assert (request["room"], request["limit"]) == ("Lobby", 60)


def test_rooms_that_follow_the_sign_in_as_events_keep_what_is_loaded(bench: Bench) -> None:
    """A list too long for one frame goes on with events; nothing is loaded twice."""
    bench.sign_in(a_room("Lobby"), a_room("Other"))
    live(bench, "Other", 1)
    bench.poll()
    bench.drop()
    bench.come_back(a_room("Lobby"))
    assert "other" not in bench.state.rooms
    bench.server.say({"type": "room", **a_room("Other", last_seq=2)})
    bench.poll()
    bench.poll()
    assert seqs(bench, "other") == [1]
    assert bench.server.take("history")["after"] == 1


@pytest.mark.long
def test_live_messages_stay_fast_in_a_room_of_a_hundred_thousand(bench: Bench) -> None:
    """The cost of a message does not grow with the number of those before it."""
    bench.sign_in(a_room("Lobby"))
    model = bench.client._core.model
    timeline = model.rooms.timeline(bench.state.rooms["lobby"])
    loaded = [Message("Lobby", seq, "jules", "", seq) for seq in range(1, 100_001)]
    timeline.add_page(loaded, 1, 100_000, 100_000)
    events = [MessageEvent(Message("Lobby", seq, "jules", "", seq)) for seq in range(100_001, 101_001)]
    started = time.process_time()
    for event in events:
        model.apply(event)
    assert (time.process_time() - started) / len(events) < 0.001  # s
    assert bench.state.rooms["lobby"].unread == 101_000


def test_gap_that_stays_empty_is_believed_the_second_time(bench: Bench) -> None:
    """A server that has nothing to fill a hole with is not asked for ever."""
    bench.sign_in(a_room("Lobby"))
    live(bench, "Lobby", 1)
    live(bench, "Lobby", 4)
    bench.poll()
    bench.poll()
    for _ in range(2):
        page(bench, bench.server.take("history"), "Lobby", 1, 0, more=False)
        bench.poll()
        bench.poll()
    assert bench.server.take_all("history") == []
    room = bench.state.rooms["lobby"]
    assert (seqs(bench, "lobby"), room.covered.ranges(), room.unread) == ([1, 4], [(1, 4)], 2)


def test_history_shorter_than_asked_goes_on_where_it_ended(bench: Bench) -> None:
    """Long messages fill a frame before the limit: the next page begins after the last one that came."""
    bench.sign_in(a_room("Lobby"))
    live(bench, "Lobby", 1)
    bench.poll()
    bench.drop()
    bench.come_back(a_room("Lobby", last_seq=9))
    asked = []
    for first, last in ((2, 3), (4, 8), (9, 9)):
        bench.poll()
        request = bench.server.take("history")
        asked.append(request["after"])
        page(bench, request, "Lobby", first, last, more=last < 9)
        bench.poll()
    assert asked == [1, 3, 8]
    assert seqs(bench, "lobby") == list(range(1, 10))


def test_history_that_retention_has_cut_begins_later(bench: Bench) -> None:
    """Where old messages were removed the first that is left counts as the start."""
    bench.sign_in(a_room("Lobby", last_seq=60, read_seq=60, first_seq=41))
    bench.client.rooms.open("lobby")
    bench.poll()
    page(bench, bench.server.take("history"), "Lobby", 41, 60, more=False)
    bench.poll()
    room = bench.state.rooms["lobby"]
    assert room.at_start
    bench.client.history.load_older("lobby")
    bench.poll()
    assert bench.server.take_all("history") == []


def test_all_that_was_said_in_an_open_empty_room_is_asked_for(bench: Bench) -> None:
    """A room that was open and empty misses nothing of an absence, however much was said."""
    bench.sign_in(a_room("Lobby"), a_room("Quiet"))
    bench.client.rooms.open("lobby")
    bench.poll()
    page(bench, bench.server.take("history"), "Lobby", 1, 0, more=False)
    bench.poll()
    bench.drop()
    rooms = [a_room(name, last_seq=700, read_seq=700, unread=0, mentions=0) for name in ("Lobby", "Quiet")]
    bench.come_back(*rooms)
    live(bench, "Lobby", 701)
    for _ in range(10):
        bench.poll()
        for request in bench.server.take_all("history"):
            assert request["room"] == "Lobby"
            if "after" in request:
                last = min(request["after"] + request["limit"], 701)
                page(bench, request, "Lobby", request["after"] + 1, last, more=last < 701)
            else:
                last = min(request.get("before", 702) - 1, 701)
                page(bench, request, "Lobby", last - request["limit"] + 1, last, more=True)
    assert seqs(bench, "lobby") == list(range(1, 702))


def test_room_that_is_new_is_caught_up_with(bench: Bench) -> None:
    """What is unread in it is asked for where the server has not counted it; once, not at each change."""
    bench.sign_in(a_room("Lobby"))
    bench.server.say({"type": "room", **a_room("Other", last_seq=5)})
    bench.poll()
    bench.poll()
    assert bench.server.take("history")["room"] == "Other"
    bench.server.say({"type": "room", **a_room("Other", last_seq=5, topic="soup")})
    bench.poll()
    bench.poll()
    assert bench.server.take_all("history") == []
