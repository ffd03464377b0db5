"""Digests of what comes in pieces: the same on a thread of its own, which ends."""

import hashlib
import os
import threading

import pytest

from chat_server.files.digests import INLINE_BYTES, Digest


@pytest.mark.parametrize("size", [0, 1, INLINE_BYTES, INLINE_BYTES + 1, 5 * INLINE_BYTES + 7])
def test_digest_of_pieces(size: int) -> None:
    """Whatever their number, the pieces have the digest of the whole, also asked for in between."""
    data = os.urandom(size)
    digest = Digest()
    for start in range(0, size, 100_000):
        digest.update(memoryview(data)[start : start + 100_000])
        if start % 700_000 == 0:
            assert digest.hexdigest() == hashlib.sha256(data[: start + 100_000]).hexdigest()
    assert digest.hexdigest() == hashlib.sha256(data).hexdigest()
    digest.close()
    digest.close()
    assert "digest" not in {thread.name for thread in threading.enumerate()}


def test_short_uploads_start_no_thread() -> None:
    """What is small is hashed where it comes."""
    digest = Digest()
    digest.update(b"x" * 1_000)
    assert "digest" not in {thread.name for thread in threading.enumerate()}
    digest.close()
