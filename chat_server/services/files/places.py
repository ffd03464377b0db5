"""How many transfers there may be at a time, and of whom; it must not know what they carry."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.limits import Limits

RETRY_AFTER_S: Final = 1.0
# A share of the places is kept for those who have none yet.
_KEPT: Final = 4


class Places:
    """Count transfers; who has one leaves the last quarter of the places to others.

    :param limits: read at each transfer.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits  # replaced as a whole, by any thread
        self._lock = threading.Lock()  # guards the counts
        self._users: Counter[int] = Counter()

    @property
    def taken(self) -> int:
        """How many transfers there are."""
        return self._users.total()

    @contextmanager
    def place(self, user_id: int) -> Iterator[None]:
        """Have a place for a block.

        :raises ChatError: `unavailable` when there is none now.
        """
        with self._lock:
            mine, left = self._users[user_id], self.limits.transfers - self._users.total()
            spare = left - self.limits.transfers // _KEPT if mine else left
            free = mine < self.limits.transfers_per_user and spare > 0
            if free:
                self._users[user_id] += 1
            elif not mine:
                del self._users[user_id]
        if not free:
            message = "Too many files are on their way just now; try again in a moment."
            raise ChatError(ErrorCode.UNAVAILABLE, message, retry_after=RETRY_AFTER_S)
        try:
            yield
        finally:
            with self._lock:
                self._users[user_id] -= 1
                if not self._users[user_id]:
                    del self._users[user_id]
