"""What is handed to a bot's handlers: everything of others once, in order, however it arrives."""

import pytest

from chat_client.bot.inbox import KEPT_MESSAGES, Inbox
from chat_client.model.history import CATCH_UP_MAX
from tests.chat_client.fakes import Bench, Frame, a_message, a_room, live, page


@pytest.fixture
def inbox(bench: Bench) -> Inbox:
    return Inbox(bench.client, to_bots=False)


def take(bench: Bench, inbox: Inbox, most: int = 1_000) -> list[int]:
    """Poll, and handle what there is; return the seqs of the messages."""
    bench.poll()
    due = inbox.take(most)
    for one in due:
        inbox.handled(one)
    return [one.message.seq or 0 for one in due if one.message is not None]


def test_what_was_said_before_the_first_start_is_not_handled(bench: Bench, inbox: Inbox) -> None:
    """A room that the server says is read begins with the next message."""
    bench.sign_in(a_room("Lobby", last_seq=40, read_seq=40))
    assert take(bench, inbox) == []
    live(bench, "Lobby", 41)
    assert take(bench, inbox) == [41]
    assert take(bench, inbox) == []


def test_unread_is_handled_in_order(bench: Bench, inbox: Inbox) -> None:
    """What the server says is unread is loaded from its beginning; what is said meanwhile waits for it."""
    bench.sign_in(a_room("Lobby", last_seq=5, read_seq=2))
    assert take(bench, inbox) == []
    live(bench, "Lobby", 6)
    assert take(bench, inbox) == []
    bench.pass_s(1)
    for request in bench.server.take_all("history"):
        page(bench, request, "Lobby", 3, 5, more=False)
    assert take(bench, inbox) == [3, 4, 5, 6]


def test_mark_follows_what_was_handled(bench: Bench, inbox: Inbox) -> None:
    """The server is told how far the room was handled, not how far it was received."""
    bench.sign_in(a_room("Lobby", last_seq=1, read_seq=1))
    bench.pass_s(2)
    take(bench, inbox)
    for seq in (2, 3):
        live(bench, "Lobby", seq)
    bench.poll()
    first, _second = inbox.take(10)
    inbox.handled(first)
    bench.pass_s(2)
    assert [request["seq"] for request in bench.server.take_all("read")][-1:] == [2]


def test_more_than_fits_waits(bench: Bench, inbox: Inbox) -> None:
    """No more than asked for is handed out at a time, and the rest in the next calls."""
    bench.sign_in(a_room("Lobby"), a_room("Other"))
    take(bench, inbox)
    for seq in range(1, 6):
        live(bench, "Lobby", seq)
        live(bench, "Other", seq)
    assert take(bench, inbox, most=3) == [1, 2, 3]
    assert take(bench, inbox, most=0) == []
    assert take(bench, inbox, most=4) == [4, 5, 1, 2]
    assert take(bench, inbox) == [3, 4, 5]


def test_own_words_changes_and_bots_are_left_out(bench: Bench, inbox: Inbox) -> None:
    """Handlers get neither the bot's own words, nor other bots', nor edits, nor what was taken back."""
    bench.sign_in(a_room("Lobby"))
    take(bench, inbox)
    live(bench, "Lobby", 1, "zoe")
    live(bench, "Lobby", 2, "robo", bot=True)
    live(bench, "Lobby", 3)
    live(bench, "Lobby", 4, kind="edit", target=3, body="better")
    live(bench, "Lobby", 5)
    live(bench, "Lobby", 6, kind="delete", target=5)
    assert take(bench, inbox) == [3]
    every = Inbox(bench.client, to_bots=True)
    bench.state.rooms["lobby"].read_seq = 0
    assert [one.message.seq for one in every.take(10) if one.message is not None] == [2, 3]


def test_long_absence_is_read_in_full(bench: Bench, inbox: Inbox) -> None:
    """However much was missed, pages are asked for one after the other until nothing is missing."""
    bench.sign_in(a_room("Lobby", last_seq=1, read_seq=1))
    take(bench, inbox)
    live(bench, "Lobby", 2)
    assert take(bench, inbox) == [2]
    bench.drop()
    newest = 2 + CATCH_UP_MAX + 500
    bench.come_back(a_room("Lobby", last_seq=newest, read_seq=2))
    handled: list[int] = []
    for _ in range(newest // 200 + 2):
        for request in bench.server.take_all("history"):
            first = request["after"] + 1
            page(bench, request, "Lobby", first, min(first + 199, newest), more=True)
        handled += take(bench, inbox)
    assert handled == list(range(3, newest + 1))
    assert len(bench.state.rooms["lobby"].messages) <= KEPT_MESSAGES + 1


def test_refused_page_is_asked_for_again(bench: Bench, inbox: Inbox) -> None:
    """A page that the server fails to give is asked for again, so that no message is left out for good."""
    bench.sign_in(a_room("Lobby", last_seq=3, read_seq=2))
    take(bench, inbox)
    bench.pass_s(1)
    (request,) = bench.server.take_all("history")
    bench.server.error(request, "internal")
    bench.pass_s(4)
    (request,) = bench.server.take_all("history")
    page(bench, request, "Lobby", 3, 3, more=False)
    assert take(bench, inbox) == [3]


def test_room_that_the_bot_enters(bench: Bench, inbox: Inbox) -> None:
    """Of a room that it enters, a bot handles what is said from then on, also before the first page."""
    bench.sign_in(a_room("Lobby", membership="none"))
    take(bench, inbox)
    bench.client.rooms.join("lobby")
    bench.server.ok(bench.server.take("join"), room="Lobby", membership="joined")
    bench.poll()
    (request,) = bench.server.take_all("history")
    live(bench, "Lobby", 31)
    assert take(bench, inbox) == []
    page(bench, request, "Lobby", 1, 31, more=False)
    assert take(bench, inbox) == [31]
    live(bench, "Lobby", 32)
    assert take(bench, inbox) == [32]


def enter(bench: Bench, inbox: Inbox) -> Frame:
    """Enter a room; return the request for its first page."""
    bench.sign_in(a_room("Lobby", membership="none", id="db,1"))
    take(bench, inbox)
    bench.client.rooms.join("lobby")
    bench.server.ok(bench.server.take("join"), room="Lobby", membership="joined")
    bench.poll()
    request: Frame = bench.server.take("history")
    return request


def test_connection_lost_while_entering(bench: Bench, inbox: Inbox) -> None:
    """The server knows from where a room was entered: what was said since is handled after the loss."""
    enter(bench, inbox)
    bench.drop()
    bench.come_back(a_room("Lobby", last_seq=9, read_seq=7, id="db,1"))
    take(bench, inbox)
    for request in bench.server.take_all("history"):
        page(bench, request, "Lobby", 8, 9, more=False)
    assert take(bench, inbox) == [8, 9]


def test_room_renamed_while_it_is_entered(bench: Bench, inbox: Inbox) -> None:
    """A room that gets another name before its first page has come does not begin with its past."""
    request = enter(bench, inbox)
    bench.server.say({"type": "room", **a_room("Hall", last_seq=3, id="db,1"), "was": "Lobby"})
    assert take(bench, inbox) == []
    page(bench, request, "Hall", 1, 3, more=False)
    assert take(bench, inbox) == []
    live(bench, "Hall", 4, room_id="db,1")
    assert take(bench, inbox) == [4]


def test_room_left_and_entered_again(bench: Bench, inbox: Inbox) -> None:
    """What was said while the bot was not in a room is none of its business."""
    bench.sign_in(a_room("Lobby", last_seq=3, read_seq=3))
    take(bench, inbox)
    for membership in ("none", "joined"):
        bench.server.say({"type": "membership", "room": "Lobby", "membership": membership})
    bench.poll()
    (request,) = bench.server.take_all("history")
    page(bench, request, "Lobby", 1, 9, more=False)
    assert take(bench, inbox) == []
    live(bench, "Lobby", 10)
    assert take(bench, inbox) == [10]


def test_private_conversation_begins(bench: Bench, inbox: Inbox) -> None:
    """The first words of somebody in private are handled."""
    bench.sign_in(a_room("Lobby"))
    take(bench, inbox)
    bench.server.say({"type": "message", **a_message("@jules", 1)})
    assert take(bench, inbox) == [1]
