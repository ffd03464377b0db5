"""Turns: few threads at a time, the others behind them, messages before all, and nobody waits for ever."""

import threading

import pytest

from chat_server.live.rates import RIGHT_OF_WAY_MAX_S, RightOfWay, Turn
from tests.support.clock import Clock

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


def test_who_has_a_turn_gives_way_before_he_begins() -> None:
    """With the place taken: of all who wait for it, one at a time waits for the messages."""
    taken: list[bool] = []
    turn = Turn(give_way=lambda: taken.append(not turn._places.acquire(blocking=False)))
    for _ in range(2):
        with turn:
            pass
    assert taken == [True, True]


def _waits_s(right: RightOfWay, monkeypatch: pytest.MonkeyPatch) -> float | None:
    """For how long somebody would wait now, in seconds; None where nobody waits."""
    asked: list[float] = []
    monkeypatch.setattr(right._passed, "wait", asked.append)
    right.give()
    return asked[0] if asked else None


def test_messages_on_their_way_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first one's beginning to the last one's end, and never for longer than the time for it."""
    clock = Clock()
    right = RightOfWay(clock)
    assert _waits_s(right, monkeypatch) is None
    right.begin(2)
    clock.now += 0.01
    right.begin()
    assert _waits_s(right, monkeypatch) == pytest.approx(RIGHT_OF_WAY_MAX_S - 0.01)
    right.end()
    right.end()
    assert _waits_s(right, monkeypatch) == pytest.approx(RIGHT_OF_WAY_MAX_S - 0.01)
    right.end()
    assert _waits_s(right, monkeypatch) is None
    right.begin()
    assert _waits_s(right, monkeypatch) == pytest.approx(RIGHT_OF_WAY_MAX_S)


def test_flood_of_messages_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """One message after the other is on its way: after a while, others go on beside them."""
    clock = Clock()
    right = RightOfWay(clock)
    right.begin()
    for _ in range(10):
        clock.now += RIGHT_OF_WAY_MAX_S / 9
        right.begin()
        right.end()
    assert _waits_s(right, monkeypatch) is None


def test_who_gives_way_goes_on_when_the_last_message_is_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, not when the time is over; and the next one waits again."""
    monkeypatch.setattr("chat_server.live.rates.RIGHT_OF_WAY_MAX_S", WAIT_S)
    right, gone = RightOfWay(), threading.Semaphore(0)

    def work() -> None:
        right.give()
        gone.release()

    for _ in range(2):
        right.begin(2)
        threading.Thread(target=work, daemon=True).start()
        right.end()
        assert not gone.acquire(timeout=0.05)
        right.end()
        assert gone.acquire(timeout=WAIT_S / 2)
