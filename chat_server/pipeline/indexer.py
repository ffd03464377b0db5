"""The indexer thread: follows the commit and makes what was stored searchable; it knows no text and no SQL.

It sleeps until something is stored, lets a little gather, and indexes it in short transactions. While many
messages wait for the commit, or the process is busy, it rests most of the time: storing goes first.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

from chat_server.storage.core.errors import StorageUnavailable
from chat_server.storage.search.index import SearchIndex

_log = logging.getLogger("chat.indexer")

GATHER_S: Final = 0.25  # of the two seconds in which what was said is to be found
MESSAGES_MAX: Final = 300  # of one transaction
CROWD: Final = 50  # messages in one commit: the commit thread has no rest either
BUSY_SHARE: Final = 0.4  # of one core, used by the process while the indexer rests
BUSY_REST: Final = 25.0  # times as long as it worked
STORING_REST: Final = 1.0  # while a few messages are stored
QUIET_REST: Final = 0.2
REST_MAX_S: Final = 2.0
LOOK_AROUND_S: Final = 3_600.0  # for what other servers stored, and what retention removed in silent rooms
RETRY_S: Final = 1.0
FAILED_S: Final = 60.0
STOP_S: Final = 1.0  # of the five seconds in which the server stops


class Indexer:
    """Keep the search index up to date.

    :param clock: seconds that never go back.
    :param cpu_clock: seconds of a core that the process has used.
    """

    def __init__(
        self,
        index: SearchIndex,
        clock: Callable[[], float] = time.monotonic,
        cpu_clock: Callable[[], float] = time.process_time,
    ) -> None:
        self._is_ours: Callable[[], bool] = lambda: True
        self._index = index
        self._clock = clock
        self._cpu_clock = cpu_clock
        self._turn_ended = (clock(), cpu_clock())
        # The thread's own: rooms that are not wholly in the index, whether all are to be looked at,
        # and whether the index is being built.
        self._pending: set[int] = set()
        self._looking = False
        self._building = False
        self._lock = threading.Lock()  # guards the four below
        self._told: set[int] = set()
        self._told_to_look = True
        self._largest = 0  # of the commits since the last turn
        self._stopping = False
        # Signalled when there is something to do, and at the end.
        self._changed = threading.Condition(self._lock)
        self._thread = threading.Thread(target=self._run, name="indexer", daemon=True)

    def start(self) -> None:
        """Start the thread, with whatever is not in the index yet."""
        self._thread.start()

    def share(self, is_ours: Callable[[], bool]) -> None:
        """Index only while this server is the one, of those that share the index, that keeps it."""
        self._is_ours = is_ours

    @property
    def rooms_waiting(self) -> int:
        """About how many rooms have messages that are not in the index yet."""
        with self._lock:
            return len(self._told) + len(self._pending)

    def stop(self, timeout: float = STOP_S) -> None:
        """End the thread after the transaction that it is in; wait for that some seconds at most.

        A transaction that is cut off then is done again after the next start.
        """
        with self._lock:
            self._stopping = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def stored(self, room_ids: Iterable[int], count: int) -> None:
        """Hear, on the commit thread, of messages that one transaction has stored."""
        with self._lock:
            idle = not self._told
            self._told.update(room_ids)
            self._largest = max(self._largest, count)
            if idle:
                self._changed.notify()

    def rebuild(self) -> None:
        """Have the index rebuilt, the newest messages first; meanwhile less is found."""
        self._index.make_stale()
        self.look_around()

    def look_around(self) -> None:
        """Have the thread look for whatever is not in the index yet."""
        with self._lock:
            self._told_to_look = True
            self._changed.notify()

    # -- the thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        while self._wait_for_work():
            try:
                rest_s = self.turn()
            except StorageUnavailable as error:  # the storage has logged an outage
                _log.debug("indexing waits for the database: %s", error)
                rest_s = RETRY_S
            except Exception:  # the thread survives anything: without it nothing new would be found
                _log.exception("indexing failed")
                rest_s = FAILED_S
            self._rest(rest_s)

    def _wait_for_work(self) -> bool:
        """Wait for something to index, and for some more to gather; return False at the end."""
        if not (self._pending or self._looking):
            with self._lock:
                if not self._changed.wait_for(self._is_told_locked, LOOK_AROUND_S):
                    self._told_to_look = True
            self._rest(GATHER_S)
        return not self._stopping

    def _is_told_locked(self) -> bool:
        return bool(self._told or self._told_to_look or self._stopping)

    def turn(self) -> float:
        """Index some of what waits and return how long to rest, in seconds.

        :raises StorageUnavailable: when the database does not answer; nothing is forgotten by that.
        """
        began = self._clock()
        ratio = self._rest_ratio(self._take_over(), self._busy_share())
        if not self._is_ours():
            self._pending.clear()
            self._looking = False
            return 0.0
        if self._looking:
            self._look_around()
        elif self._pending:
            self._pending = self._index.advance(self._pending, MESSAGES_MAX)
        if self._building and not (self._looking or self._pending):
            self._building = False
            _log.info("the search index is built")
        self._turn_ended = (self._clock(), self._cpu_clock())
        return min(REST_MAX_S, ratio * (self._clock() - began))

    def _busy_share(self) -> float:
        """Return how much of a core the other threads have used since the last turn."""
        ended, cpu_then = self._turn_ended
        passed = self._clock() - ended
        return (self._cpu_clock() - cpu_then) / passed if passed > 0 else 0.0

    @staticmethod
    def _rest_ratio(crowd: int, busy_share: float) -> float:
        """Return how many times as long as a turn takes the rest after it is to be.

        :param crowd: the messages in the largest commit since the last turn.
        """
        if crowd >= CROWD or busy_share >= BUSY_SHARE:
            return BUSY_REST
        return STORING_REST if crowd else QUIET_REST

    def _look_around(self) -> None:
        if self._index.prepare():
            self._pending |= self._index.behind()
            self._looking = False
        else:
            self._building = True

    def _take_over(self) -> int:
        """Make what was told the thread's own; return the size of the largest commit since the last turn."""
        with self._lock:
            self._pending |= self._told
            self._looking = self._looking or self._told_to_look
            self._told, self._told_to_look = set(), False
            crowd, self._largest = self._largest, 0
        return crowd

    def _rest(self, seconds: float) -> None:
        with self._lock:
            self._changed.wait_for(lambda: self._stopping, seconds)
