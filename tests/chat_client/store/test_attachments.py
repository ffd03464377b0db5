"""Copies of files that wait, and the cache of those that came."""

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from chat_client.store.attachments import (
    FILE_CHANGED,
    FILE_UNREADABLE,
    Attachment,
    Attachments,
    FileCache,
    save_copy,
)
from chat_protocol.errors import ChatError
from chat_protocol.objects import File


def test_copy_is_for_its_owner_alone_and_told_by_its_digest(tmp_path: Path) -> None:
    """Folder and files are private; size and digest are those of the copy."""
    source = tmp_path / "source"
    source.write_bytes(b"x" * 3_000_000)
    attachments = Attachments(tmp_path / "home")
    made = attachments.copy(source, "name", "u1", 3_000_000, b"small")
    assert made.sha256 == hashlib.sha256(source.read_bytes()).hexdigest()
    assert (made.file.size, made.file.name, attachments.preview(made)) == (3_000_000, "name", b"small")
    assert attachments.path("u1").stat().st_mode & 0o777 == 0o600
    assert attachments.path("u1").parent.stat().st_mode & 0o777 == 0o700
    attachments.remove("u1")
    assert list(attachments.path("u1").parent.iterdir()) == []


@pytest.mark.parametrize(("name", "code"), [("large", "file_too_large"), ("missing", FILE_UNREADABLE)])
def test_nothing_is_left_of_a_copy_that_fails(tmp_path: Path, name: str, code: str) -> None:
    """A file that has grown past the limit, and one that has gone."""
    (tmp_path / "large").write_bytes(b"12345")
    attachments = Attachments(tmp_path / "home")
    with pytest.raises(ChatError) as refused:
        attachments.copy(tmp_path / name, name, "u1", 4)
    assert refused.value.code == code
    assert list(attachments.path("u1").parent.iterdir()) == []


def test_file_that_changes_while_it_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the one and half of the other would arrive: it is refused, and nothing is left."""
    source = tmp_path / "source"
    source.write_bytes(b"x" * 100)
    attachments = Attachments(tmp_path / "home")

    def change(_descriptor: int) -> None:
        source.write_bytes(b"y" * 101)

    monkeypatch.setattr(os, "fsync", change)
    with pytest.raises(ChatError) as refused:
        attachments.copy(source, "name", "u1", 1000)
    assert refused.value.code == FILE_CHANGED
    assert list(attachments.path("u1").parent.iterdir()) == []


def test_file_that_waits_is_found_by_the_id_under_which_it_is_shown(tmp_path: Path) -> None:
    """Until the server has given it one; a server's id leads to no copy."""
    source = tmp_path / "source"
    source.write_bytes(b"x")
    attachments = Attachments(tmp_path / "home")
    made = attachments.copy(source, "name", "u1", 1)
    assert attachments.waiting(made.shown) == attachments.path("u1")
    stored = replace(made, file=replace(made.file, id="f1"))
    assert attachments.waiting(stored.shown) is None
    assert stored.shown is stored.file


@pytest.mark.parametrize("linked", [True, False])
def test_cache_takes_in_what_is_here_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linked: bool
) -> None:
    """Also where the disk knows no second name of a file."""
    if not linked:
        monkeypatch.setattr(os, "link", lambda *_names: os.open("/missing", os.O_RDONLY))
    source = tmp_path / "source"
    source.write_bytes(b"12")
    cache = FileCache(tmp_path)
    path = cache.path("host:1", "f1")
    cache.adopt(path, source)
    assert source.samefile(path) == linked
    source.unlink()
    assert cache.find(path)
    assert path.read_bytes() == b"12"


def test_old_copies_that_no_message_names_are_swept(tmp_path: Path) -> None:
    """Young ones may be of another client that is just making its message."""
    source = tmp_path / "source"
    source.write_bytes(b"x")
    attachments = Attachments(tmp_path / "home")
    now, day = 2_000_000_000, 24 * 3600
    for nonce, age in (("named", day + 5), ("old", day + 1), ("young", day)):
        attachments.copy(source, "name", nonce, 1, b"small")
        for path in (attachments.path(nonce), attachments.path(f"{nonce}.preview")):
            os.utime(path, (now - age, now - age))
    attachments.sweep({"named"}, lambda: now)
    left = sorted(path.name for path in attachments.path("old").parent.iterdir())
    assert left == ["named", "named.preview", "young", "young.preview"]


def test_cache_lets_go_of_the_longest_unused(tmp_path: Path) -> None:
    """Past its limit the oldest goes; what is looked at is younger again; the one that came stays."""
    cache = FileCache(tmp_path, limit=20)
    paths = [cache.path("server", f"f{number}") for number in range(3)]
    for age, path in enumerate(paths):
        part = cache.part(path)
        assert part.stat().st_mode & 0o777 == 0o600
        part.write_bytes(b"x" * 10)
        if age == 2:
            os.utime(paths[1], (1, 1))
            os.utime(paths[0], (0, 0))
            assert cache.find(paths[0])
        cache.keep(path)
    assert [cache.find(path) for path in paths] == [True, False, True]
    assert cache.path("server", "f1") != cache.path("other", "f1")
    assert cache.path("server", "f1") != cache.path("server", "f1", preview=True)


def test_save_replaces_whole_or_leaves_what_was(tmp_path: Path) -> None:
    """A refusal of the disk leaves no half of a file."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"new")
    target.write_bytes(b"old")
    save_copy(source, target)
    assert target.read_bytes() == b"new"
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        save_copy(source, tmp_path / "folder")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "source", "target"]


def test_copy_is_on_the_disk_before_its_message_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it; and where the disk refuses, nothing is left."""
    written: list[int] = []
    source = tmp_path / "source"
    source.write_bytes(b"x" * 100)
    attachments = Attachments(tmp_path / "home")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: written.append(os.fstat(descriptor).st_size))
        attachments.copy(source, "name", "u1", 1000)
    assert written == [100]

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ChatError) as refused:
        attachments.copy(source, "name", "u2", 1000)
    assert (refused.value.code, refused.value.message) == (FILE_UNREADABLE, "name: No space left on device")
    assert [path.name for path in attachments.path("u2").parent.iterdir()] == ["u1"]


def test_copy_of_what_is_kept_is_the_same_again() -> None:
    """With all that is needed to go on after a restart."""
    made = Attachment("u1", "00" * 32, 5, File("f1", "é.png", 7, "image/png", 4, 3))
    assert Attachment.from_json(json.loads(json.dumps(made.to_json()))) == made
