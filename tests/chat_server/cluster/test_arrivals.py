"""What bells tell of is handed to the delivery once, behind this server's own batches."""

from chat_server.cluster.arrivals import Arrivals
from chat_server.live.directory import RoomDirectory
from chat_server.pipeline.batches import BatchQueue
from chat_server.pipeline.catch_up import Elsewhere
from chat_server.pipeline.commit import Batch
from tests.chat_server.fakes import make_room


class Bench:
    """Two rooms, and the delivery's queue."""

    def __init__(self, limit: int = 10) -> None:
        self.in_hand: set[int] = set()
        self.directory = RoomDirectory([make_room(1, "One").record, make_room(2, "Two").record])
        self.queue: BatchQueue[Batch | Elsewhere] = BatchQueue(limit)
        self.arrivals = Arrivals(self.directory, self.queue, lambda: self.in_hand)

    def handed_on(self) -> list[tuple[int, int, int]]:
        found = self.queue.take(100, timeout=0)
        return [(e.room.id, e.after, e.upto) for e in found if isinstance(e, Elsewhere)]

    def delivered(self, room_id: int, seq: int) -> None:
        room = self.directory.conversation_of(room_id)
        assert room is not None
        room.delivered_seq = seq


def test_bell_is_handed_on_once() -> None:
    """One that comes twice, late, or behind a look finds the seq delivered."""
    bench = Bench()
    assert not bench.arrivals.heard({1: 3})
    assert bench.handed_on() == [(1, 0, 3)]
    bench.delivered(1, 5)
    bench.arrivals.heard({1: 3})
    bench.arrivals.heard({1: 5})
    assert bench.handed_on() == []


def test_room_in_hand_waits_for_its_batch() -> None:
    """Its sender gets the `ok` first; two bells during the batch become one with the higher seq."""
    bench = Bench()
    bench.in_hand = {1}
    bench.arrivals.heard({1: 4, 2: 1})
    bench.arrivals.heard({1: 3})
    assert bench.handed_on() == [(2, 0, 1)]
    bench.in_hand = set()
    bench.arrivals.batch_ended([1, 2])
    assert bench.handed_on() == [(1, 0, 4)]
    bench.arrivals.batch_ended([1, 2])
    assert bench.handed_on() == []


def test_batch_that_ends_between_loses_no_bell() -> None:
    """The commit thread clears its rooms just before the bell asks for them: the bell hands on itself."""
    bench = Bench()

    def ends() -> set[int]:
        bench.arrivals.batch_ended([1])
        return set()

    arrivals = bench.arrivals
    arrivals._in_hand = ends
    arrivals.heard({1: 2})
    assert bench.handed_on() == [(1, 0, 2)]


def test_unknown_conversation_is_left_to_the_feed() -> None:
    """A room that this server does not know, or a private conversation of which it has delivered nothing."""
    bench = Bench()
    names = {1: "Alice", 2: "Bob"}
    direct = bench.directory.direct(make_room(9, "", names).record, names, bench.directory.renames)
    assert direct is not None
    assert bench.arrivals.heard({9: 7, 1: 1})
    assert bench.handed_on() == [(1, 0, 1)]
    direct.delivered_seq = 6
    assert not bench.arrivals.heard({9: 7})
    assert bench.handed_on() == [(9, 0, 7)]


def test_full_queue_is_no_obstacle() -> None:
    """The thread that hears does not wait for a slow delivery; a look finds the same."""
    bench = Bench(limit=1)
    bench.arrivals.heard({1: 1})
    bench.arrivals.heard({2: 1})
    assert bench.handed_on() == [(1, 0, 1)]
