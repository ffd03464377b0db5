"""How much those who have not signed in may cost, by address and all together; it knows no request.

Any thread calls it. An address counts with its groups. An address is known where somebody has signed in: who
comes from there is likely to do so again, and does not stand in line with all others.
"""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from chat_server.limits import Limits
from chat_server.live.address_groups import address_groups
from chat_server.live.rates import Rate, Turn

SITE_FACTOR: Final = 8  # a /48 may cost as much as so many of its /64
HURRIED_SHARE: Final = 0.1  # of its burst and rate is left to a group while all together cost too much
CONNECTION_COST: Final = 5  # of one that never signs in: a handshake, a thread, and no answer
REMEMBERED_GROUPS: Final = 20_000
KNOWN_GROUPS: Final = 20_000


class Strangers:
    """Count what strangers have cost, and say who has to wait.

    :param clock: seconds that never go back.
    :param enforced: False lets everything pass.
    :param remember: how many groups are kept, the least recently charged forgotten first.
    :param give_way: called before each piece of their work.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        limits: Limits,
        *,
        enforced: bool = True,
        remember: int = REMEMBERED_GROUPS,
        give_way: Callable[[], object] = bool,
    ) -> None:
        self._clock = clock
        self._give_way = give_way
        self._enforced = enforced
        self._remember = remember
        self._lock = threading.Lock()  # guards all below
        self._groups: OrderedDict[str, tuple[float, float]] = OrderedDict()  # cost, and when it was so
        self._all = (0.0, 0.0)
        self._came_in = (0.0, 0.0)  # what the connections cost that came in while all cost too much
        self._known: OrderedDict[str, Turn] = OrderedDict()
        self._cores = os.cpu_count() or 1
        self._turn = Turn(max(1, self._cores // 2), give_way)  # of those at addresses that are not known
        self.refused = 0
        self.apply(limits)

    def apply(self, limits: Limits) -> None:
        """Use these limits from now on."""
        self._each = Rate(limits.strangers_burst, limits.strangers_per_second)
        self._together = Rate(limits.all_strangers_burst, limits.all_strangers_per_second)

    def charge(self, address: str, cost: float = 1.0) -> None:
        """Count what somebody who has not signed in has cost; one is a line that was read and answered."""
        if not self._enforced:
            return
        now = self._clock()
        with self._lock:
            hurried = self._hurried_locked(now)
            self._all = (_left(self._all, self._together, now) + cost, now)
            for place, group in enumerate(address_groups(address)):
                rate = self._rate(place, hurried=hurried)
                spent = _left(self._groups.pop(group, (0.0, now)), rate, now)
                self._groups[group] = (min(spent + cost, 2 * self._rate(place).burst), now)
            while len(self._groups) > self._remember:
                self._groups.popitem(last=False)

    def wait_s(self, address: str) -> float:
        """Return for how long an address has to wait, in seconds; 0 when it may come in."""
        if not self._enforced:
            return 0.0
        now, longest = self._clock(), 0.0
        with self._lock:
            hurried = self._hurried_locked(now)
            for place, group in enumerate(address_groups(address)):
                rate = self._rate(place, hurried=hurried)
                over = _left(self._groups.get(group, (0.0, now)), rate, now) - rate.burst
                longest = max(longest, over / self._rate(place).per_second)  # the hurry may end before
            if longest > 0:
                self.refused += 1
        return longest

    def wait_at_door_s(self, address: str) -> float:
        """Return for how long one who connects has to wait, in seconds; 0 lets him in, and counts him.

        While all strangers together cost too much, those at addresses that are not known come in no faster
        than their cost is forgiven, however many addresses they have.
        """
        wait_s = self.wait_s(address)
        if wait_s or not self._enforced or self.is_known(address):
            return wait_s
        now = self._clock()
        with self._lock:
            if not self._hurried_locked(now):
                return 0.0
            pace = self._together.per_second
            cost = _left(self._came_in, self._together, now) + CONNECTION_COST
            over = cost - max(pace, CONNECTION_COST)  # those of a second may come at once
            if over > 0:
                self.refused += 1
                return over / pace
            self._came_in = (cost, now)
        return 0.0

    def know(self, address: str) -> None:
        """Note that somebody has signed in at an address; the least recent ones are forgotten."""
        group = address_groups(address)[0]
        with self._lock:
            self._known.setdefault(group, Turn(self._cores, self._give_way))
            self._known.move_to_end(group)
            if len(self._known) > KNOWN_GROUPS:
                self._known.popitem(last=False)

    def is_known(self, address: str) -> bool:
        """Return whether somebody has signed in at an address, or beside it in its /64."""
        return address_groups(address)[0] in self._known

    def turn(self, address: str) -> AbstractContextManager[None]:
        """Return the turn at the work of somebody who has not signed in, for as long as he waits for nothing.

        All at addresses that are not known share one, which leaves half of the cores to the users; those at a
        known address share another, and never wait behind strangers.
        """
        if not self._enforced:
            return nullcontext()
        return self._known.get(address_groups(address)[0], self._turn)

    def _hurried_locked(self, now: float) -> bool:
        return _left(self._all, self._together, now) > self._together.burst

    def _rate(self, place: int, *, hurried: bool = False) -> Rate:
        factor = (SITE_FACTOR if place else 1) * (HURRIED_SHARE if hurried else 1.0)
        return Rate(self._each.burst * factor, self._each.per_second * factor)


def _left(state: tuple[float, float], rate: Rate, now: float) -> float:
    """Return what is left of a cost; it is forgiven at the rate."""
    cost, at = state
    return max(0.0, cost - (now - at) * rate.per_second)
