"""The terminal client's commands for those who make rooms and keep them."""

from typing import Any

import pytest

from tests.chat_client.fakes import a_room
from tests.chat_client.terminal.session import Session

PRIVATE: dict[str, Any] = {"kind": "private", "display_name": "Projet", "id": "9f3a51c2d0,7"}


def _made(session: Session) -> Session:
    """Make a private room, which is open then."""
    session.type("/create Projet : jules, @paul")
    request = session.bench.server.take("room.create")
    assert (request["name"], request["kind"], request["people"]) == ("Projet", "private", ["jules", "@paul"])
    session.bench.server.ok(request, **a_room("Projet ~k3f9", owner=True, **PRIVATE))
    assert "* Projet" in session.step()
    return session


def test_room_that_is_made_is_open(session: Session) -> None:
    """It is shown without its mark, found with it or without, and what is typed is said there."""
    _made(session)
    assert "Projet ~k3f9" in session.type("/rooms")
    session.type("/open lobby", "/open projet", "hello")
    assert session.bench.server.take("send")["room"] == "9f3a51c2d0,7"
    assert session.bench.state.rooms["projet ~k3f9"].owner


@pytest.mark.parametrize(
    ("line", "request_type", "fields"),
    [
        ("/add carl", "room.add", {"people": ["carl"]}),
        ("/owner carl paul", "room.add", {"people": ["carl", "paul"], "owner": True}),
        ("/no-owner carl", "room.add", {"people": ["carl"], "owner": False}),
        ("/remove carl : Thanks.", "room.remove", {"username": "carl", "reason": "Thanks."}),
        ("/topic new things", "room.edit", {"topic": "new things"}),
        ("/topic", "room.edit", {"topic": ""}),
        ("/describe what for", "room.edit", {"description": "what for"}),
        ("/rename Plan", "room.edit", {"name": "Plan"}),
        ("/kind private", "room.edit", {"kind": "private"}),
        ("/archive", "room.archive", {"on": True}),
        ("/unarchive", "room.archive", {"on": False}),
    ],
)
def test_open_room_is_kept(session: Session, line: str, request_type: str, fields: dict[str, object]) -> None:
    """Each command asks for the open room by its id, and is done when the server says so."""
    _made(session).type(line)
    request = session.bench.server.take(request_type)
    assert request["room"] == "9f3a51c2d0,7"
    assert {name: request[name] for name in fields} == fields
    session.bench.server.ok(request)
    assert "Done" in session.step()


def test_archived_room_is_left_out_of_the_list(session: Session) -> None:
    """It is listed by /rooms archived alone."""
    _made(session)
    session.bench.server.say({"type": "room", **a_room("Projet ~k3f9", archived=True, **PRIVATE)})
    session.step()
    assert "Projet" not in session.type("/rooms")
    assert "Projet ~k3f9" in session.type("/rooms archived")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("/create", "name of the room is missing"),
        ("/rename", "name of the room is missing"),
        ("/add", "name"),
        ("/remove", "name"),
        ("/kind secret", "public, moderated or private"),
    ],
)
def test_wrong_line_is_answered(session: Session, line: str, answer: str) -> None:
    """What is missing is said in a line."""
    assert answer in session.type(line)


def test_private_conversation_stays_one_of_two(session: Session) -> None:
    """Nobody is added to it; the answer says how to go on with a third."""
    assert "/create NAME" in session.type("/msg jules hi", "/add paul")
