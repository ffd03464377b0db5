"""The lock that keeps a second server off a file or folder; it must not know what that holds."""

import fcntl
import os
from pathlib import Path

from chat_server.storage.core.errors import StorageConfigError


class FileLock:
    """An advisory lock in a file of its own. The system drops it when the process ends, however it ends."""

    def __init__(self, thing: Path, file: Path | None = None) -> None:
        """Take the lock.

        :param thing: what is locked, for the error's text.
        :param file: the lock's own file; beside `thing` without one.
        :raises StorageConfigError: when another process holds it.
        """
        self._file = os.fdopen(os.open(file or f"{thing}.lock", os.O_RDWR | os.O_CREAT, 0o600), "r+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = self._file.read(32).strip()
            self._file.close()
            raise StorageConfigError(
                f"{thing} is in use by another server (process {holder or 'unknown'}); stop it first"
            ) from None
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def release(self) -> None:
        """Give the lock back; twice is once."""
        self._file.close()
