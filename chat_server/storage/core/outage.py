"""Whether the database answers: one log line when it stops, one when it is back. It must not know the driver.

Any thread may call it. While the database is down only one caller in :data:`PROBE_EVERY_S` tries it; the
others are told at once, so that an outage does not make every client's thread wait in vain. Reading and
writing are told apart: a database with a full disk is still read, and that does not end the outage.
"""

import logging
import threading
import time
from collections.abc import Callable
from enum import Enum
from typing import Final

PROBE_EVERY_S: Final = 0.5

_log = logging.getLogger("chat.storage")


class Use(Enum):
    """What a call does with the database."""

    READ = "read"
    WRITE = "write"


class Outage:
    """The state of one database, seen from its calls."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()  # guards what follows
        self._failing: frozenset[Use] = frozenset()
        self._since = 0.0
        self._next_probe = 0.0

    def may_try(self, use: Use) -> bool:
        """Tell whether this caller may use the database now."""
        # Read without the lock: the common answer is that nothing is wrong, and a late one costs one call.
        if use not in self._failing:
            return True
        with self._lock:
            now = self._monotonic()
            if now < self._next_probe:
                return False
            self._next_probe = now + PROBE_EVERY_S
            return True

    def failed(self, use: Use, error: Exception) -> None:
        """Note that the database did not answer."""
        with self._lock:
            now = self._monotonic()
            began = not self._failing
            if use not in self._failing:
                self._next_probe = now + PROBE_EVERY_S
            if began:
                self._since = now
            self._failing |= {use}
        if began:
            _log.error("The database does not answer; requests that need it are refused meanwhile: %s", error)

    def worked(self, use: Use) -> None:
        """Note that the database answered."""
        if use not in self._failing:
            return
        with self._lock:
            ended = self._failing == {use}
            self._failing -= {use}
            self._next_probe = 0.0  # what one use found mended, the other may try at once
            lasted = self._monotonic() - self._since
        if ended:
            _log.warning("The database answers again after %.1f s", lasted)
