"""What the user does with rooms, and what is told of it, here and to the server."""

from typing import Any

import pytest

from chat_client.model.changes import RequestFailed, RoomChanged, RoomsChanged
from chat_client.model.state import NotifyLevel
from tests.chat_client.fakes import Bench, a_room


def test_typing_is_told_every_three_seconds_at_most(bench: Bench) -> None:
    """Of each room by itself; not where the user is not in it, nor of one that is gone."""
    bench.sign_in(a_room("Lobby"), a_room("Hall"), a_room("Board", membership="none"))
    typing = bench.client.rooms.typing
    for room in ("lobby", "lobby", "hall", "board", "gone"):
        typing(room)
    assert [frame["room"] for frame in bench.server.take_all("typing")] == ["Lobby", "Hall"]
    bench.pass_s(2.5)
    typing("lobby")
    assert bench.server.take_all("typing") == []
    bench.pass_s(0.5)
    typing("lobby")
    assert len(bench.server.take_all("typing")) == 1


def test_conversation_is_made_once_with_the_name_of_the_other(bench: Bench) -> None:
    """As far as it is known; the list of rooms has it at once."""
    bench.sign_in(a_room("Lobby"))
    names = {"jules": "Jules M."}
    frame = {"type": "presence", "room": "Lobby", "online": 1, "total": 2}
    bench.server.say({**frame, "changes": {"jules": "online"}, "names": names})
    bench.poll()
    key = bench.client.rooms.direct("Jules")
    assert RoomsChanged() in bench.poll()
    assert bench.state.rooms[key].display_name == "Jules M."
    assert bench.client.rooms.direct("jules") == key
    assert bench.poll() == []


@pytest.mark.parametrize("id_", [{}, {"id": "db,1"}])
def test_chosen_level_holds_at_once(bench: Bench, id_: dict[str, Any]) -> None:
    """Whether the server keeps it or this computer alone."""
    bench.sign_in(a_room("Lobby", **id_))
    bench.client.rooms.set_notify("lobby", NotifyLevel.NONE)
    assert RoomChanged("lobby") in bench.poll()
    assert bench.state.rooms["lobby"].notify == NotifyLevel.NONE
    bench.client.rooms.set_notify("gone", NotifyLevel.ALL)
    bench.client.rooms.set_favourite("gone", True)
    assert bench.poll() == []


def test_draft_is_told_where_it_begins_or_ends(bench: Bench) -> None:
    """Not at each key; white space is none."""
    bench.sign_in(a_room("Lobby"))
    told = []
    for text in ("  ", "h", "he", "he", "", ""):
        bench.client.rooms.set_draft("lobby", text)
        told.append(RoomChanged("lobby") in bench.poll())
    assert told == [False, True, False, False, True, False]
    bench.client.rooms.set_draft("lobby", "half")
    bench.client.rooms.forget_draft(bench.state.rooms["lobby"])
    assert (bench.state.rooms["lobby"].draft, bench.client._drafts.of(bench.client._core.account)) == ("", {})


def test_room_that_was_open_last_is_found_again(bench: Bench) -> None:
    """By what it is kept under, also after a restart; one that is gone is none."""
    bench.sign_in(a_room("Lobby"), a_room("Hall", id="db,7"))
    assert bench.client.rooms.last_open() is None
    for key in ("lobby", "hall"):
        bench.client.rooms.open(key)
        bench.client.rooms.open(None)
        assert bench.client.rooms.last_open() == key
    bench.restart()
    bench.sign_in(a_room("Lobby"), a_room("Great Hall", id="db,7"))
    assert bench.client.rooms.last_open() == "great hall"
    bench.restart()
    bench.sign_in(a_room("Lobby"))
    assert bench.client.rooms.last_open() is None


def test_room_that_is_opened_has_no_news(bench: Bench) -> None:
    """Until something new comes."""
    bench.sign_in(a_room("Lobby"))
    bench.state.rooms["lobby"].news = True
    bench.client.rooms.open("lobby")
    assert bench.state.rooms["lobby"].news is False


def test_join_and_leave_are_told_as_the_server_answers(bench: Bench) -> None:
    """Who is in already is in; another refusal is told with its room."""
    bench.sign_in(a_room("Board", membership="none", id="db,3"))
    rooms, room = bench.client.rooms, bench.state.rooms["board"]
    rooms.join("board", "  ")
    request = bench.server.take("join")
    assert (request["room"], request.get("reason")) == ("db,3", None)
    bench.server.error(request, "already_member")
    bench.poll()
    assert room.membership == "joined"
    rooms.leave("board")
    request = bench.server.take("leave")
    assert request["room"] == "db,3"
    bench.server.error(request, "forbidden")
    assert RequestFailed("leave", "forbidden", "forbidden", "board") in bench.poll()
    assert room.membership == "joined"


def test_room_that_the_user_has_left_has_refused_nobody(bench: Bench) -> None:
    """One from which somebody else has removed the user has."""
    bench.sign_in(a_room("Lobby"), a_room("Board"))
    bench.client.rooms.leave("lobby")
    bench.server.ok(bench.server.take("leave"), room="Lobby", membership="none")
    bench.server.say({"type": "membership", "room": "Board", "membership": "none", "reason": "full"})
    bench.poll()
    assert [bench.state.rooms[key].refused for key in ("lobby", "board")] == [False, True]
