"""Keeps bytes in a folder under their SHA-256, and what has come of those that are on their way.

It must not know whose they are. Any thread; one partial is written by one thread at a time.

What is kept was written beside, is on the disk (fsync) and is never changed. Bytes that nobody needs any more
are moved aside, looked for once more, and only then removed: who brings the same ones at that moment gives
them a fresh time first.
"""

import contextlib
import errno
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import BinaryIO, Final

from chat_server.durable import sync_folder
from chat_server.files.hashed_file import HashedFile
from chat_server.files.kinds import HEAD_BYTES

PIECE_BYTES: Final = 128 * 1024
PARTIALS: Final = "partial"
LEAVING: Final = "leaving"
_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS})
GRACE_S: Final = 600.0  # bytes this young may be those of a file whose row is about to be written


class Partial:
    """An upload's bytes as far as they have come: those of the file, then those of its preview.

    :param path: where the file's are; the preview's stand beside it.
    """

    def __init__(self, path: Path, size: int, preview: int) -> None:
        self.path = path
        self.preview_path = path.with_suffix(".preview")
        self._whole = size + preview
        with ExitStack() as opened:
            self._file = opened.enter_context(closing(HashedFile(path, size)))
            self._preview = opened.enter_context(closing(HashedFile(self.preview_path, preview)))
            opened.pop_all()

    @property
    def offset(self) -> int:
        """How many bytes have come."""
        return self._file.come + self._preview.come

    @property
    def missing(self) -> int:
        """How many bytes are to come."""
        return self._whole - self.offset

    def room(self) -> memoryview:
        """Return where some of the bytes that are missing are put."""
        return self._file.room() or self._preview.room()

    def took(self, count: int) -> None:
        """Add what was put into the room.

        :raises OSError: when the disk does not take it.
        """
        (self._file if self._file.room() else self._preview).took(count)

    def digest(self) -> str:
        """Write what is left, and return the SHA-256 of the file's bytes.

        :raises OSError: when the disk does not take them.
        """
        self._preview.flush()
        return self._file.hexdigest()

    def head(self) -> bytes:
        """Return the file's first bytes."""
        with self.path.open("rb") as stream:
            return stream.read(HEAD_BYTES)

    def preview(self) -> bytes:
        """Return the preview's bytes; it is small."""
        return self.preview_path.read_bytes()

    def sync(self) -> None:
        """Bring everything to the disk."""
        self._file.sync()

    def close(self) -> None:
        """Stop writing; what has come stays."""
        self._file.close()
        self._preview.close()

    def remove(self) -> None:
        """Throw away what has come."""
        self.close()
        self.path.unlink(missing_ok=True)
        self.preview_path.unlink(missing_ok=True)


class BlobStore:
    """The folder.

    :param clock: seconds since 1970, of the kind that file systems give their files.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock

    def prepare(self) -> None:
        """Make the folders.

        :raises OSError: when that is not possible.
        """
        for folder in (self._folder, self._folder / PARTIALS, self._folder / LEAVING):
            folder.mkdir(mode=0o700, exist_ok=True, parents=True)
        for path in (self._folder / LEAVING).iterdir():  # of a server that ended in the middle
            self._put_back(path)

    def path(self, digest: str) -> Path:
        """Return where bytes are, or would be."""
        return self._folder / digest[:2] / digest

    def open(self, digest: str) -> BinaryIO:
        """Open bytes for reading.

        :raises OSError: when they are not there.
        """
        try:
            return self.path(digest).open("rb", buffering=0)
        except FileNotFoundError:  # it may be moved aside just now
            return (self._folder / LEAVING / digest).open("rb", buffering=0)

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self._folder

    def try_to_write(self) -> None:
        """Write and remove a byte where uploads come in.

        :raises OSError: when the disk does not take it.
        """
        trial = self._folder / PARTIALS / f"trial-{os.getpid()}-{time.monotonic_ns()}.part"
        try:
            trial.write_bytes(b"x")
        finally:
            trial.unlink(missing_ok=True)

    def free_bytes(self) -> int:
        """Return how much space the disk has for this program."""
        found = os.statvfs(self._folder)
        return found.f_bavail * found.f_frsize

    # -- on their way -----------------------------------------------------------------------------

    def partial(self, key: str, size: int, preview: int) -> Partial:
        """Open an upload's bytes as far as they have come."""
        return Partial(self._folder / PARTIALS / f"{key}.part", size, preview)

    def partials(self, beginning: str = "") -> list[tuple[float, str, int]]:
        """List the uploads under way or interrupted whose keys begin so: when last written to, key, bytes."""
        found: dict[str, tuple[float, str, int]] = {}
        with contextlib.suppress(FileNotFoundError):
            for path in (self._folder / PARTIALS).iterdir():
                if path.name.startswith(beginning):
                    with contextlib.suppress(FileNotFoundError):
                        state, (at, _, size) = path.stat(), found.get(path.stem, (0.0, "", 0))
                        found[path.stem] = (max(at, state.st_mtime), path.stem, size + state.st_size)
        return sorted(found.values())

    def drop_partial(self, key: str) -> None:
        """Throw away what has come of an upload that nobody writes to."""
        for suffix in (".part", ".preview"):
            (self._folder / PARTIALS / f"{key}{suffix}").unlink(missing_ok=True)

    # -- kept -------------------------------------------------------------------------------------

    def keep(self, source: Path, digest: str) -> None:
        """Give bytes that are on the disk their lasting name; the source stays where the disk knows links.

        :raises OSError: when the disk does not take it.
        """
        target = self.path(digest)
        if not target.parent.is_dir():
            target.parent.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self._folder)
        os.utime(source)
        while True:
            try:
                _name(source, target)
                break
            except FileExistsError:
                with contextlib.suppress(FileNotFoundError):  # it was just moved aside
                    os.utime(target)
                    break
        sync_folder(target.parent)

    def keep_bytes(self, data: bytes) -> str:
        """Keep a few bytes and return their digest."""
        digest = hashlib.sha256(data).hexdigest()
        beside = self._folder / PARTIALS / f"bytes-{digest}-{os.getpid()}-{time.monotonic_ns()}.preview"
        try:
            with beside.open("xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            self.keep(beside, digest)
        finally:
            beside.unlink(missing_ok=True)
        return digest

    def digests(self, beginning: str) -> list[str]:
        """List what is kept under the two digits that a digest begins with, but for what is very young."""
        found = []
        with contextlib.suppress(FileNotFoundError), os.scandir(self._folder / beginning) as entries:
            found = [entry.name for entry in entries if self._is_old(entry.stat().st_mtime)]
        return found

    def remove(self, digest: str, is_named: Callable[[str], bool]) -> bool:
        """Remove bytes that nobody needs; return whether they are gone.

        :param is_named: looks once more whether somebody does, after they were moved aside.
        """
        aside = self._folder / LEAVING / digest
        try:
            os.replace(self.path(digest), aside)
        except FileNotFoundError:
            return True
        try:
            leaves = self._is_old(aside.stat().st_mtime) and not is_named(digest)
        except BaseException:
            self._put_back(aside)
            raise
        if not leaves:
            self._put_back(aside)
            return False
        aside.unlink(missing_ok=True)
        return True

    def _put_back(self, aside: Path) -> None:
        target = self.path(aside.name)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            _name(aside, target)
        aside.unlink(missing_ok=True)

    def _is_old(self, mtime: float) -> bool:
        return mtime < self._clock() - GRACE_S


def pieces(stream: BinaryIO, length: int) -> Iterator[bytes]:
    """Read so many bytes of a stream, a piece at a time."""
    while length > 0 and (piece := stream.read(min(length, PIECE_BYTES))):
        length -= len(piece)
        yield piece


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as stream:
        for piece in pieces(stream, path.stat().st_size):
            digest.update(piece)
    return digest.hexdigest()


def _name(source: Path, target: Path) -> None:
    """Give a file a second name, or where the file system has no links its only one.

    :raises FileExistsError: when the name is taken.
    """
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if target.exists():
            raise FileExistsError(target) from None
        source.rename(target)
