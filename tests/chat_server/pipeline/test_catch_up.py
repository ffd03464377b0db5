"""What another server stored, as this one's readers get it."""

from pathlib import Path
from typing import cast

import pytest

from chat_protocol.frames import decode_object
from chat_server.live.directory import Conversation
from chat_server.pipeline.catch_up import CatchUp
from chat_server.storage import Storage
from chat_server.storage.core.errors import StorageUnavailable
from tests.chat_server.building import open_building
from tests.chat_server.fakes import make_room


def test_missing_messages_are_read_in_between(tmp_path: Path) -> None:
    """Those behind the one seq, up to the other and no further, each as a frame of its own."""
    with open_building(tmp_path / "data") as building:
        record, author = building.room("Plaza"), building.user("zoe")
        for number in range(1, 6):
            building.say(record, author, f"word {number}")
        room = Conversation(record)
        frames = [decode_object(line) for line in _missing(building.storage, room, 1, 4).splitlines()]
        assert [(frame["type"], frame["seq"], frame["body"]) for frame in frames] == [
            ("message", seq, f"word {seq}") for seq in (2, 3, 4)
        ]
        assert {(frame["room"], frame["room_id"], frame["from"]) for frame in frames} == {
            ("Plaza", record.public_id, "zoe")
        }
        assert _missing(building.storage, room, 4, 4) == b""


def _missing(storage: Storage, room: Conversation, after: int, upto: int, reader: int = 0) -> bytes:
    frames = CatchUp(storage).missing(room, after, upto)
    assert frames is not None
    return frames(reader)


class _Broken:
    """A storage that must not be asked, or cannot answer."""

    def __init__(self) -> None:
        self.asked = 0
        self.messages = self

    def after(self, *arguments: int) -> None:
        self.asked += 1
        raise StorageUnavailable("gone")


def test_private_conversation_is_read_under_two_names(tmp_path: Path) -> None:
    """Each of the two gets it under the other's."""
    with open_building(tmp_path / "data") as building:
        zoe, jules = building.user("zoe"), building.user("jules")
        record = building.storage.rooms.direct(zoe.id, jules.id, 0)
        building.say(record, zoe, "hello")
        room = Conversation(record, {zoe.id: "zoe", jules.id: "jules"})
        labels = [
            decode_object(_missing(building.storage, room, 0, 1, user.id).rstrip())["room"]
            for user in (zoe, jules)
        ]
        assert labels == ["@jules", "@zoe"]


def test_readers_ask_themselves_during_an_outage(caplog: pytest.LogCaptureFixture) -> None:
    """Delivery goes on without what cannot be read, and says so."""
    storage = _Broken()
    assert CatchUp(cast(Storage, storage)).missing(make_room(1), 1, 4) is None
    assert storage.asked == 1
    assert "room 1" in caplog.text
