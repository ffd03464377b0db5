"""Tests of the bounded queue between the threads."""

import threading

from chat_server.pipeline.batches import BatchQueue


def test_take_returns_all_that_waits() -> None:
    """What was put in pieces is taken at once, in order."""
    queue = BatchQueue[int](10)
    queue.put([1, 2])
    queue.put([3])
    assert queue.take(100) == [1, 2, 3]


def test_take_leaves_what_is_more_than_asked_for() -> None:
    """The rest of a long queue comes with the next call."""
    queue = BatchQueue[int](10)
    queue.put([1, 2, 3])
    assert [queue.take(2), queue.take(2)] == [[1, 2], [3]]


def test_put_into_full_queue_waits_for_a_take() -> None:
    """A producer waits while the queue is full, and goes on when it was emptied."""
    queue = BatchQueue[int](2)
    queue.put([1, 2])
    assert not queue.put([3], timeout=0)
    producer = threading.Thread(target=queue.put, args=([3],))
    producer.start()
    assert queue.take(10) == [1, 2]
    producer.join(5)
    assert queue.take(10) == [3]


def test_close_lets_the_consumer_drain_and_refuses_producers() -> None:
    """After the end nothing comes in, and what was in comes out before the empty list that means the end."""
    queue = BatchQueue[int](10)
    queue.put([1])
    queue.close()
    assert not queue.put([2])
    assert [queue.take(10), queue.take(10)] == [[1], []]


def test_close_wakes_a_waiting_producer() -> None:
    """A producer that waits for a place learns that none will come."""
    queue = BatchQueue[int](1)
    queue.put([1])
    results: list[bool] = []
    producer = threading.Thread(target=lambda: results.append(queue.put([2])))
    producer.start()
    queue.close()
    producer.join(5)
    assert results == [False]


def test_what_is_put_is_told_before_it_can_be_taken() -> None:
    """And what finds no place is not told."""
    told: list[tuple[int, int]] = []
    queue: BatchQueue[int]

    def on_put(count: int) -> None:
        told.append((count, len(queue)))

    queue = BatchQueue[int](3, on_put)
    assert queue.put([1, 2])
    assert queue.put([3])
    assert not queue.put([4], timeout=0)
    assert queue.take(10) == [1, 2, 3]
    queue.close()
    assert not queue.put([5])
    assert told == [(2, 0), (1, 2)]


def test_many_producers_lose_nothing() -> None:
    """Each item of eight producers is taken once, and each producer's in order."""
    queue = BatchQueue[tuple[int, int]](50)
    producers = [
        threading.Thread(target=lambda who=who: [queue.put([(who, number)]) for number in range(500)])
        for who in range(8)
    ]
    for producer in producers:
        producer.start()
    taken: list[tuple[int, int]] = []
    while len(taken) < 4_000:
        taken += queue.take(64)
    for who in range(8):
        assert [number for owner, number in taken if owner == who] == list(range(500))
    for producer in producers:
        producer.join()


def test_length_is_what_waits() -> None:
    """The queue tells how many items wait for its consumer."""
    queue = BatchQueue[int](10)
    queue.put([1, 2, 3])
    queue.take(1)
    assert len(queue) == 2


def test_take_waits_no_longer_than_asked() -> None:
    """Where nothing comes in time, nothing is returned."""
    queue: BatchQueue[int] = BatchQueue(10)
    assert queue.take(10, timeout=0) == []
    queue.put([1])
    assert queue.take(10, timeout=0) == [1]
