"""The terminal client's lines about rooms and messages: what each asks for, and what happens at once."""

import pytest

from chat_client.i18n import _
from tests.chat_client.fakes import Bench, a_room, live, page
from tests.chat_client.terminal.session import Session


@pytest.mark.parametrize(
    ("line", "request_type", "fields"),
    [
        ("/who", "members", {"room": "Lobby"}),
        ("/files", "search", {"room": "Lobby", "query": "file:*"}),
        ("/search soup", "search", {"query": "soup"}),
        ("/name Zoé B.", "profile", {"display_name": "Zoé B."}),
        ("/status busy at lunch", "status", {"status": "busy", "text": "at lunch"}),
        ("/react #3 👍", "react", {"seq": 3, "emoji": "👍", "on": True}),
        ("/unreact 3  👍", "react", {"seq": 3, "emoji": "👍", "on": False}),
        ("/save 3", "save", {"seq": 3, "on": True}),
        ("/unsave #3", "save", {"seq": 3, "on": False}),
        ("/edit 3 better", "edit", {"seq": 3, "body": "better"}),
        ("/REPLY 3 yes", "send", {"body": "yes", "reply_to": 3}),
        ("//me waves", "send", {"body": "/me waves"}),
        ("/msg @jules hi", "send", {"room": "@jules", "body": "hi"}),
    ],
)
def test_line_asks_for_just_that(
    session: Session, line: str, request_type: str, fields: dict[str, object]
) -> None:
    """In the open room, unless it says otherwise."""
    session.bench.server.sent.clear()
    session.type(line)
    request = session.bench.server.take(request_type)
    assert {name: request.get(name) for name in fields} == fields
    assert session.bench.server.take_all(request_type) == []


@pytest.mark.parametrize("line", ["/goto 20", "/download 20", "/reactions #20"])
def test_message_that_is_not_loaded_is_asked_for(bench: Bench, line: str) -> None:
    """With those beside it, and it is waited for; one that is loaded is there at once."""
    session = Session(bench)
    bench.sign_in(a_room("Lobby", last_seq=1_000, read_seq=1_000))
    session.type("/open lobby")
    page(bench, bench.server.take("history"), "Lobby", 951, 1_000, more=True)
    session.step()
    session.type(line)
    assert session.terminal._commands.waits
    (request,) = bench.server.take_all("history")
    first = request["before"] - request["limit"] if "before" in request else request["after"] + 1
    assert first <= 20 < first + request["limit"]
    page(bench, request, "Lobby", 1, 100, more=True)
    written = session.step()
    assert not session.terminal._commands.waits
    session.lines.clear()
    session.terminal._commands.line(line)
    assert session.lines
    assert "\n".join(session.lines) in written
    assert not session.terminal._commands.waits


def test_room_that_is_opened_counts_as_read_at_once(session: Session) -> None:
    """Also where the next line ends the program."""
    live(session.bench, "@jules", 1, body="psst")
    session.step()
    session.terminal._commands.line("/open @jules")
    assert session.bench.state.rooms["@jules"].read_seq == 1


def test_room_that_the_user_is_in_is_not_joined_again(session: Session) -> None:
    """It is opened."""
    session.type("/open board", "/join lobby")
    assert session.bench.state.open_room == "lobby"
    assert session.bench.server.take_all("join") == []


@pytest.mark.parametrize("line", ["/about", "/leave", "/who", "/pin 1", "/read", "/goto 1", "hello"])
def test_line_about_a_room_needs_an_open_one(session: Session, line: str) -> None:
    """It says so, and asks for nothing."""
    session.bench.state.open_room = None
    session.bench.server.sent.clear()
    assert session.type(line) == f"* {_('terminal.no_open_room')}"
    assert {frame["type"] for frame in session.bench.server.sent} <= {"watch"}


@pytest.mark.parametrize(("line", "numbers"), [("/goto 0", "0"), ("/goto 3", "3"), ("/goto 2", "")])
def test_number_is_one_of_the_room_s_messages(session: Session, line: str, numbers: str) -> None:
    """From the first that the user may read to the last one."""
    live(session.bench, "Lobby", 1)
    live(session.bench, "Lobby", 2)
    session.step()
    assert (_("terminal.no_message", seq=numbers) in session.type(line)) == bool(numbers)
