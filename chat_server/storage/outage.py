"""Whether the database answers: one log line when it stops, one when it is back. It must not know the driver.

Any thread may call it. While the database is down only one caller in :data:`PROBE_EVERY_S` tries it; the
others are told at once, so that an outage does not make every client's thread wait in vain.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

PROBE_EVERY_S: Final = 0.5

log = logging.getLogger("chat.storage")


class Outage:
    """The state of one database, seen from its calls."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()  # guards the two moments below
        self._since: float | None = None
        self._next_probe = 0.0

    def may_try(self) -> bool:
        """Tell whether this caller may use the database now."""
        # Read without the lock: the common answer is that nothing is wrong, and a late one costs one call.
        if self._since is None:
            return True
        with self._lock:
            now = self._monotonic()
            if now < self._next_probe:
                return False
            self._next_probe = now + PROBE_EVERY_S
            return True

    def failed(self, error: Exception) -> None:
        """Note that the database did not answer."""
        with self._lock:
            began = self._since is None
            if began:
                self._since = self._monotonic()
                self._next_probe = self._since + PROBE_EVERY_S
        if began:
            log.error("The database does not answer; requests that need it are refused meanwhile: %s", error)

    def worked(self) -> None:
        """Note that the database answered."""
        if self._since is None:
            return
        with self._lock:
            since, self._since = self._since, None
        if since is not None:
            log.warning("The database answers again after %.1f s", self._monotonic() - since)
