"""Digests of what comes in pieces: the same on a thread of its own, which ends."""

import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from chat_server.files.digests import INLINE_BYTES, Digest


@pytest.fixture
def file(tmp_path: Path) -> Iterator[BinaryIO]:
    """The file that is written."""
    with (tmp_path / "file").open("a+b", buffering=0) as opened:
        yield opened


def threads() -> set[str]:
    """Return the names of the threads."""
    return {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize("size", [0, 1, INLINE_BYTES, INLINE_BYTES + 1, 5 * INLINE_BYTES + 7])
def test_digest_of_pieces(file: BinaryIO, size: int) -> None:
    """Whatever their number, the pieces have the digest of the whole, also asked for in between."""
    data = os.urandom(size)
    digest = Digest(file.fileno())
    for start in range(0, size, 100_000):
        piece = memoryview(data)[start : start + 100_000]
        file.write(piece)
        digest.update(piece)
        if start % 700_000 == 0:
            assert digest.hexdigest() == hashlib.sha256(data[: start + 100_000]).hexdigest()
    assert digest.hexdigest() == hashlib.sha256(data).hexdigest()
    digest.close()
    digest.close()
    assert "digest" not in threads()


def test_short_uploads_start_no_thread(file: BinaryIO) -> None:
    """What is small is hashed where it comes, and never read again."""
    digest = Digest(file.fileno())
    digest.update(b"x" * 1_000)
    assert digest.hexdigest() == hashlib.sha256(b"x" * 1_000).hexdigest()
    assert "digest" not in threads()
    digest.close()


def test_file_that_became_shorter(file: BinaryIO) -> None:
    """Bytes that are not there any more have no digest: that is an error, and nobody waits for ever."""
    digest = Digest(file.fileno())
    for _ in range(3):
        digest.update(bytes(INLINE_BYTES))
    for _ in range(2):
        with pytest.raises(OSError, match="shorter"):
            digest.hexdigest()
    digest.close()
    assert "digest" not in threads()
