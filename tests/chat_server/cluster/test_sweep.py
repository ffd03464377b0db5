"""What is found in the database that other servers stored, and what is left to this server's own batches."""

from typing import Any, cast

import pytest

from chat_server.cluster.sweep import Sweep
from chat_server.live.directory import Conversation, RoomDirectory
from chat_server.pipeline.batches import BatchQueue
from chat_server.pipeline.catch_up import Elsewhere
from chat_server.pipeline.commit import Batch
from chat_server.storage.core.errors import StorageUnavailable
from tests.chat_server.fakes import make_room


class Bench:
    """Two rooms with a last seq in the database, and the delivery's queue."""

    def __init__(self, limit: int = 10) -> None:
        self.last_seqs_now: dict[int, int] = {}
        self.in_hand: set[int] = set()
        self.messages = self
        self.directory = RoomDirectory([make_room(1, "One").record, make_room(2, "Two").record])
        self.queue: BatchQueue[Batch | Elsewhere] = BatchQueue(limit)
        self.direct = make_room(9, "", {1: "Alice", 2: "Bob"})
        self.sweep = Sweep(cast(Any, self), self.directory, self.queue, lambda: self.in_hand, self._direct)

    def last_seqs(self, room_ids: list[int]) -> dict[int, int]:
        return {room_id: self.last_seqs_now.get(room_id, 0) for room_id in room_ids}

    def _direct(self, room_id: int, _seq: int) -> Conversation | None:
        return self.direct if room_id == 9 else None

    def handed_on(self) -> list[tuple[int, int, int]]:
        found = self.queue.take(100, timeout=0)
        return [(e.room.id, e.after, e.upto) for e in found if isinstance(e, Elsewhere)]


def test_room_with_more_than_was_delivered_is_handed_on() -> None:
    """The delivery reads the rest; a room that stands where it was costs nothing."""
    bench = Bench()
    bench.last_seqs_now = {1: 3}
    assert bench.sweep.look() == {1}
    assert bench.handed_on() == [(1, 0, 3)]
    room = bench.directory.conversation_of(1)
    assert room is not None
    room.delivered_seq = 3
    assert bench.sweep.look() == set()


def test_batch_in_hand_is_left_to_its_own_delivery() -> None:
    """Its sender gets an `ok` for it, not the message; what else came is found at the next look."""
    bench = Bench()
    bench.last_seqs_now, bench.in_hand = {1: 3, 2: 1}, {1}
    assert bench.sweep.look() == {2}
    bench.in_hand = set()
    assert bench.sweep.look() == {1, 2}


def test_full_queue_is_no_obstacle() -> None:
    """The cluster's thread does not wait for a slow delivery; the next look finds the same."""
    bench = Bench(limit=1)
    bench.last_seqs_now = {1: 1, 2: 1}
    assert len(bench.sweep.look()) == 1
    with pytest.raises(StorageUnavailable, match="busy"):
        bench.sweep.direct(9, 1)
    bench.handed_on()
    assert bench.sweep.look()


def test_private_conversation_is_handed_on_from_the_seq_told() -> None:
    """Up to its newest message; one in which nobody here takes part is not."""
    bench = Bench()
    bench.last_seqs_now = {9: 7}
    bench.sweep.direct(9, 6)
    bench.sweep.direct(8, 1)
    assert bench.handed_on() == [(9, 5, 7)]


def test_private_conversation_that_could_not_be_read_is_handed_in_again() -> None:
    """At the next look, or at a later one where the delivery is busy; a room is found without that."""
    bench = Bench(limit=1)
    item = Elsewhere(bench.direct, 5, 7)
    bench.sweep.unread(item)
    bench.sweep.unread(Elsewhere(make_room(1, "One"), 0, 3))
    bench.queue.put([item])
    bench.sweep.look()
    assert bench.handed_on() == [(9, 5, 7)]
    bench.sweep.look()
    assert bench.handed_on() == [(9, 5, 7)]
    bench.sweep.look()
    assert bench.handed_on() == []


def test_private_conversation_waits_once_for_a_batch_in_hand() -> None:
    """Its sender gets the `ok` before the message; a conversation that is never at rest is not waited for."""
    bench = Bench()
    bench.last_seqs_now, bench.in_hand = {9: 7}, {9}
    with pytest.raises(StorageUnavailable, match="under way"):
        bench.sweep.direct(9, 6)
    assert bench.handed_on() == []
    bench.sweep.direct(9, 6)
    assert bench.handed_on() == [(9, 5, 7)]
