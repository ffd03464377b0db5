"""How much space files may take: of one user, together, and on the disk; it must not know what is in them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.files.store import BlobStore
from chat_server.limits import Limits
from chat_server.storage import Storage

MIB: Final = 1024 * 1024
QUOTA_SETTING: Final = "files_quota_mib:"  # and the user's number: what an administrator has set


class Space:
    """Promise space to uploads before they begin; what is promised and has not come is counted.

    :param limits: read at each promise.
    """

    def __init__(self, storage: Storage, store: BlobStore, limits: Limits) -> None:
        self._storage = storage
        self._store = store
        self.limits = limits  # replaced as a whole, by any thread
        self._lock = threading.Lock()  # guards what is promised
        self._promised: dict[object, tuple[int, int, int]] = {}  # user, all of it, what is to come

    def quota(self, user_id: int) -> int:
        """Return how many bytes a user may have."""
        own = self._storage.settings.get(f"{QUOTA_SETTING}{user_id}")
        return (int(own) if own else self.limits.files_per_user_mib) * MIB

    def set_quota(self, user_id: int, mib: int | None) -> None:
        """Give a user another limit than the others, or with None the usual one again."""
        self._storage.settings.set(f"{QUOTA_SETTING}{user_id}", "" if mib is None else str(mib))

    @contextmanager
    def promised(self, user_id: int, size: int, missing: int) -> Iterator[None]:
        """Keep space for a file while it comes.

        :param size: of the file with its preview, in bytes; `missing` of them are to come.
        :raises ChatError: `file_too_large`, `quota` or `no_space`.
        """
        quota, used = self.quota(user_id), self._storage.files.usage(user_id).bytes
        total = self._storage.files.usage().bytes
        free = self._store.free_bytes()
        key = object()
        with self._lock:
            mine = sum(whole for user, whole, _ in self._promised.values() if user == user_id)
            everybody = sum(whole for _, whole, _ in self._promised.values())
            coming = sum(still for _, _, still in self._promised.values())
            over_quota = used + mine + size > quota
            full = (
                total + everybody + size > self.limits.files_total_mib * MIB
                or free - coming - missing < self.limits.files_free_mib * MIB
            )
            if not over_quota and not full:
                self._promised[key] = (user_id, size, missing)
        if over_quota:
            raise ChatError(ErrorCode.QUOTA, f"Your files may take {quota // MIB} MiB; delete some first.")
        if full:
            raise ChatError(ErrorCode.NO_SPACE, "The server has no space left for files.")
        try:
            yield
        finally:
            with self._lock:
                del self._promised[key]
