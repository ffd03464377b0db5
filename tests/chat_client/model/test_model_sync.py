"""Tests of how the model catches up after an absence: one `sync` for all rooms."""

import pytest

from chat_client.model import changes as ch
from chat_client.model.model import SYNC_ROOMS_MAX
from chat_protocol import room_events
from chat_protocol.limits import HISTORY_MAX
from chat_protocol.objects import Room
from chat_protocol.requests import Sync
from tests.chat_client.model.bench import ModelBench, lobby_of, said_of


@pytest.fixture
def bench() -> ModelBench:
    return ModelBench()


def test_sync_asks_once_for_all_rooms(bench: ModelBench) -> None:
    """Where two rooms are behind, one request asks for everything that was missed."""
    bench.sign_in(lobby_of(), lobby_of(name="Tower", room_id="r2"))
    for room in ("Lobby", "Tower"):
        bench.say(room, 1)
    assert bench.model.sync_request() is None
    bench.sign_in(lobby_of(4), lobby_of(1, name="Tower", room_id="r2"))
    assert bench.model.sync_request() is None
    assert bench.model.sync_request(always=True) == Sync({"r1": 1, "r2": 1}, HISTORY_MAX)
    bench.sign_in(lobby_of(4), lobby_of(3, name="Tower", room_id="r2"))
    assert bench.model.sync_request() == Sync({"r1": 1, "r2": 1}, HISTORY_MAX)


def test_sync_leaves_out_what_it_cannot_name(bench: ModelBench) -> None:
    """Rooms without an id, and those of others, are not in it; of unread ones the number is as signed in."""
    bench.sign_in(
        lobby_of(7), lobby_of(room_id="", name="Old"), Room("Other", "public", membership="none", id="r9")
    )
    assert bench.model.sync_request(always=True) == Sync({"r1": 7}, HISTORY_MAX)


def test_sync_of_too_many_rooms_goes_page_by_page(bench: ModelBench) -> None:
    """The request fits in a frame: past the limit none is made."""
    bench.sign_in(*[lobby_of(1, 1, f"r{number}", f"i{number}") for number in range(SYNC_ROOMS_MAX)])
    assert bench.model.sync_request(always=True) is not None
    bench.sign_in(*[lobby_of(1, 1, f"r{number}", f"i{number}") for number in range(SYNC_ROOMS_MAX + 1)])
    assert bench.model.sync_request(always=True) is None


def test_sync_event_brings_what_was_missed(bench: ModelBench) -> None:
    """Messages behind those that are loaded join them without a gap, unless there are others before them."""
    bench.sign_in(lobby_of())
    bench.say("Lobby", 1)
    missed = [said_of("Lobby", seq) for seq in (3, 4)]
    changes = bench.apply(room_events.SyncEvent(lobby_of(4), missed))
    assert ch.MessagesAppended("lobby", 2) in changes
    assert changes[-1] == ch.RoomChanged("lobby")
    assert bench.room("lobby").covered.ranges() == [(1, 4)]
    bench.apply(room_events.SyncEvent(lobby_of(9), [said_of("Lobby", seq) for seq in (8, 9)], more=True))
    assert bench.room("lobby").covered.ranges() == [(1, 4), (8, 9)]
    assert bench.room("lobby").last_seq == 9


def test_sync_event_of_a_room_without_news(bench: ModelBench) -> None:
    """A room is updated without a message; one that is not known or not one's own is left alone."""
    bench.sign_in(lobby_of())
    topic = Room("Lobby", "public", "the topic", "joined", id="r1")
    assert bench.apply(room_events.SyncEvent(topic, [])) == [ch.RoomChanged("lobby")]
    assert bench.room("lobby").topic == "the topic"
    assert bench.apply(room_events.SyncEvent(lobby_of(name="Cellar", room_id="r7"), [])) == []
    bench.room("lobby").membership = "none"
    assert bench.apply(room_events.SyncEvent(topic, [])) == []


# Messages
