"""Pinned messages: asked for when a room is opened, kept up by events, and read as they are now."""

from typing import Any

import pytest

from chat_client.model.changes import PinsChanged, RequestFailed
from chat_client.model.pins import pins_of
from tests.chat_client.fakes import Bench, Frame, a_message, a_room

ROOM = a_room("Général", last_seq=9, id="db,1")


@pytest.fixture
def room(bench: Bench) -> Bench:
    """A bench where the room was opened, and two messages are pinned in it."""
    bench.capabilities = ["pins"]
    bench.sign_in(ROOM)
    bench.client.rooms.open("general")
    bench.poll()
    bench.server.ok(bench.server.take("pins"), messages=[_message(7)], next=4)
    bench.poll()
    request = bench.server.take("pins")
    assert (request["room"], request["before"]) == ("db,1", 4)
    bench.server.ok(request, messages=[_message(3)])
    assert PinsChanged("general") in bench.poll()
    return bench


def _message(seq: int, **fields: Any) -> Frame:
    return a_message("Général", seq, room_id="db,1", **fields)


def _bodies(bench: Bench) -> list[str]:
    return [pin.body for pin in pins_of(bench.state.rooms["general"])]


def test_events_keep_the_list(room: Bench) -> None:
    """What is pinned comes first, what is taken off goes, an edit changes and a deletion removes."""
    assert _bodies(room) == ["message 7", "message 3"]
    room.server.say(
        {"type": "pin", "room": "Général", "room_id": "db,1", "seq": 5, "on": True, "message": _message(5)}
    )
    room.server.say({"type": "pin", "room": "Général", "room_id": "db,1", "seq": 7, "on": False})
    room.server.say(_message(10, type="message", kind="edit", target=3, body="better"))
    room.poll()
    assert _bodies(room) == ["message 5", "better"]
    room.server.say(_message(11, type="message", kind="delete", target=5, body=""))
    room.poll()
    assert _bodies(room) == ["better"]
    assert room.server.take_all("pins") == []


def test_answer_that_was_overtaken_is_asked_again(bench: Bench) -> None:
    """What is told while the list is under way is in the list in the end."""
    bench.capabilities = ["pins"]
    bench.sign_in(ROOM)
    bench.client.rooms.open("general")
    bench.poll()
    request = bench.server.take("pins")
    bench.server.say({"type": "pin", "room": "Général", "seq": 5, "on": True, "message": _message(5)})
    bench.server.ok(request, messages=[])
    bench.poll()
    bench.server.ok(bench.server.take("pins"), messages=[_message(5)])
    bench.poll()
    assert _bodies(bench) == ["message 5"]


def test_pin_and_refusal(room: Bench) -> None:
    """A message is pinned by its room's id; a refusal is told."""
    room.client.pins.pin("general", 4)
    request = room.server.take("pin")
    assert (request["room"], request["seq"], request["on"]) == ("db,1", 4, True)
    room.server.error(request, "forbidden")
    assert any(isinstance(change, RequestFailed) for change in room.poll())


def test_server_without_pins_is_not_asked(bench: Bench) -> None:
    """An older server gets no request that it does not know."""
    bench.sign_in(ROOM)
    bench.client.rooms.open("general")
    bench.poll()
    assert bench.server.take_all("pins") == []
