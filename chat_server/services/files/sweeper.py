"""Removes files that nobody needs: given up, never sent, without an owner; in short turns of the timer."""

import logging
from collections.abc import Callable
from typing import Final

from chat_server.files.store import BlobStore
from chat_server.services.files.uploads import Uploads
from chat_server.storage import Storage
from chat_server.storage.core.errors import StorageError
from chat_server.storage.repositories.files import Usage

_log = logging.getLogger("chat.files")
TURN_EVERY_S: Final = 1.0
LOOK_EVERY_MS: Final = 60_000
UNNAMED_MS: Final = 24 * 3600 * 1000
BATCH_FILES: Final = 100
FOLDERS: Final = tuple(f"{number:02x}" for number in range(256))


class Sweeper:
    """Look once a minute, and through one folder of the store each time.

    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(
        self, storage: Storage, store: BlobStore, uploads: Uploads, clock: Callable[[], int]
    ) -> None:
        self._storage = storage
        self._store = store
        self._uploads = uploads
        self._clock = clock
        self._next_look = 0
        self._folder = 0
        self.usage = Usage(0, 0)  # as it was at the last look; written by the timer's thread alone

    def apply(self) -> None:
        """Do a turn of the work when it is time; the timer calls it every second."""
        now = self._clock()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_EVERY_MS
        try:
            if self.sweep() == BATCH_FILES:
                self._next_look = 0  # there may be more
            self.usage = self._storage.files.usage()
            self.look_through(FOLDERS[self._folder])
            self._folder = (self._folder + 1) % len(FOLDERS)
        except (StorageError, OSError) as error:
            _log.warning("files that nobody needs stay for now: %s", error)

    def sweep(self) -> int:
        """Give up what was never sent, and remove some of what was given up; return how many files went."""
        before = self._clock() - UNNAMED_MS
        self._storage.files.give_up_unnamed(before)
        self._uploads.drop_old_partials(before / 1000)
        gone = self._storage.files.gone(BATCH_FILES)
        named = self._storage.files.named(
            digest for file in gone for digest in (file.digest, file.preview_digest)
        )
        removed = [
            file
            for file in gone
            if all(
                digest in named or self._store.remove(digest, self._is_named)
                for digest in (file.digest, file.preview_digest)
                if digest
            )
        ]
        self._storage.files.forget(removed)
        return len(removed)

    def look_through(self, folder: str) -> int:
        """Remove what stands in a folder of the store without a file that names it; return how much."""
        kept = self._store.digests(folder)
        named = self._storage.files.named(kept)
        return sum(self._store.remove(digest, self._is_named) for digest in kept if digest not in named)

    def everything(self) -> None:
        """Do all the work at once."""
        while self.sweep():
            pass
        for folder in FOLDERS:
            self.look_through(folder)

    def _is_named(self, digest: str) -> bool:
        return bool(self._storage.files.named([digest]))
