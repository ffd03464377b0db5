"""The bytes of files beside a backup: copied, compared, brought back by SHA-256; it knows no database."""

import contextlib
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from chat_server.backup.errors import BackupError
from chat_server.backup.progress import Progress
from chat_server.durable import sync_folder
from chat_server.files.store import BlobStore, digest_of, pieces

TABLE: Final = "files"
MEANWHILE: Final = "removed-meanwhile"  # lists what was removed from the server while the backup was made
_DIGESTS: Final = ("digest", "preview_digest")


def folder_of(path: Path) -> Path:
    """Return the folder of the files of a backup."""
    return path.with_name(f"{path.name}.files")


class Named:
    """Collects the digests that the rows of a backup name."""

    def __init__(self) -> None:
        self.digests: set[str] = set()

    def add(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Look at rows of a table."""
        if table == TABLE:
            gone, places = columns.index("gone"), [columns.index(name) for name in _DIGESTS]
            self.digests.update(str(row[place]) for row in rows if not row[gone] for place in places)
            self.digests.discard("")


def save(named: Named, source: Path, path: Path, progress: Progress) -> list[str]:
    """Copy what is not beside the backup yet; what a sibling has is linked, and takes no space.

    :param source: the server's folder of files.
    :return: the digests of what the server has not, or no more.
    :raises BackupError: when there is no such folder.
    :raises OSError: when it cannot be written.
    """
    if named.digests and not source.is_dir():
        raise BackupError(
            f"there are no files in {source}: name their folder (--files-dir) or leave them out"
            " (--without-files)"
        )
    target, store = folder_of(path), BlobStore(source)
    target.mkdir(mode=0o700, exist_ok=True)
    siblings = [each for each in path.parent.glob("*.files") if each != target]
    removed = []
    for count, digest in enumerate(sorted(named.digests), 1):
        place = target / digest[:2] / digest
        if not place.exists() and not _linked(digest, place, siblings) and not _copied(store, digest, place):
            removed.append(digest)
        progress.show("Saving files", count, len(named.digests))
    (target / MEANWHILE).write_text("".join(f"{digest}\n" for digest in removed))
    return removed


def prune(named: Named, path: Path) -> None:
    """Remove what an earlier backup of the same name had and this one has not."""
    for place in folder_of(path).glob("??/*"):
        if place.name not in named.digests:
            place.unlink()


def compare(named: Named, path: Path, progress: Progress) -> int:
    """Read every file beside a backup and compare its digest; return how many there are.

    :raises BackupError: when one is missing or different.
    """
    folder, removed = folder_of(path), _removed(path)
    for count, digest in enumerate(sorted(named.digests - removed), 1):
        try:
            found = digest_of(folder / digest[:2] / digest)
        except OSError as error:
            raise BackupError(f"the file {digest} in {folder} cannot be read: {error.strerror}") from None
        if found != digest:
            raise BackupError(f"the file {digest} in {folder} is not what was saved: digests differ")
        progress.show("Comparing files", count, len(named.digests))
    return len(named.digests - removed)


def bring_back(named: Named, path: Path, target: Path, progress: Progress) -> None:
    """Copy the files of a backup into a server's folder.

    :raises OSError: when it cannot be written.
    """
    store = BlobStore(target)
    store.prepare()
    source = folder_of(path)
    present = sorted(named.digests - _removed(path))
    for count, digest in enumerate(present, 1):
        place = store.path(digest)
        if not place.exists():
            _copy(source / digest[:2] / digest, place)
        progress.show("Restoring files", count, len(present))


def _removed(path: Path) -> set[str]:
    with contextlib.suppress(FileNotFoundError):
        return set((folder_of(path) / MEANWHILE).read_text().split())
    return set()


def _linked(digest: str, place: Path, siblings: Iterable[Path]) -> bool:
    for sibling in siblings:
        with contextlib.suppress(OSError):
            place.parent.mkdir(mode=0o700, exist_ok=True)
            os.link(sibling / digest[:2] / digest, place)
            return True
    return False


def _copied(store: BlobStore, digest: str, place: Path) -> bool:
    """Copy from the server's store; return False when it has it no more."""
    try:
        with store.open(digest) as source:
            _write(place, pieces(source, store.path(digest).stat().st_size))
    except FileNotFoundError:
        return False
    return True


def _copy(source: Path, place: Path) -> None:
    with source.open("rb", buffering=0) as stream:
        _write(place, pieces(stream, source.stat().st_size))


def _write(place: Path, data: Iterable[bytes]) -> None:
    """Write a file whole under its name, on the disk, or not at all."""
    place.parent.mkdir(mode=0o700, exist_ok=True)
    part = place.with_name(f"{place.name}.part")
    try:
        with part.open("wb") as stream:
            for piece in data:
                stream.write(piece)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, place)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(place.parent)


def remove_all(path: Path) -> None:
    """Remove the files of an earlier backup of the same name, where the new one has none."""
    shutil.rmtree(folder_of(path), ignore_errors=True)
