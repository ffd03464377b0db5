"""Who uses a database: a data folder on a machine, held by one process at a time; it opens no database."""

import hashlib
import os
import platform
import secrets
from pathlib import Path
from typing import Final

from chat_server.storage.core.filelock import FileLock

ID_FILE: Final = "server_id"
LOCK_FILE: Final = "server.lock"
HOLDER_MAX_CHARS: Final = 190
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class Owner:
    """This process, as the only one that may use a data folder until :meth:`release`.

    `folder` is the same for every process that ever holds the folder between two starts of the machine: since
    the folder's lock is held, an earlier process of that name is known to have ended. A copy of the folder,
    here or elsewhere, has another name. `holder` says to a person who it is.
    """

    def __init__(self, data_dir: Path) -> None:
        """Take the folder's lock.

        :raises StorageConfigError: when another process holds it.
        :raises OSError: when nothing can be written in the folder.
        """
        self._lock = FileLock(data_dir, data_dir / LOCK_FILE)
        try:
            self.folder = _folder_name(data_dir / ID_FILE)
        except BaseException:
            self._lock.release()
            raise
        self.id = f"{self.folder}.{secrets.token_hex(8)}"
        place = data_dir.absolute()
        text = f"process {os.getpid()} on {platform.node()}, data folder {place}"
        self.holder = text.encode("utf-8", "replace").decode()[:HOLDER_MAX_CHARS]

    def release(self) -> None:
        """Let another process have the folder; twice is once."""
        self._lock.release()


def _folder_name(file: Path) -> str:
    """Name a folder by a word in it, the place of that word on the disk, and the run of the machine."""
    if not file.exists():  # the lock is held: nobody makes it meanwhile
        new = file.with_name(f"{file.name}.new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            stream.write(f"{secrets.token_hex(16)}\n")
        new.replace(file)
    found, word = file.stat(), file.read_text(encoding="ascii", errors="replace").strip()
    try:
        boot = _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:  # where the machine's runs have no name, no earlier process is recognised
        boot = secrets.token_hex(16)
    parts = f"{word} {found.st_dev} {found.st_ino} {boot}"
    return hashlib.sha256(parts.encode()).hexdigest()[:32]
