"""How long threads have waited for a processor: what a crowded machine adds to a time, measured beside it."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

LOOK_EVERY_S: Final = 0.1
PROC: Final = Path("/proc")
_NANOSECONDS: Final = 1e9


class Load:
    """Looks again and again, since a process that ends takes its figures with it.

    A thread may have to wait for a processor all through the time that is judged, and an answer needs one
    thread of each process: so much later may it come. On a machine with room that is next to nothing.

    :param pids: gives the processes that an answer goes through, as they are now.
    """

    def __init__(self, pids: Callable[[], Iterable[int]], proc: Path = PROC) -> None:
        self._pids = pids
        self._proc = proc
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)
        self._lock = threading.Lock()  # guards what is below
        self._began: dict[tuple[int, str], float] = {}
        self._now: dict[tuple[int, str], float] = {}
        self._looks: list[tuple[float, dict[tuple[int, str], float]]] = []  # since `begin`

    def start(self) -> None:
        """Look from now on."""
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._ending.set()
        self._thread.join()

    def begin(self) -> None:
        """Count from now on."""
        found = self._found()
        with self._lock:
            self._began, self._now = found, dict(found)
            self._looks = [(time.monotonic(), found)]

    def waited_s(self) -> float:
        """Return how long the thread of each process that waited longest did since `begin`, together."""
        self._look()
        with self._lock:
            return sum(_longest(self._began, self._now).values())

    def waited(self, since: float, until: float) -> dict[int, float]:
        """Return the same, by process, for a time after `begin`, by the looks that lie around it.

        :param since: by the monotonic clock, as `until`.
        """
        self._look()
        with self._lock:
            before = [look for at, look in self._looks if at <= since] or [self._began]
            after = [look for at, look in self._looks if at >= until] or [self._now]
            return _longest(before[-1], after[0])

    def _run(self) -> None:
        while not self._ending.wait(LOOK_EVERY_S):
            self._look()

    def _look(self) -> None:
        found = self._found()
        with self._lock:
            self._now.update(found)
            self._looks.append((time.monotonic(), dict(self._now)))

    def _found(self) -> dict[tuple[int, str], float]:
        """Return how long each thread has waited since it began (schedstat, in nanoseconds)."""
        found = {}
        for pid in self._pids():
            try:
                for thread in (self._proc / str(pid) / "task").iterdir():
                    waited = (thread / "schedstat").read_text().split()[1]
                    found[pid, thread.name] = int(waited) / _NANOSECONDS
            except (OSError, IndexError):  # it ends, or the kernel does not say: then it waited for nothing
                continue
        return found


def _longest(
    began: Mapping[tuple[int, str], float], now: Mapping[tuple[int, str], float]
) -> dict[int, float]:
    """Return, by process, how long the thread that waited longest did meanwhile."""
    longest: dict[int, float] = {}
    for (pid, thread), waited_s in now.items():
        since_s = waited_s - began.get((pid, thread), 0.0)
        longest[pid] = max(longest.get(pid, 0.0), since_s)
    return longest
