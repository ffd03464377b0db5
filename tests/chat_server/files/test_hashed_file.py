"""A file that is written and hashed as it comes: the same on a thread of its own, which ends."""

import errno
import fcntl
import hashlib
import os
import resource
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chat_server.files.hashed_file import BLOCK_BYTES, BLOCKS, INLINE_BYTES, HashedFile
from tests.support.transfers import put, sha256

LARGE_BYTES = INLINE_BYTES + (BLOCKS + 2) * BLOCK_BYTES


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file is."""
    return tmp_path / "file"


@pytest.fixture
def disk_takes_a_mib() -> Iterator[None]:
    """The system lets this process write no file of more than a MiB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (INLINE_BYTES, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def threads() -> set[str]:
    """Return the names of the threads."""
    return {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize("size", [0, 1, INLINE_BYTES, INLINE_BYTES + 1, LARGE_BYTES + 7])
def test_pieces_become_a_file(path: Path, size: int) -> None:
    """Whatever their number, they are the file and have its digest, also asked for in between."""
    data = os.urandom(size)
    with closing(HashedFile(path, size)) as file:
        for start in range(0, size, 100_000):
            put(file, data[start : start + 100_000])
            if start % 700_000 == 0:
                assert file.hexdigest() == sha256(data[: start + 100_000])
        assert (file.come, file.hexdigest(), len(file.room())) == (size, sha256(data), 0)
        assert path.read_bytes() == data
    assert "file-writer" not in threads()


def test_short_uploads_start_no_thread(path: Path) -> None:
    """What is small is written and hashed where it comes."""
    with closing(HashedFile(path, LARGE_BYTES)) as file:
        put(file, bytes(INLINE_BYTES))
        assert "file-writer" not in threads()
        put(file, bytes(BLOCK_BYTES))
        assert "file-writer" in threads()


def test_upload_that_stops_keeps_what_came(path: Path) -> None:
    """The rest of a block, too, is in the file when it is closed, and is where the next try goes on."""
    data = os.urandom(LARGE_BYTES)
    with closing(HashedFile(path, len(data))) as file:
        put(file, data[: INLINE_BYTES + BLOCK_BYTES + 3])
    with closing(HashedFile(path, len(data))) as file:
        assert file.come == INLINE_BYTES + BLOCK_BYTES + 3
        put(file, data[file.come :])
        assert file.hexdigest() == sha256(data)
    assert path.read_bytes() == data


def test_bytes_are_hashed_once_and_read_never(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an upload that did not stop nothing is read again: that cost a quarter of its time."""
    hashed: list[int] = []
    real = hashlib.sha256

    class Counting:
        def __init__(self) -> None:
            self._sha = real()
            self.hexdigest = self._sha.hexdigest

        def update(self, data: memoryview) -> None:
            hashed.append(len(data))
            self._sha.update(data)

    monkeypatch.setattr(hashlib, "sha256", Counting)
    before = _read_bytes()
    with closing(HashedFile(path, LARGE_BYTES)) as file:
        for _ in range(LARGE_BYTES // BLOCK_BYTES):
            put(file, bytes(BLOCK_BYTES))
        assert file.hexdigest() == real(bytes(LARGE_BYTES)).hexdigest()
    assert sum(hashed) == LARGE_BYTES
    assert _read_bytes() - before < 100_000


def _read_bytes() -> int:
    """Return how many bytes this process has read, from whatever."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(dict(line.split(": ") for line in lines)["rchar"])


@pytest.mark.usefixtures("disk_takes_a_mib")
def test_disk_that_fills_beside_the_receiving(path: Path) -> None:
    """Who brings the bytes is told, and nobody waits for ever."""
    with closing(HashedFile(path, LARGE_BYTES)) as file:
        with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
            put(file, bytes(LARGE_BYTES))
        with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
            file.hexdigest()
    assert path.stat().st_size <= INLINE_BYTES
    assert "file-writer" not in threads()


def test_one_writer_at_a_time(path: Path) -> None:
    """Two servers of a cluster may be asked for the same upload: the second one waits for the first."""
    with closing(HashedFile(path, 10)) as file:
        put(file, b"12345")
        with pytest.raises(BlockingIOError):
            HashedFile(path, 10)
    with closing(HashedFile(path, 10)) as file:
        assert file.come == 5


def test_file_system_without_locks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that somebody else wrote are never taken for those that were hashed."""

    def none(fd: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    with closing(HashedFile(path, 10)) as file:
        put(file, b"12345")
        with path.open("ab") as other:
            other.write(b"x")
        put(file, b"67890")
        with pytest.raises(OSError, match="somebody else"):
            file.hexdigest()
