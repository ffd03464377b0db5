"""Turns go round between groups, the known ones first, and a full queue refuses at once."""

import threading
from contextlib import ExitStack

import pytest

from chat_server.services.accounts.turns import FairTurns, NoTurn


class Waiting:
    """Threads that wait for a turn; `order` is the order in which they had it."""

    def __init__(self, turns: FairTurns) -> None:
        self._turns = turns
        self.order: list[str] = []
        self._threads: list[threading.Thread] = []

    def add(self, group: str, *, known: bool = False) -> None:
        """Let one more wait, behind those before it."""
        before = self._turns.waiting
        thread = threading.Thread(target=self._take, args=(group, known))
        self._threads.append(thread)
        thread.start()
        while self._turns.waiting == before and thread.is_alive():
            pass

    def _take(self, group: str, known: bool) -> None:
        with self._turns.turn(group, 10, known=known):
            self.order.append(group)

    def join(self) -> None:
        """Wait for all."""
        for thread in self._threads:
            thread.join()


def test_turns_go_round_between_groups_and_known_ones_come_first() -> None:
    """Five of one group do not keep one of another waiting for more than a turn."""
    turns = FairTurns(1)
    waiting = Waiting(turns)
    with turns.turn("busy", 1):
        for _ in range(3):
            waiting.add("crowd")
        waiting.add("single")
        waiting.add("owner", known=True)
    waiting.join()
    assert waiting.order == ["owner", "crowd", "single", "crowd", "crowd"]
    assert turns.waiting == 0


def test_half_of_the_turns_are_kept_for_those_who_are_known() -> None:
    """With two turns, one stranger at a time has one, and somebody known has the other at once."""
    turns = FairTurns(2)
    waiting = Waiting(turns)
    with turns.turn("stranger", 1):
        with pytest.raises(NoTurn), turns.turn("another", 0.01):
            pass
        with turns.turn("owner", 0.01, known=True):
            waiting.add("another")
        assert waiting.order == []
    waiting.join()
    assert waiting.order == ["another"]


def test_group_may_not_fill_the_queue() -> None:
    """One more than a group's share is refused at once, and another group still waits."""
    turns = FairTurns(1, most_each=2)
    waiting = Waiting(turns)
    with turns.turn("busy", 1):
        waiting.add("crowd")
        waiting.add("crowd")
        with pytest.raises(NoTurn), turns.turn("crowd", 10):
            pass
        waiting.add("single")
    waiting.join()
    assert waiting.order == ["crowd", "single", "crowd"]


def test_wait_without_a_turn_ends_in_time_and_leaves_no_place_behind() -> None:
    """After the time-out nobody waits any more, and the next one gets the turn."""
    turns = FairTurns(1)
    with turns.turn("busy", 1):
        with pytest.raises(NoTurn), turns.turn("late", 0.01):
            pass
        assert turns.waiting == 0
    with turns.turn("next", 0.01):
        pass


def test_turn_that_ends_is_one() -> None:
    """However many have had theirs, no more have one at a time."""
    turns = FairTurns(1)
    for _ in range(3):
        with turns.turn("first", 0.01):
            pass
    with turns.turn("one", 0.01), pytest.raises(NoTurn), turns.turn("two", 0.01):
        pass


@pytest.mark.parametrize(("slots", "strangers"), [(1, 1), (2, 1), (3, 1), (4, 2), (6, 3)])
def test_strangers_have_half_of_the_turns(slots: int, strangers: int) -> None:
    """Of those that are known all have one."""
    for known, most in ((False, strangers), (True, slots)):
        turns = FairTurns(slots)
        with ExitStack() as stack:
            for number in range(most):
                stack.enter_context(turns.turn(f"group {number}", 0.01, known=known))
            with pytest.raises(NoTurn):
                stack.enter_context(turns.turn("one more", 0.01, known=known))


def test_queue_of_strangers_is_bounded() -> None:
    """When it is long, each group has one place, and when it is twice as long nobody; users always have."""
    turns = FairTurns(1, most=2)
    waiting = Waiting(turns)
    with turns.turn("busy", 1):
        for group in ("a", "a", "b", "c"):
            assert turns.waiting < 4
            if group == "b":  # the queue is long by now
                with pytest.raises(NoTurn), turns.turn("a", 10):
                    pass
            waiting.add(group)
        assert turns.waiting == 4
        with pytest.raises(NoTurn), turns.turn("d", 10):
            pass
        for _ in range(5):
            waiting.add("owner", known=True)
        assert turns.waiting == 9
    waiting.join()
    assert waiting.order == ["owner"] * 5 + ["a", "b", "c", "a"]
