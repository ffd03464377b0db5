"""The lock that keeps a second server off one SQLite file; it must not know what the file holds."""

import fcntl
import os
from pathlib import Path

from chat_server.storage.errors import StorageConfigError


class FileLock:
    """An advisory lock beside the database. The system drops it when the process ends, however it ends."""

    def __init__(self, database: Path) -> None:
        """Take the lock.

        :raises StorageConfigError: when another process holds it.
        """
        self._file = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._file, 32).decode("ascii", "replace").strip()
            os.close(self._file)
            raise StorageConfigError(
                f"{database} is in use by another server (process {holder or 'unknown'}); stop it first"
            ) from None
        os.ftruncate(self._file, 0)
        os.write(self._file, f"{os.getpid()}\n".encode("ascii"))

    def release(self) -> None:
        """Give the lock back."""
        os.close(self._file)
