"""Bytes on the disk: whole or not at all, once for each content, and removed only when nobody needs them."""

import errno
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from chat_server.files.store import GRACE_S, LEAVING, BlobStore, digest_of
from tests.support.transfers import put, sha256

NOW_S = 1_700_000_000.0


class Clock:
    """A clock that stands."""

    def __init__(self) -> None:
        self.now = NOW_S

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> BlobStore:
    found = BlobStore(tmp_path / "files", clock)
    found.prepare()
    return found


def keep(store: BlobStore, data: bytes, at: float | None = None) -> str:
    """Keep bytes, as if they had come at a time."""
    digest = store.keep_bytes(data)
    if at is not None:
        os.utime(store.path(digest), (at, at))
    return digest


def never(digest: str) -> bool:
    return False


def test_partial_goes_on(store: BlobStore) -> None:
    """An upload is opened again where it stopped; its digest is that of the file's bytes alone."""
    data = os.urandom(300_000)
    partial = store.partial("1-a", 300_000, 4)
    put(partial, data[:200_001])
    partial.close()
    partial = store.partial("1-a", 300_000, 4)
    assert (partial.offset, partial.missing) == (200_001, 100_003)
    put(partial, data[200_001:] + b"pr")
    assert partial.missing == 2
    put(partial, b"ev")
    assert (partial.missing, partial.digest(), partial.preview()) == (0, sha256(data), b"prev")
    partial.sync()
    store.keep(partial.path, partial.digest())
    partial.remove()
    assert store.path(sha256(data)).read_bytes() == data
    assert store.partials() == []


def test_partial_that_is_longer_than_its_file(store: BlobStore) -> None:
    """What stands behind a file's size is cut off."""
    partial = store.partial("1-a", 5, 0)
    partial.path.write_bytes(b"12345678")
    partial.close()
    partial = store.partial("1-a", 5, 0)
    assert (partial.missing, partial.digest()) == (0, sha256(b"12345"))
    assert partial.path.read_bytes() == b"12345"
    partial.close()


def test_same_bytes_are_kept_once(store: BlobStore) -> None:
    """The second one of the same content is the first one's file, and makes it young."""
    digest = keep(store, b"data", NOW_S - 2 * GRACE_S)
    assert keep(store, b"data") == digest
    assert store.path(digest).stat().st_mtime > NOW_S
    with store.open(digest) as stream:
        assert stream.read() == b"data"
    assert digest_of(store.path(digest)) == digest == hashlib.sha256(b"data").hexdigest()


def test_disk_is_told_before_the_name(store: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes are on the disk before they have their name, and the name is before anybody hears of it."""
    order: list[str] = []
    fsync, link = os.fsync, os.link

    def noted_fsync(handle: int) -> None:
        order.append("folder" if os.fstat(handle).st_mode & 0o040000 else "bytes")
        fsync(handle)

    def noted_link(*arguments: Any) -> None:
        order.append("name")
        link(*arguments)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "link", noted_link)
    keep(store, b"data")
    assert order == ["bytes", "folder", "name", "folder"]


def test_removal(store: BlobStore) -> None:
    """Old bytes that nobody names go; young ones, and those that somebody names after all, stay."""
    old, young, named = (keep(store, data, NOW_S - 2 * GRACE_S) for data in (b"1", b"2", b"3"))
    os.utime(store.path(young), (NOW_S, NOW_S))
    assert store.remove(old, never)
    assert not store.remove(young, never)
    assert not store.remove(named, lambda digest: digest == named)
    assert [store.path(digest).exists() for digest in (old, young, named)] == [False, True, True]
    assert store.remove(old, never)


def test_bytes_that_come_again_while_they_are_removed(store: BlobStore) -> None:
    """Who brings the same bytes between the removal's two looks has them."""
    digest = keep(store, b"data", NOW_S - 2 * GRACE_S)

    def brought_meanwhile(digest: str) -> bool:
        keep(store, b"data")
        return False

    store.remove(digest, brought_meanwhile)
    assert store.path(digest).read_bytes() == b"data"


def test_reader_while_bytes_are_looked_at(store: BlobStore) -> None:
    """A file can be read at every moment of a removal that does not take place."""
    digest = keep(store, b"data", NOW_S - 2 * GRACE_S)
    seen = []

    def is_named(digest: str) -> bool:
        with store.open(digest) as stream:
            seen.append(stream.read())
        return True

    assert not store.remove(digest, is_named)
    assert seen == [b"data"]


def test_start_after_a_crash_in_the_middle_of_a_removal(store: BlobStore) -> None:
    """What had been moved aside is there again."""
    digest = keep(store, b"data")
    aside = store.path(digest).parents[1] / LEAVING / digest
    store.path(digest).rename(aside)
    store.prepare()
    assert store.path(digest).read_bytes() == b"data"
    assert not aside.exists()


def test_digests_of_a_folder(store: BlobStore, clock: Clock) -> None:
    """What is young is not listed: its file may be about to be recorded."""
    digest = keep(store, b"data", NOW_S)
    assert store.digests(digest[:2]) == []
    clock.now += 2 * GRACE_S
    assert store.digests(digest[:2]) == [digest]
    assert store.digests("zz") == []


def test_disk_that_is_full(store: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the disk reaches the caller, and leaves nothing under a lasting name."""

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        keep(store, b"data")
    assert store.partials() == []
    assert not store.path(sha256(b"data")).exists()


def test_disk_without_links(store: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file has one name only, bytes are kept and put back all the same."""

    def no_links(*arguments: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    digest = keep(store, b"data", NOW_S - 2 * GRACE_S)
    assert keep(store, b"data") == digest
    assert not store.remove(digest, lambda digest: True)
    assert store.path(digest).read_bytes() == b"data"
    assert store.partials() == []
