"""The pool where a connection comes back in the very moment in which its taker stops waiting."""

from queue import Empty, SimpleQueue
from typing import Any

import pytest

from chat_server.storage.core import pool as module
from chat_server.storage.core.errors import GivenUp
from chat_server.storage.core.pool import Pool


class Box:
    """A waiter's box: where a taker would wait, it does what a test wants, on the same thread, and raises."""

    meanwhile: Any = None
    raised: BaseException = Empty()

    def __init__(self) -> None:
        self._queue: SimpleQueue[Any] = SimpleQueue()
        self._waited = False

    def put(self, slot: Any) -> None:
        self._queue.put(slot)

    def get(self, timeout: float | None = None) -> Any:
        if self._queue.empty() and not self._waited:
            self._waited = True
            if Box.meanwhile is not None:
                Box.meanwhile()
            raise Box.raised
        return self._queue.get_nowait()

    get_nowait = get


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Pool[str]:
    """A pool of one connection, and takers who wait as their box says."""
    monkeypatch.setattr(module, "SimpleQueue", Box)
    monkeypatch.setattr(Box, "meanwhile", None)
    monkeypatch.setattr(Box, "raised", Empty())
    return Pool(1, lambda: "a connection", lambda connection: None)


def test_connection_that_comes_as_the_wait_ends_is_taken(
    pool: Pool[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was handed over already: giving up now would lose it."""
    lent = pool.take(0)
    monkeypatch.setattr(Box, "meanwhile", lambda self=None: pool.give(lent))
    assert pool.take(0) == lent


def test_taker_that_gives_up_is_not_served_later(pool: Pool[str]) -> None:
    """What comes back afterwards is for the next."""
    lent = pool.take(0)
    with pytest.raises(GivenUp, match="busy"):
        pool.take(0)
    pool.give(lent)
    assert pool.take(0) == lent


@pytest.mark.parametrize("in_the_moment", [True, False])
def test_interrupted_taker_costs_no_connection(
    pool: Pool[str], monkeypatch: pytest.MonkeyPatch, in_the_moment: bool
) -> None:
    """Ctrl+C while waiting: a connection that was just handed over goes back, and later ones are not lost."""
    lent = pool.take(0)
    monkeypatch.setattr(Box, "raised", KeyboardInterrupt())
    if in_the_moment:
        monkeypatch.setattr(Box, "meanwhile", lambda self=None: pool.give(lent))
    with pytest.raises(KeyboardInterrupt):
        pool.take(0)
    if not in_the_moment:
        pool.give(lent)
    assert pool.take(0) == lent
