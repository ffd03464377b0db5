"""The lists of the terminal client: each comes when it was asked for, with all that it names."""

from datetime import datetime
from typing import Any

import pytest

from chat_client.i18n import error_text
from chat_client.model.changes import Change, ModerationChanged, RequestDone, SignedOut, TransferChanged
from chat_client.model.transfer_state import TransferState
from tests.chat_client.fakes import a_message, live
from tests.chat_client.terminal.session import Session


def _told(session: Session, *changes: Change) -> list[str]:
    """Return what is written of changes."""
    session.lines.clear()
    session.terminal._show.changes(list(changes))
    return session.lines.copy()


def _found(session: Session, **answer: Any) -> list[str]:
    """Search and answer; return what is written."""
    assert session.type("/search soup") == ""
    session.bench.server.ok(session.bench.server.take("search"), **answer)
    return session.step().splitlines()


def test_found_messages_stand_with_their_rooms_the_newest_last(session: Session) -> None:
    """A message of a room that is not known stands there, too; the number of all is said before."""
    messages = [a_message("Lobby", 2, body="late"), a_message("Cellar", 1, body="early")]
    lines = _found(session, messages=messages, more=False)
    shown = [line.strip() for line in lines if not line.startswith("---")]
    assert shown[0] == "* 2 found"
    assert [shown[1].casefold(), shown[3]] == ["cellar", "Lobby"]
    assert shown[2].endswith("<jules> early")
    assert shown[4].endswith("<jules> late")
    assert session.step() == ""


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        ({"messages": [], "more": False}, ["* 0 found"]),
        ({"messages": [], "incomplete": True}, ["* 0 found", "* The server is still reading older"]),
    ],
)
def test_search_says_what_may_be_missing(session: Session, answer: dict[str, Any], lines: list[str]) -> None:
    """Only where something may be."""
    found = _found(session, **answer)
    assert len(found) == len(lines)
    assert all(one.startswith(other) for one, other in zip(found, lines, strict=True))


def test_search_with_more_says_so(session: Session) -> None:
    """Behind the number of those that were found."""
    assert _found(session, messages=[a_message("Lobby", 2)], more=True)[0] == "* 1 found, and more"


def test_refused_search_says_why_once(session: Session) -> None:
    """With the number of those that were found before, none."""
    session.type("/search soup")
    session.bench.server.error(session.bench.server.take("search"), "unavailable")
    assert session.step().splitlines() == [f"* 0 found {error_text('unavailable')}"]
    assert session.step() == ""


def _request(name: str, at: str, reason: str = "") -> dict[str, Any]:
    return {
        "username": name,
        "display_name": name,
        "room": "Board",
        "reason": reason,
        "requested_at": f"2026-03-01T{at}:00.000Z",
    }


def _pending(session: Session, *requests: dict[str, Any]) -> str:
    server = session.bench.server
    server.ok(server.take("moderation.pending"), requests=list(requests))
    return session.step()


def test_requests_to_join_are_told_once_each(session: Session) -> None:
    """One who asks a second time is told again; `/pending` writes all, or that there are none."""
    ida, noe = _request("ida", "10:00", "I sell"), _request("noe", "11:00")
    session.type("/pending")
    assert _pending(session, ida) == "* ida asks to join Board: I sell"
    session.bench.client.moderation.pending()
    assert _pending(session, ida, noe) == "* noe asks to join Board"
    session.type("/pending")
    assert len(_pending(session, ida, noe).splitlines()) == 2
    session.bench.client.moderation.pending()
    assert _pending(session) == ""
    session.bench.client.moderation.pending()
    assert _pending(session, _request("ida", "12:00")) == "* ida asks to join Board"
    session.type("/pending")
    assert _pending(session, _request("ida", "12:00")) == "* ida asks to join Board"
    session.type("/pending")
    assert _pending(session) == "* Nobody waits to be let in."


def test_people_stand_with_what_they_are(session: Session) -> None:
    """Behind a person the status, behind a program that it is one; `/who` writes the members of the room."""
    changes = {"jules": "busy"}
    session.bench.server.say(
        {"type": "presence", "room": "Lobby", "changes": changes, "names": {}, "online": 1, "total": 2}
    )
    session.step()
    session.bench.state.rooms["lobby"].members = ["jules"]
    assert "  jules [busy]" in session.type("/who").splitlines()
    session.bench.state.people["jules"].bot = True
    assert "  jules [bot]" in session.type("/who").splitlines()


@pytest.mark.parametrize(
    ("request_type", "told"),
    [
        ("password", "* The password was changed."),
        ("moderation.decide", "* Done."),
        ("room.edit", "* Done."),
        ("save", "* Done."),
        ("pin", "* Done."),
        ("status", ""),
    ],
)
def test_what_was_done_is_said_where_nothing_else_shows_it(
    session: Session, request_type: str, told: str
) -> None:
    """A status, say, is seen in the list of people."""
    assert [line[: len(told)] for line in _told(session, RequestDone(request_type, ""))] == [told] * bool(
        told
    )


@pytest.mark.parametrize(("code", "words"), [("", "signed out"), ("invalid_credentials", "Start again")])
def test_end_of_a_sign_in_is_said(session: Session, code: str, words: str) -> None:
    """One that was refused tells what to do."""
    (line,) = _told(session, SignedOut(code))
    assert words.casefold() in line.casefold()


def test_transfer_is_told_in_quarters(session: Session) -> None:
    """Each quarter once; a second transfer of the same file begins anew."""
    for _ in range(2):
        shown = []
        for done in (0, 24, 25, 49, 75, 76, 100, 100):
            transfer = TransferState("f1", "a\nb.txt", 100, done=done)
            session.bench.state.transfers["f1"] = transfer
            shown += _told(session, TransferChanged("f1"))
        assert shown == [f"* a b.txt: {percent} %" for percent in (25, 75, 100)]
        del session.bench.state.transfers["f1"]
        assert _told(session, TransferChanged("f1")) == []


def test_files_of_a_room_are_listed_the_newest_last(session: Session) -> None:
    """Each with its time, its author, and what `/download` takes."""
    one = {"id": "f1", "name": "a.png", "size": 12_345}
    two = {"id": "f2", "name": "b.txt", "size": 7}
    live(session.bench, "Lobby", 1, body="x", files=[one])
    session.step()
    session.type("/files")
    messages = [a_message("Lobby", 3, files=[one, two]), a_message("Lobby", 1, files=[one])]
    server = session.bench.server
    server.ok(server.take("search"), messages=messages, more=True)
    first, *others = session.step().splitlines()
    assert first == "* 3 files, and more"
    places = [line.rpartition("/download ")[2].rstrip("]") for line in others]
    assert places == ["1.1", "3.2", "3.1"]
    when = datetime.fromtimestamp(1_700_000_000).strftime("%Y-%m-%d %H:%M")
    assert all(line.startswith(f"  [{when}] <jules> [file: ") for line in others)


def test_saved_messages_are_listed_only_when_they_were_asked_for(session: Session) -> None:
    """What another part of the client asks for is not written."""
    server = session.bench.server
    for asked in (False, True, False):
        if asked:
            session.type("/saved")
        else:
            session.bench.client.saved.refresh()
        server.ok(server.take("saved"), messages=[a_message("Lobby", 3)])
        assert bool(session.step()) == asked


def test_nothing_is_said_of_requests_that_nobody_asked_for(session: Session) -> None:
    """That there are none is an answer to `/pending` alone."""
    assert _told(session, ModerationChanged()) == []
    session.bench.state.join_request_count = 1
    assert _told(session, ModerationChanged()) == []
