"""What another server stored, as this one's readers get it."""

from pathlib import Path

import pytest

from chat_protocol.frames import decode_object
from chat_server.live.directory import Conversation
from chat_server.pipeline.catch_up import CatchUp
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
        frames = [decode_object(line[:-1]) for line in CatchUp(building.storage).missing(room, 1, 4)]
        assert [(frame["type"], frame["seq"], frame["body"]) for frame in frames] == [
            ("message", seq, f"word {seq}") for seq in (2, 3, 4)
        ]
        assert {(frame["room"], frame["room_id"], frame["from"]) for frame in frames} == {
            ("Plaza", record.public_id, "zoe")
        }
        assert list(CatchUp(building.storage).missing(room, 4, 4)) == []


class _Broken:
    """A storage that must not be asked, or cannot answer."""

    def __init__(self) -> None:
        self.asked = 0
        self.messages = self

    def after(self, *arguments: int) -> None:
        self.asked += 1
        raise StorageUnavailable("gone")


def test_private_conversation_is_not_read() -> None:
    """It has a name for each of the two: they see the hole, and ask."""
    storage = _Broken()
    direct = make_room(1, "direct", {1: "zoe", 2: "jules"})
    assert list(CatchUp(storage).missing(direct, 1, 4)) == []  # type: ignore[arg-type]
    assert storage.asked == 0


def test_readers_ask_themselves_during_an_outage(caplog: pytest.LogCaptureFixture) -> None:
    """Delivery goes on without what cannot be read, and says so."""
    storage = _Broken()
    assert list(CatchUp(storage).missing(make_room(1), 1, 4)) == []  # type: ignore[arg-type]
    assert storage.asked == 1
    assert "Général" in caplog.text
