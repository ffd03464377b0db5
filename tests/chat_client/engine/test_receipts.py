"""How far the other one has read a private conversation: asked for when it is opened, told from then on."""

import pytest

from chat_client.model.changes import RoomChanged
from chat_client.model.receipts import read_by_partner
from tests.chat_client.fakes import Bench, a_message, a_room

DIRECT = a_room("@jules", last_seq=2, read_seq=2, id="db,3")


@pytest.fixture
def opened(bench: Bench) -> Bench:
    """A private conversation, open, whose newest message is the user's own."""
    bench.capabilities = ["receipts", "settings"]
    bench.sign_in(DIRECT)
    bench.client.rooms.open("@jules")
    bench.poll()
    messages = [a_message("@jules", 1), a_message("@jules", 2, "zoe")]
    bench.server.ok(bench.server.take("history"), room="@jules", messages=messages, more=False)
    bench.poll()
    return bench


def test_asked_for_when_it_is_opened(opened: Bench) -> None:
    """The answer says whether the newest message was read; a further event counts, an older one does not."""
    request = opened.server.take("receipt")
    assert request["room"] == "db,3"
    opened.server.ok(request, room="@jules", read_seq=1)
    assert RoomChanged("@jules") in opened.poll()
    assert opened.state.rooms["@jules"].receipt_seq == 1
    assert not read_by_partner(opened.state.rooms["@jules"])
    opened.server.say({"type": "receipt", "room": "@jules", "room_id": "db,3", "read_seq": 2})
    assert RoomChanged("@jules") in opened.poll()
    assert read_by_partner(opened.state.rooms["@jules"])
    opened.server.say({"type": "receipt", "room": "@jules", "room_id": "db,3", "read_seq": 1})
    opened.poll()
    assert read_by_partner(opened.state.rooms["@jules"])


def test_not_shown_where_it_is_switched_off(opened: Bench) -> None:
    """An answer without a place shows nothing, and neither does one's own choice against receipts."""
    opened.server.ok(opened.server.take("receipt"), room="@jules")
    opened.poll()
    room = opened.state.rooms["@jules"]
    assert room.receipt_seq == 0
    assert not read_by_partner(room)
    opened.server.say({"type": "receipt", "room": "@jules", "room_id": "db,3", "read_seq": 2})
    opened.poll()
    assert read_by_partner(room)
    opened.client.own_settings.choose("receipts", False)
    assert room.receipt_seq == 0


def test_not_asked_of_rooms_nor_of_earlier_servers(bench: Bench) -> None:
    """A room has no receipts, and a server that does not say that it knows them is not asked."""
    bench.capabilities = ["receipts"]
    bench.sign_in(a_room("Lobby"))
    bench.client.rooms.open("lobby")
    bench.poll()
    assert bench.server.take_all("receipt") == []
    bench.capabilities = []
    bench.sign_in(DIRECT)
    bench.client.rooms.open("@jules")
    bench.poll()
    assert bench.server.take_all("receipt") == []
