"""The copies of files that wait to be sent, and a cache of those that came; it sends and fetches nothing."""

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from chat_client.store.files import make_private_folder
from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.objects import File

FILE_UNREADABLE: Final = "file_unreadable"
FILE_CHANGED: Final = "file_changed"
#: Begins the id under which a file is shown that has none of the server's yet; ids of servers have no slash.
WAITING: Final = "waiting/"
CACHE_MAX_BYTES: Final = 100 * 1024 * 1024
ORPHAN_AFTER_S: Final = 24 * 3600.0  # another client of the same user may have just made it
_PIECE_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message that waits.

    :param nonce: names its upload for good, and its copy.
    :param sha256: of the copy.
    :param preview: bytes of its small picture; 0 for none.
    :param file: what is shown; without an id until it was uploaded.
    """

    nonce: str
    sha256: str
    preview: int
    file: File

    @property
    def shown(self) -> File:
        """The file as it is shown: under an id of its own until the server has given it one."""
        return self.file if self.file.id else replace(self.file, id=f"{WAITING}{self.nonce}")

    def to_json(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return {
            "nonce": self.nonce,
            "sha256": self.sha256,
            "preview": self.preview,
            "file": self.file.to_frame(),
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Attachment":
        """Read what was kept."""
        return cls(
            str(kept["nonce"]), str(kept["sha256"]), int(kept["preview"]), File.from_frame(kept["file"])
        )


class Attachments:
    """The folder of the copies; each is readable by its owner alone."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "attachments"

    def path(self, nonce: str) -> Path:
        """Return where the copy is."""
        return self._folder / nonce

    def preview(self, attachment: Attachment) -> bytes:
        """Return the small picture that goes with it.

        :raises OSError: it cannot be read.
        """
        return self.path(f"{attachment.nonce}.preview").read_bytes() if attachment.preview else b""

    def waiting(self, file: File) -> Path | None:
        """Return the copy of a file that is shown under an id of its own; None for any other file."""
        return self.path(file.id.removeprefix(WAITING)) if file.id.startswith(WAITING) else None

    def copy(self, source: Path, name: str, nonce: str, size_max: int, preview: bytes = b"") -> Attachment:
        """Copy a file, so that it can be changed or removed before it is sent.

        :raises ChatError: `file_too_large`, `file_changed` when somebody writes to it just now, or
            `file_unreadable` (with the system's words).
        """
        target = self.path(nonce)
        digest, size = hashlib.sha256(), 0
        try:
            make_private_folder(self._folder)
            with source.open("rb") as read, open(_private(target), "wb") as written:
                before = os.fstat(read.fileno())
                while piece := read.read(_PIECE_BYTES):
                    size += len(piece)
                    if size > size_max:
                        raise ChatError(ErrorCode.FILE_TOO_LARGE, f"{name} is too large.")
                    digest.update(piece)
                    written.write(piece)
                written.flush()
                os.fsync(written.fileno())
                after = os.fstat(read.fileno())
            if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
                raise ChatError(FILE_CHANGED, f"{name} has changed while it was read.")
            if preview:
                with open(_private(self.path(f"{nonce}.preview")), "wb") as written:
                    written.write(preview)
        except OSError as error:
            self.remove(nonce)
            raise ChatError(FILE_UNREADABLE, f"{name}: {error.strerror or error}") from error
        except ChatError:
            self.remove(nonce)
            raise
        return Attachment(nonce, digest.hexdigest(), len(preview), File("", name, size))

    def remove(self, nonce: str) -> None:
        """Remove a copy and its small picture."""
        for path in (self.path(nonce), self.path(f"{nonce}.preview")):
            with contextlib.suppress(OSError):
                path.unlink()

    def sweep(self, named: Collection[str], clock: Callable[[], float] = time.time) -> None:
        """Remove the old copies of which no message knows (any more).

        :param named: the nonces that are known, of all accounts.
        """
        with contextlib.suppress(OSError):
            for path in self._folder.iterdir():
                old = clock() - path.stat().st_mtime > ORPHAN_AFTER_S
                if old and path.name.removesuffix(".preview") not in named:
                    path.unlink(missing_ok=True)


class FileCache:
    """Files that came from a server, the latest used of them up to a limit.

    :param limit: in bytes.
    """

    def __init__(self, home: Path, limit: int = CACHE_MAX_BYTES) -> None:
        self._folder = home / "file_cache"
        self._limit = limit

    def path(self, server: str, file: str, *, preview: bool = False) -> Path:
        """Return where a file is or would be.

        :param server: what tells the ids of one server from those of another.
        """
        key = hashlib.sha256(f"{server}\0{file}\0{preview:d}".encode()).hexdigest()
        return self._folder / key

    def part(self, path: Path) -> Path:
        """Return where a file comes in that belongs at `path`, made where it is missing.

        :raises OSError: the disk refuses.
        """
        make_private_folder(self._folder)
        part = path.with_name(f"{path.name}.part")
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600))
        return part

    def adopt(self, path: Path, source: Path) -> None:
        """Take in a file that is on this computer already, as what would come to `path`.

        :raises OSError: the disk refuses.
        """
        part = self.part(path)
        part.unlink()
        try:
            os.link(source, part)
        except OSError:  # a file system without second names
            shutil.copyfile(source, part)
        self.keep(path)

    def keep(self, path: Path) -> None:
        """Take in what has come, and let go of the longest unused of the others past the limit.

        :raises OSError: the disk refuses.
        """
        os.replace(path.with_name(f"{path.name}.part"), path)
        found = sorted(((other.stat(), other) for other in self._folder.iterdir()), key=_last_used)
        total = sum(stat.st_size for stat, _other in found)
        for stat, other in found:
            if total > self._limit and other != path:
                other.unlink(missing_ok=True)
                total -= stat.st_size

    def find(self, path: Path) -> bool:
        """Say whether a file is there, and note that it is used."""
        try:
            os.utime(path)
        except OSError:
            return False
        return True


def save_copy(source: Path, target: Path) -> None:
    """Put a copy where the user wants it: whole, or not at all.

    :raises OSError: the disk refuses.
    """
    beside = target.with_name(f".{target.name[:100]}.{os.getpid()}.part")
    try:
        shutil.copyfile(source, beside)
        os.replace(beside, target)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _private(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)


def _last_used(found: tuple[os.stat_result, Path]) -> float:
    return found[0].st_mtime
