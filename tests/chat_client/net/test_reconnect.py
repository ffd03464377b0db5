"""Back-off and the notice of sleep, with a source of chance that the test chooses; and the attempt itself."""

import random

import pytest

from chat_client.model.changes import ConnectionChanged
from chat_client.model.state import Phase
from chat_client.net.reconnect import (
    FIRST_DELAY_S,
    LONGEST_DELAY_S,
    SLEPT_AFTER_S,
    Backoff,
    SleepWatch,
)
from tests.chat_client.fakes import Bench, a_room


class _Longest(random.Random):
    """Chance that always gives the longest delay."""

    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


def test_backoff_doubles_up_to_its_longest_delay() -> None:
    """Delays double from the first to the longest and stay there."""
    backoff = Backoff(_Longest())
    delays = [backoff.next_delay() for _ in range(9)]
    assert delays == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert (delays[0], delays[-1]) == (FIRST_DELAY_S, LONGEST_DELAY_S)


def test_backoff_begins_again_after_a_reset() -> None:
    """A connection that has held makes the next delays short again."""
    backoff = Backoff(_Longest())
    for _ in range(5):
        backoff.next_delay()
    backoff.reset()
    assert [backoff.next_delay(), backoff.next_delay()] == [0.5, 1]


def test_backoff_spreads_clients() -> None:
    """A delay is at least half of what it could be; one that the server asked for is never cut."""
    for seed in range(50):
        assert 0.25 <= Backoff(random.Random(seed)).next_delay() <= 0.5
        assert 7 <= Backoff(random.Random(seed)).next_delay(7) <= 10.5


@pytest.mark.parametrize(("passed_s", "slept"), [(1.0, False), (SLEPT_AFTER_S, True), (3_600.0, True)])
def test_sleep_shows_between_two_looks(passed_s: float, slept: bool) -> None:
    """The first look tells nothing; a long time between two looks is a sleep, told once."""
    watch = SleepWatch()
    assert not watch.slept(1_000.0)
    assert watch.slept(1_000.0 + passed_s) is slept
    assert not watch.slept(1_001.0 + passed_s)


def test_attempt_that_is_due_is_shown_at_once(bench: Bench) -> None:
    """The poll that makes it says that the connection stands otherwise."""
    bench.sign_in(a_room("Lobby"))
    bench.drop()
    count = len(bench.connections)
    told: list[bool] = []
    while len(bench.connections) == count:
        assert len(told) < 100
        bench.steady.now += 0.05
        told.append(any(isinstance(change, ConnectionChanged) for change in bench.poll()))
    assert told[-1]
    assert bench.state.connection.phase == Phase.CONNECTING
