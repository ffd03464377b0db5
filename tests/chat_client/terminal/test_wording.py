"""The words of the terminal client: names, messages, quotes, and how the connection stands."""

from datetime import datetime
from typing import Any

import pytest

from chat_client.i18n import error_text
from chat_client.model.state import ClientState, ConnectionState, Phase
from chat_client.terminal.wording import QUOTE_MAX, message_line, name_of, status_line
from chat_protocol.times import to_rfc3339
from tests.chat_client.fakes import live
from tests.chat_client.terminal.session import Session


def _connection(phase: Phase, **more: Any) -> ConnectionState:
    return ConnectionState(phase=phase, host="chat.example", port=5000, **more)


def _line(session: Session, seq: int = 1) -> str:
    """Return a message of the open room as it is written, without its time."""
    session.step()
    room = session.bench.state.rooms["lobby"]
    return message_line(room.message(seq), room, session.bench.state).partition("] ")[2]


def test_name_stands_before_the_username_where_it_is_another_word(session: Session) -> None:
    """A name that is the username, or empty, is left out; an erased author has words."""
    frame = {"type": "presence", "room": "Lobby", "online": 1, "total": 3}
    changes = dict.fromkeys(("jules", "ida", "noe"), "online")
    session.bench.server.say({**frame, "changes": changes, "names": {"jules": "Jules M.", "ida": "ida"}})
    session.step()
    state = session.bench.state
    assert [name_of(name, state) for name in ("jules", "ida", "noe", "stranger", "")] == [
        "Jules M. @jules",
        "ida",
        "noe",
        "stranger",
        "Former member",
    ]


def test_message_that_was_deleted_says_so_alone(session: Session) -> None:
    """Neither its text nor that it was edited is shown."""
    live(session.bench, "Lobby", 1, body="secret")
    live(session.bench, "Lobby", 2, kind="edit", target=1, body="changed")
    assert _line(session) == "#1 <jules> changed (edited)"
    live(session.bench, "Lobby", 3, kind="delete", target=1)
    line = _line(session)
    assert "deleted" in line
    assert "changed" not in line
    assert "edited" not in line


def test_reactions_are_counted_behind_a_message(session: Session) -> None:
    """Each emoji with the number of those who gave it, all in one pair of brackets."""
    live(session.bench, "Lobby", 1, body="hi", reactions={"🎉": ["ida"], "👍": ["ida", "noe"]})
    assert _line(session) == "#1 <jules> hi [🎉1 👍2]"


@pytest.mark.parametrize(("length", "cut"), [(QUOTE_MAX, ""), (QUOTE_MAX + 1, "…")])
def test_quote_ends_after_forty_signs(session: Session, length: int, cut: str) -> None:
    """A longer one is cut, and its lines are joined."""
    live(session.bench, "Lobby", 1, body="a\nb" + "c" * (length - 3))
    live(session.bench, "Lobby", 2, body="yes", reply_to=1)
    assert _line(session, 2) == f"#2 <jules> (↪ #1 <jules> a b{'c' * 37}{cut}) yes"


def test_quote_without_what_it_answers_is_a_number(session: Session) -> None:
    """Where that is not loaded or was deleted, or the room is not known."""
    live(session.bench, "Lobby", 1, body="gone")
    live(session.bench, "Lobby", 2, body="yes", reply_to=1)
    live(session.bench, "Lobby", 3, kind="delete", target=1)
    live(session.bench, "Lobby", 4, body="no", reply_to=99)
    assert _line(session, 2) == "#2 <jules> (↪ #1) yes"
    assert _line(session, 4) == "#4 <jules> (↪ #99) no"
    state = session.bench.state
    line = message_line(state.rooms["lobby"].message(2), None, state)
    assert line.endswith("#2 <jules> (↪ #1) yes")


@pytest.mark.parametrize(
    ("connection", "words"),
    [
        (_connection(Phase.ONLINE, encrypted=True), ["to chat.example:5000, encrypted"]),
        (_connection(Phase.ONLINE, encrypted=False), ["not encrypted"]),
        (_connection(Phase.CONNECTING), ["onnecting", "chat.example:5000"]),
        (_connection(Phase.WAITING, code="unreachable"), ["cannot be reached", "again"]),
        (_connection(Phase.REFUSED, code="banned", detail="rude\x1b"), ["rude\ufffd"]),
        (_connection(Phase.REFUSED), [error_text("internal")]),
    ],
    ids=lambda value: str(getattr(value, "phase", "")),
)
def test_each_state_of_the_connection_has_its_line(connection: ConnectionState, words: list[str]) -> None:
    """It names the place or the reason, in one line."""
    state = ClientState()
    state.connection = connection
    line = status_line(state)
    assert line.startswith("* ")
    assert "\n" not in line
    assert [word for word in words if word not in line] == []


@pytest.mark.parametrize(("storing", "told"), [(True, False), (False, True)])
def test_server_that_cannot_store_is_told_behind_the_connection(storing: bool, told: bool) -> None:
    """Only while it cannot."""
    state = ClientState()
    usual = _connection(Phase.ONLINE, encrypted=True)
    state.connection = usual
    line = status_line(state)
    state.connection = _connection(Phase.ONLINE, encrypted=True, storing_ok=storing)
    assert (status_line(state) != line) == told
    assert status_line(state).startswith(line)


def test_fingerprint_is_asked_about_in_marked_lines() -> None:
    """Each line of the question has the mark of what the program says."""
    state = ClientState()
    state.connection = _connection(Phase.FINGERPRINT, fingerprint="AB:CD")
    lines = status_line(state).split("\n")
    assert len(lines) > 1
    assert all(line.startswith("* ") for line in lines)
    assert any("AB:CD" in line for line in lines)


def test_message_begins_with_its_time_here(session: Session) -> None:
    """In hours and minutes."""
    said = datetime(2026, 3, 1, 9, 5).astimezone()
    live(session.bench, "Lobby", 1, body="hi", sent_at=to_rfc3339(int(said.timestamp() * 1000)))
    assert "[09:05] #1 <jules> hi" in session.step().splitlines()
