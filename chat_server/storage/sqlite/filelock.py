"""The lock that keeps a second server off one SQLite file; it must not know what the file holds."""

import fcntl
import os
from pathlib import Path

from chat_server.storage.core.errors import StorageConfigError


class FileLock:
    """An advisory lock beside the database. The system drops it when the process ends, however it ends."""

    def __init__(self, database: Path) -> None:
        """Take the lock.

        :raises StorageConfigError: when another process holds it.
        """
        self._file = os.fdopen(os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT, 0o600), "r+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = self._file.read(32).strip()
            self._file.close()
            raise StorageConfigError(
                f"{database} is in use by another server (process {holder or 'unknown'}); stop it first"
            ) from None
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def release(self) -> None:
        """Give the lock back; twice is once."""
        self._file.close()
