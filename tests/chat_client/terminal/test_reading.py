"""What the terminal client loads of a room, writes once, and marks as read."""

import re

import pytest

from tests.chat_client.fakes import a_room, live, page
from tests.chat_client.terminal.session import Session


def test_terminal_marks_what_it_has_shown_as_read(session: Session) -> None:
    """What comes in the open room is read; what comes elsewhere is not, until that room is opened."""
    live(session.bench, "Lobby", 1)
    live(session.bench, "@jules", 1, body="psst")
    session.step()
    assert session.bench.state.rooms["lobby"].read_seq == 1
    assert session.bench.state.rooms["@jules"].read_seq == 0
    session.bench.pass_s(2)
    assert [(mark["room"], mark["seq"]) for mark in session.bench.server.take_all("read")] == [("Lobby", 1)]
    session.type("/open @jules")
    session.bench.pass_s(2)
    assert [(mark["room"], mark["seq"]) for mark in session.bench.server.take_all("read")] == [("@jules", 1)]


def _answer(session: Session, last_seq: int) -> str:
    """Answer the history requests as a server with that many messages does; return what is shown."""
    shown = []
    for _ in range(4):
        for request in session.bench.server.take_all("history"):
            if "after" in request:
                page(session.bench, request, "Lobby", request["after"] + 1, last_seq, more=False)
            else:
                end = min(request.get("before", last_seq + 1) - 1, last_seq)
                page(session.bench, request, "Lobby", 1, end, more=False)
        shown.append(session.step())
    return "\n".join(shown)


def _return(session: Session, last_seq: int, then: int) -> str:
    """Lose the connection, come back to `last_seq` messages, and hear another one at once."""
    session.bench.drop()
    session.step()
    bench, count = session.bench, len(session.bench.connections)
    while len(bench.connections) == count:
        bench.pass_s(1)
    bench.server.up()
    session.step()
    user = {"username": "zoe", "display_name": "Zoé", "role": "member"}
    rooms = [a_room("Lobby", last_seq=last_seq)]
    bench.server.ok(bench.server.take("resume"), user=user, token="t", rooms=rooms)
    live(bench, "Lobby", then)
    return session.step()


def _order(shown: str) -> list[int]:
    return [int(found) for found in re.findall(r"> message (\d+)", shown)]


@pytest.mark.parametrize("heard", [0, 1, 5])
def test_terminal_shows_what_was_said_while_it_was_away(session: Session, heard: int) -> None:
    """All of it is written once, also where the room was empty before, and is not read before that."""
    _answer(session, 0)
    for seq in range(1, heard + 1):
        live(session.bench, "Lobby", seq)
    session.step()
    assert session.bench.state.rooms["lobby"].read_seq == heard
    assert _order(_return(session, heard + 2, then=heard + 3)) == [heard + 3]
    assert session.bench.state.rooms["lobby"].read_seq == heard
    shown = _answer(session, heard + 3)
    assert _order(shown) == [heard + 1, heard + 2]
    assert f"* before #{heard + 3}:" in shown
    assert session.bench.state.rooms["lobby"].read_seq == heard + 3


def test_terminal_loads_older_messages_after_a_refused_gap(session: Session) -> None:
    """A page refused for now is asked for every two seconds, refused for good no more; `/older` works."""
    server = session.bench.server
    _answer(session, 0)
    live(session.bench, "Lobby", 11)
    live(session.bench, "Lobby", 14)
    for code, most in (("unavailable", 2), ("internal", 2), ("internal", 0)):
        asked = 0
        for _ in range(60):
            for request in server.take_all("history"):
                asked += 1
                server.error(request, code)
            session.bench.steady.now += 0.05
            session.step()
        assert asked <= most, code
    session.type("/older")
    assert _order(_answer(session, 14)) == [*range(1, 11), 12, 13]
    session.type("/older")
    assert server.take_all("history") == []


def test_terminal_marks_as_read_what_it_has_not_shown_when_told_so(session: Session) -> None:
    """What is not loaded stays unread until `/read`."""
    _answer(session, 0)
    live(session.bench, "Lobby", 14)
    session.step()
    assert session.bench.state.rooms["lobby"].read_seq == 0
    session.type("/read")
    assert session.bench.state.rooms["lobby"].read_seq == 14


def test_terminal_goes_to_a_message_that_is_not_loaded(session: Session) -> None:
    """It waits for the message, and shows it with those beside it, once."""
    live(session.bench, "Lobby", 40)
    session.step()
    session.type("/goto #20")
    assert session.terminal._commands.waits
    shown = _answer(session, 40)
    assert 20 in _order(shown)
    assert not session.terminal._commands.waits
    assert _order(session.step()) == []
    assert "99" in session.type("/goto 99")
