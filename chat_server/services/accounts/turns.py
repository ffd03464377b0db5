"""Turns at work that takes a core: few at a time, fair between those who wait; it must not know the work."""

import threading
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

WAITING_MAX: Final = 200
WAITING_EACH_MAX: Final = 20


class NoTurn(Exception):
    """Too many wait, or it took too long."""


class FairTurns:
    """Give turns to one group after another; those that are known come before all others.

    :param slots: how many have a turn at a time; of those that are not known, half as many.
    :param most: how many may wait, the known ones not counted.
    :param most_each: how many of one group may wait.
    """

    def __init__(self, slots: int, most: int = WAITING_MAX, most_each: int = WAITING_EACH_MAX) -> None:
        self._most = most
        self._most_each = most_each
        self._lock = threading.Lock()  # guards all below
        self._free = slots
        self._kept = slots - max(1, slots // 2)  # for the known ones
        self._known: OrderedDict[str, deque[threading.Event]] = OrderedDict()
        self._others: OrderedDict[str, deque[threading.Event]] = OrderedDict()

    @contextmanager
    def turn(self, group: str, timeout_s: float, *, known: bool = False) -> Iterator[None]:
        """Wait for a turn, and have it.

        :param known: it comes before those who are not.
        :raises NoTurn: when there is no place to wait, or no turn in time.
        """
        self._acquire(group, timeout_s, self._known if known else self._others)
        try:
            yield
        finally:
            self._release()

    @property
    def waiting(self) -> int:
        """How many wait."""
        with self._lock:
            return self._count(self._known) + self._count(self._others)

    def _acquire(self, group: str, timeout_s: float, lane: OrderedDict[str, deque[threading.Event]]) -> None:
        with self._lock:
            if self._free > self._kept_from(lane):
                self._free -= 1
                return
            waiting = lane.get(group, ())
            if len(waiting) >= self._most_each or (
                lane is self._others and self._count(lane) >= self._most and waiting
            ):
                raise NoTurn
            if lane is self._others and self._count(lane) >= 2 * self._most:
                raise NoTurn
            mine = threading.Event()
            lane.setdefault(group, deque()).append(mine)
        if mine.wait(timeout_s):
            return
        with self._lock:
            if mine.is_set():  # it came at the last moment
                return
            lane[group].remove(mine)
            if not lane[group]:
                del lane[group]
        raise NoTurn

    def _release(self) -> None:
        with self._lock:
            self._free += 1
            lane = self._known or self._others
            if not lane or self._free <= self._kept_from(lane):
                return
            self._free -= 1
            group, waiting = lane.popitem(last=False)
            waiting.popleft().set()
            if waiting:
                lane[group] = waiting

    def _kept_from(self, lane: OrderedDict[str, deque[threading.Event]]) -> int:
        return self._kept if lane is self._others else 0

    @staticmethod
    def _count(lane: OrderedDict[str, deque[threading.Event]]) -> int:
        return sum(map(len, lane.values()))
