"""Names for rooms: a taken one is told of, but for a private room, whose name has a mark."""

import pytest

from chat_protocol.errors import ChatError
from chat_protocol.names import room_key
from chat_server.services.rooms.room_names import clean_topic, store_under_name
from chat_server.storage.core.errors import DuplicateKey, StorageError


class Rooms:
    """Keeps names, and refuses the first so many."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.names: list[str] = []

    def store(self, name: str, key: str) -> str:
        assert key == room_key(name)
        self.names.append(name)
        if len(self.names) <= self.refusals:
            raise DuplicateKey(name)
        return name


def test_taken_name_is_refused() -> None:
    """At once, with the field that it was chosen in; a free one is kept, and none that is no name."""
    assert store_under_name("public", "The Lobby", Rooms().store) == "The Lobby"
    with pytest.raises(ChatError, match="space"):
        store_under_name("public", " The Lobby", Rooms().store)
    rooms = Rooms(1)
    with pytest.raises(ChatError, match="“Lobby”") as caught:
        store_under_name("moderated", "Lobby", rooms.store, field="name")
    assert (caught.value.code, caught.value.extra["field"]) == ("bad_request", "name")
    assert rooms.names == ["Lobby"]


def test_private_room_gets_another_mark_until_its_name_is_free() -> None:
    """Nobody learns that there is one of that name; after twenty tries something else is wrong."""
    rooms = Rooms(19)
    name = store_under_name("private", "Plans", rooms.store)
    assert name.startswith("Plans")
    assert name != "Plans"
    assert len(rooms.names) == 20
    assert len(set(rooms.names)) > 1
    with pytest.raises(StorageError, match="Plans"):
        store_under_name("private", "Plans", Rooms(20).store)


@pytest.mark.parametrize("length", [0, 300])
def test_topic_is_one_line(length: int) -> None:
    """Of three hundred characters at most."""
    assert clean_topic(f" {'x' * length}\n") == "x" * length
    assert clean_topic("a\r\n  b\tc") == "a b c"
    with pytest.raises(ChatError) as caught:
        clean_topic("x" * 301)
    assert (caught.value.code, caught.value.extra["field"]) == ("bad_request", "topic")
