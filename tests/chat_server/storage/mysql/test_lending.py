"""Lending connections for a piece of work: what is tried again, and which connections come back."""

import time
from collections.abc import Callable

import pytest

from chat_server.storage.core.errors import GivenUp, OutcomeUnknown, StorageError, StorageUnavailable
from chat_server.storage.core.outage import PROBE_EVERY_S, Outage, Use
from chat_server.storage.core.pool import Pool
from chat_server.storage.mysql.errors import Conflict, ConnectionLost, TooLarge
from chat_server.storage.mysql.lending import TRIES, Lender


class Bench:
    """A pool of numbered connections, a lender, and work that fails as it is told."""

    def __init__(self) -> None:
        self.opened = 0
        self.closed: list[int] = []
        self.worked_on: list[int] = []
        self.failures: list[BaseException] = []
        self.pool: Pool[int] = Pool(2, self._open, self.closed.append)
        self.lender: Lender[int] = Lender(self.pool, begin_max_s=5.0, turn_max_s=0.0)

    def _open(self) -> int:
        self.opened += 1
        return self.opened

    def work(self, connection: int) -> str:
        self.worked_on.append(connection)
        if self.failures:
            raise self.failures.pop(0)
        return f"done by {connection}"

    def lend(self) -> str:
        return self.lender.lend(Use.WRITE, self.work)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_result_is_returned_and_the_connection_too(bench: Bench) -> None:
    """The same connection serves again and again."""
    assert [bench.lend(), bench.lend()] == ["done by 1", "done by 1"]
    assert bench.closed == []


@pytest.mark.parametrize("error", [ConnectionLost, Conflict])
def test_work_that_left_nothing_behind_is_tried_again(bench: Bench, error: type[Exception]) -> None:
    """So many times, and no more."""
    bench.failures = [error("no")] * (TRIES - 1)
    assert bench.lend().startswith("done by")
    assert len(bench.worked_on) == TRIES


@pytest.mark.logged_errors
@pytest.mark.parametrize("error", [ConnectionLost, Conflict])
def test_work_that_keeps_failing_is_given_up(bench: Bench, error: type[StorageUnavailable]) -> None:
    """After the last try the error is told."""
    bench.failures = [error("no")] * (TRIES + 1)
    with pytest.raises(error):
        bench.lend()
    assert len(bench.worked_on) == TRIES


@pytest.mark.logged_errors
def test_nothing_begins_after_the_deadline(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A try that failed late is not repeated, and work whose turn came late is not begun."""
    times = iter([0.0, 1.0, 6.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(times, 7.0))
    bench.failures = [ConnectionLost("no")] * 2
    with pytest.raises(ConnectionLost):
        bench.lend()
    assert bench.worked_on == [1]


def test_late_turn_is_given_up_and_no_outage(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is slow, but there: the connection comes back, and the next caller may try."""
    times = iter([0.0, 5.5])
    with monkeypatch.context() as patch:
        patch.setattr(time, "monotonic", lambda: next(times))
        with pytest.raises(GivenUp, match="slowly"):
            bench.lend()
    assert (bench.worked_on, bench.closed) == ([], [])
    assert bench.lend() == "done by 1"


def _lose(bench: Bench, error: BaseException) -> None:
    idle = [bench.pool.take(0), bench.pool.take(0)]
    for connection in idle:
        bench.pool.give(connection)
    bench.failures = [error] * TRIES
    with pytest.raises(type(error)):
        bench.lend()


@pytest.mark.logged_errors
def test_lost_connection_takes_the_idle_ones_along(bench: Bench) -> None:
    """They are most likely lost, too; and where the outcome is unknown nothing is tried again."""
    _lose(bench, OutcomeUnknown("no answer"))
    assert len(bench.worked_on) == 1
    assert sorted(bench.closed) == [1, 2]


@pytest.mark.parametrize("error", [TooLarge("big"), ZeroDivisionError()])
def test_connection_in_an_unknown_state_is_dropped_alone(bench: Bench, error: Exception) -> None:
    """The server closes it, or the work broke off in the middle: nobody gets it again."""
    _lose(bench, error)
    assert bench.closed == bench.worked_on == [2]


def test_refused_work_leaves_the_connection_in_order(bench: Bench) -> None:
    """It was rolled back."""
    _lose(bench, StorageError("no such room"))
    assert bench.closed == []
    assert len(bench.worked_on) == 1


@pytest.mark.logged_errors
def test_others_are_told_at_once_during_an_outage(bench: Bench) -> None:
    """After a loss nobody waits in vain; being busy or in conflict is no outage."""
    bench.failures = [Conflict("no")] * TRIES
    with pytest.raises(Conflict):
        bench.lend()
    bench.failures = [OutcomeUnknown("gone")]
    with pytest.raises(OutcomeUnknown):
        bench.lend()
    tried = len(bench.worked_on)
    with pytest.raises(StorageUnavailable, match="does not answer"):
        bench.lend()
    assert len(bench.worked_on) == tried


@pytest.mark.logged_errors
def test_outage_ends_with_the_first_call_that_works(bench: Bench) -> None:
    """Only one caller in a while tries before that; afterwards all may again."""
    now = [100.0]
    bench.lender._outage = Outage(lambda: now[0])
    bench.failures = [OutcomeUnknown("gone")]
    with pytest.raises(OutcomeUnknown):
        bench.lend()
    now[0] += PROBE_EVERY_S
    assert [bench.lend(), bench.lend()] == ["done by 2"] * 2


def test_busy_pool_is_no_outage(bench: Bench) -> None:
    """When everything is lent, a caller is told so, and the next may try."""
    take: Callable[[float], int] = bench.pool.take
    lent = [take(0), take(0)]
    with pytest.raises(GivenUp):
        bench.lend()
    bench.pool.give(lent[0])
    assert bench.lend() == f"done by {lent[0]}"
