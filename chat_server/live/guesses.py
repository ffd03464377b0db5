"""Wrong passwords and codes by name and by address group, and how long the next has to wait; it keeps none.

Any thread calls it. Nobody is locked out: a token needs no password, and an address at which the user has
signed in before does not wait for what others guess.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final

from chat_server.live.address_groups import address_groups

FREE_BY_NAME: Final = 10
FREE_BY_GROUP: Final = 30  # a whole office may stand behind one address
WAIT_MAX_S: Final = 300.0
FORGOTTEN_AFTER_S: Final = 3_600.0
REMEMBERED: Final = 50_000  # names and groups together; about 10 MB

Counted = dict[str, tuple[tuple[int, float], tuple[int, float]]]  # entries before a guess, and after it


class Guesses:
    """Make each further wrong password for a name, or of a group, wait twice as long.

    :param clock: seconds that never go back.
    :param enforced: False lets everything pass.
    :param remember: how many names and groups are kept, the least recently guessed forgotten first.
    """

    def __init__(
        self, clock: Callable[[], float], *, enforced: bool = True, remember: int = REMEMBERED
    ) -> None:
        self._clock = clock
        self._enforced = enforced
        self._remember = remember
        self._lock = threading.Lock()  # guards the entries
        self._entries: OrderedDict[str, tuple[int, float]] = OrderedDict()  # wrong ones, time of the last

    def wait_s(self, user_key: str, address: str) -> float:
        """Return for how long a guess has to wait, in seconds; 0 when it may be tried."""
        return self._wait(_keys(user_key, address))

    def wait_for_code_s(self, address: str) -> float:
        """Return for how long a code has to wait, in seconds; 0 when it may be tried."""
        return self._wait(_groups(address))

    def wrong(self, user_key: str, address: str) -> Counted:
        """Count a password as wrong; before it is tried, or many at once would all be the first.

        :return: what :meth:`untried` takes back.
        """
        return self._count(_keys(user_key, address))

    def wrong_code(self, address: str) -> None:
        """Count a wrong code of an invitation; no name has to wait for it."""
        self._count(_groups(address))

    def _wait(self, keys: Iterable[tuple[str, int]]) -> float:
        now = self._clock()
        with self._lock:
            return max(self._wait_locked(key, free, now) for key, free in keys)

    def _count(self, keys: Iterable[tuple[str, int]]) -> Counted:
        counted: Counted = {}
        if not self._enforced:
            return counted
        now = self._clock()
        with self._lock:
            for key, _ in keys:
                before = self._entries.pop(key, (0, now))
                count, at = before
                self._entries[key] = (1 if now - at > FORGOTTEN_AFTER_S else count + 1, now)
                counted[key] = (before, self._entries[key])
            while self._entries and (
                len(self._entries) > self._remember or self._is_old(next(iter(self._entries.values())), now)
            ):
                self._entries.popitem(last=False)
        return counted

    def untried(self, counted: Counted) -> None:
        """Take back a password that nobody could check; what was guessed meanwhile stays counted."""
        with self._lock:
            for key, (before, after) in counted.items():
                entry = self._entries.get(key)
                if entry == after:  # nor does it make anybody wait
                    self._entries[key] = before
                elif entry is not None:
                    self._entries[key] = (entry[0] - 1, entry[1])

    def right(self, user_key: str, address: str) -> None:
        """Take back what was counted before it was tried, and forgive the mistakes made at this address.

        What others guessed for the name stays.
        """
        name = next(iter(_keys(user_key, address)))[0]
        with self._lock:
            if name in self._entries:
                count, at = self._entries[name]
                self._entries[name] = (count - 1, at)
            for group in address_groups(address):
                self._entries.pop(group, None)

    def _wait_locked(self, key: str, free: int, now: float) -> float:
        count, at = self._entries.get(key, (0, now))
        if count < free:
            return 0.0
        wait = min(WAIT_MAX_S, 2.0 ** min(count - free, 20))
        return max(0.0, at + wait - now)

    @staticmethod
    def _is_old(entry: tuple[int, float], now: float) -> bool:
        return now - entry[1] > FORGOTTEN_AFTER_S


def _keys(user_key: str, address: str) -> Iterable[tuple[str, int]]:
    yield f"@{user_key[:200]}", FREE_BY_NAME
    yield from _groups(address)


def _groups(address: str) -> Iterable[tuple[str, int]]:
    for place, group in enumerate(address_groups(address)):
        yield group, FREE_BY_GROUP * (8 if place else 1)
