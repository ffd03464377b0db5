"""When and from where users were last active, written down now and then; it must not know what they did.

Runs on the timer's thread, and at a shutdown on one of its own.
"""

import logging
import threading
from collections.abc import Callable
from typing import Final

from chat_server.live.registry import ConnectionRegistry
from chat_server.storage import Storage
from chat_server.storage.core.errors import StorageError

SEEN_EVERY_S: Final = 60.0

_log = logging.getLogger("chat.server")


class LastSeen:
    """Store who has been active since the last time.

    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(self, storage: Storage, registry: ConnectionRegistry, clock: Callable[[], int]) -> None:
        self._storage = storage
        self._registry = registry
        self._clock = clock
        self._stored_until = 0

    def store(self) -> None:
        """Write it down; when the database is away, the next call has it again."""
        now = self._clock()
        active = [each for each in self._registry.sessions() if each.last_active_at >= self._stored_until]
        pairs = list({(session.user_id, session.address) for session in active})
        try:
            self._storage.users.seen(pairs, now)
            self._stored_until = now
        except StorageError as error:
            _log.debug("who was seen could not be stored: %s", error)

    def store_within(self, timeout_s: float) -> None:
        """Store it on a thread of its own, which is left behind when the database does not answer."""
        writing = threading.Thread(target=self.store, name="seen", daemon=True)
        writing.start()
        writing.join(timeout_s)
