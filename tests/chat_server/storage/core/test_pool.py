"""The pool of connections: how many there are, who waits, and what the database allows in the end."""

import threading
import time

import pytest

from chat_server.storage.core.errors import GivenUp, NoMoreConnections
from chat_server.storage.core.pool import GROW_EVERY_S, LAST_RETRY_S, Pool
from tests.support.waiting import until

TIMEOUT_S = 10.0


class Database:
    """Opens as many connections as it allows; a clock that the test moves."""

    def __init__(self, allowed: int) -> None:
        self.allowed, self.now = allowed, 100.0
        self.open: list[int] = []
        self.made = 0

    def connect(self) -> int:
        if len(self.open) >= self.allowed:
            raise NoMoreConnections("full")
        self.made += 1
        self.open.append(self.made)
        return self.made

    def clock(self) -> float:
        return self.now

    def pool(self, size: int) -> Pool[int]:
        return Pool(size, self.connect, self.open.remove, monotonic=self.clock)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long somebody slept before another try."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def test_connections_are_opened_when_they_are_needed() -> None:
    """The one used last is lent first; a dropped one makes room for a new one."""
    database = Database(5)
    pool = database.pool(2)
    assert (pool.opened, pool.allowed) == (0, 2)
    first, second = pool.take(0), pool.take(0)
    assert (first, second, pool.opened) == (1, 2, 2)
    with pytest.raises(GivenUp):
        pool.take(0)
    pool.give(first)
    pool.give(second)
    assert pool.take(0) == second
    pool.drop(second)
    assert (database.open, pool.opened) == ([first], 1)
    assert pool.take(0) == first
    assert pool.take(0) == 3


def test_idle_connections_are_closed_and_opened_again() -> None:
    """After a loss, and at the end: then whoever comes is refused, and what is out closes on its return."""
    database = Database(5)
    pool = database.pool(2)
    lent = pool.take(0)
    pool.give(pool.take(0))
    pool.drop_idle()
    assert (database.open, pool.opened) == ([lent], 1)
    pool.close()
    with pytest.raises(GivenUp, match="closed"):
        pool.take(0)
    pool.give(lent)
    assert (database.open, pool.opened) == ([], 0)


def test_database_that_allows_fewer_is_asked_again_after_a_while(naps: list[float]) -> None:
    """Whoever came for another one waits for one that is there; later there may be more."""
    database = Database(1)
    pool = database.pool(3)
    lent = pool.take(0)
    with pytest.raises(GivenUp):
        pool.take(0)
    assert pool.allowed == 1
    database.allowed = 3
    with pytest.raises(GivenUp):
        pool.take(0)
    database.now += GROW_EVERY_S
    assert pool.take(0) != lent
    assert (pool.allowed, naps) == (2, [])


def test_only_connection_is_tried_for_until_the_time_is_over(naps: list[float]) -> None:
    """It may come free; who has no time is told why there is none."""
    database = Database(0)
    pool = database.pool(1)
    with pytest.raises(NoMoreConnections):
        pool.take(LAST_RETRY_S)
    assert naps == []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        database.now += seconds
        database.allowed = len(naps) // 2

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "sleep", nap)
        assert pool.take(5.0) == 1
    assert naps == [LAST_RETRY_S] * 2
    assert pool.allowed == 1


def test_waiting_is_in_order_but_for_the_first(naps: list[float]) -> None:
    """The commit goes before all others; who waits longest comes next."""
    database = Database(1)
    pool = database.pool(1)
    lent = pool.take(0)
    served: list[str] = []

    def wait(name: str, *, first: bool = False) -> threading.Thread:
        def take() -> None:
            connection = pool.take(TIMEOUT_S, first=first)
            served.append(name)
            pool.give(connection)

        before = len(pool._waiting)
        thread = threading.Thread(target=take)
        thread.start()
        until(lambda: len(pool._waiting) > before)
        return thread

    threads = [wait("one"), wait("two"), wait("commit", first=True)]
    pool.give(lent)
    for thread in threads:
        thread.join(TIMEOUT_S)
    assert served == ["commit", "one", "two"]


def test_pool_waits_no_longer_than_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor where the time is over already when it comes to that."""
    now, waits = [100.0], list[float]()
    pool: Pool[int] = Pool(1, lambda: 1, lambda _connection: None, monotonic=lambda: now[0])

    def take_slot(timeout_s: float, first: bool) -> None:
        waits.append(timeout_s)
        raise GivenUp

    monkeypatch.setattr(pool, "_take_slot", take_slot)
    for timeout_s, passed_s in ((0.0, 0.0), (2.0, 0.0), (2.0, 3.0)):
        times = iter([100.0, 100.0 + passed_s])
        monkeypatch.setattr(pool, "_monotonic", lambda times=times: next(times))
        with pytest.raises(GivenUp):
            pool.take(timeout_s)
    assert waits == [0.0, 2.0, 0.0]
