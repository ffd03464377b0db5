"""Turns: few threads at a time, the others behind them, and nobody for ever."""

import threading

import pytest

from chat_server.live.rates import Turn

WAIT_S = 10


@pytest.mark.parametrize("places", [1, 2, 3])
def test_others_wait_until_one_is_done(places: int) -> None:
    """As many threads as there are places are at it; one more begins when one of them has ended."""
    turn = Turn(places)
    here: list[int] = []
    goes_on = [threading.Event() for _ in range(places + 1)]
    arrived = threading.Semaphore(0)

    def work(number: int) -> None:
        with turn:
            here.append(number)
            arrived.release()
            goes_on[number].wait(WAIT_S)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(places + 1)]
    for thread in threads[:-1]:
        thread.start()
        assert arrived.acquire(timeout=WAIT_S)
    threads[-1].start()
    assert not arrived.acquire(timeout=0.05)
    goes_on[0].set()
    assert arrived.acquire(timeout=WAIT_S)
    assert here == list(range(places + 1))
    for event, thread in zip(goes_on, threads, strict=True):
        event.set()
        thread.join(WAIT_S)


@pytest.mark.parametrize("places", [1, 2])
def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch, places: int) -> None:
    """Whoever got no turn in time goes on without one, and takes nobody else's away when he is done."""
    monkeypatch.setattr("chat_server.live.rates.TURN_WAIT_MAX_S", 0.01)
    turn = Turn(places)
    entered, ends = threading.Semaphore(0), threading.Event()

    def hold() -> None:
        with turn:
            entered.release()
            ends.wait(WAIT_S)

    holders = [threading.Thread(target=hold) for _ in range(places)]
    for thread in holders:
        thread.start()
        assert entered.acquire(timeout=WAIT_S)
    for _ in range(2):
        with turn:
            pass
    assert not turn._places.acquire(blocking=False)
    ends.set()
    for thread in holders:
        thread.join(WAIT_S)
    assert turn._places.acquire(blocking=False)


def test_turn_is_given_back_after_a_failure() -> None:
    """An error in the work ends the turn."""
    turn = Turn()
    with pytest.raises(ZeroDivisionError), turn:
        raise ZeroDivisionError
    assert turn._places.acquire(blocking=False)
