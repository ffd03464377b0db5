"""Files beside a backup: saved, compared by their digests, restored, shared with a sibling, left out."""

from pathlib import Path
from typing import Any

import pytest

from chat_server.backup.creating import create
from chat_server.backup.errors import BackupError
from chat_server.backup.files import bring_back, folder_of, save
from chat_server.backup.progress import Progress
from chat_server.backup.restoring import check, read_whole
from chat_server.files.store import BlobStore
from chat_server.storage import open_storage
from chat_server.storage.core.records import NewFile
from tests.chat_server.fakes import START_MS


class Chat:
    """A database and a folder of files."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder}/chat.db"
        self.folder = folder / "files"
        self.store = BlobStore(self.folder)
        self.store.prepare()

    def add(self, nonce: str, data: bytes, preview: bytes = b"", **other: Any) -> str:
        """Add a file; return its digest."""
        storage = open_storage(self.url)
        digest = self.store.keep_bytes(data)
        of_preview = self.store.keep_bytes(preview) if preview else ""
        size, small = len(data), len(preview)
        new = NewFile(1, 1, nonce, nonce, size, "text/plain", digest, None, None, small, of_preview, START_MS)
        file = storage.files.add(new)
        if other.get("gone"):
            storage.files.give_up(file)
        storage.close()
        return digest


@pytest.fixture
def chat(tmp_path: Path) -> Chat:
    return Chat(tmp_path)


def saved(path: Path) -> set[str]:
    return {place.name for place in folder_of(path).glob("??/*")}


def test_files_are_saved_and_brought_back(chat: Chat, tmp_path: Path, progress: Progress) -> None:
    """Every file and preview that is not gone is beside the backup, is compared, and comes back."""
    one = chat.add("one", b"one", b"small")
    gone = chat.add("gone", b"gone", gone=True)
    path = tmp_path / "chat.backup"
    create(chat.url, path, progress, chat.folder)
    assert one in saved(path)
    assert gone not in saved(path)
    assert len(saved(path)) == 2
    check(path, progress)
    named = read_whole(path, progress)
    assert named is not None
    bring_back(named, path, tmp_path / "elsewhere", progress)
    assert BlobStore(tmp_path / "elsewhere").path(one).read_bytes() == b"one"


@pytest.mark.parametrize("damage", [b"0ne", None])
def test_damage_is_found(chat: Chat, tmp_path: Path, progress: Progress, damage: bytes | None) -> None:
    """A file that is missing or different makes the backup a bad one."""
    digest = chat.add("one", b"one")
    path = tmp_path / "chat.backup"
    create(chat.url, path, progress, chat.folder)
    place = folder_of(path) / digest[:2] / digest
    place.unlink()
    if damage is not None:
        place.write_bytes(damage)
    with pytest.raises(BackupError, match=digest):
        check(path, progress)


def test_next_backup(chat: Chat, tmp_path: Path, progress: Progress) -> None:
    """One of the same name drops what is gone; one of another name shares the bytes."""
    first, second = chat.add("one", b"one"), chat.add("two", b"two")
    monday, tuesday = tmp_path / "mon.backup", tmp_path / "tue.backup"
    create(chat.url, monday, progress, chat.folder)
    create(chat.url, tuesday, progress, chat.folder)
    places = [folder_of(path) / first[:2] / first for path in (monday, tuesday)]
    assert places[0].samefile(places[1])
    storage = open_storage(chat.url)
    (file,) = storage.files.largest(1, 1)
    storage.files.give_up(file)
    storage.close()
    create(chat.url, monday, progress, chat.folder)
    assert (len(saved(monday)), saved(tuesday)) == (1, {first, second})


def test_file_that_is_missing(
    chat: Chat, tmp_path: Path, progress: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes that the server has lost make no backup; those that were removed meanwhile are no loss."""
    digest = chat.add("one", b"one")
    chat.store.path(digest).unlink()
    path = tmp_path / "chat.backup"
    with pytest.raises(BackupError, match=digest):
        create(chat.url, path, progress, chat.folder)
    assert not path.exists()

    def gone_meanwhile(*arguments: Any) -> list[str]:
        missing = save(*arguments)
        storage = open_storage(chat.url, exclusive=False)
        for file in storage.files.largest(9):
            storage.files.give_up(file)
        storage.close()
        return missing

    monkeypatch.setattr("chat_server.backup.creating.save", gone_meanwhile)
    create(chat.url, path, progress, chat.folder)
    check(path, progress)


def test_without_files(chat: Chat, tmp_path: Path, progress: Progress) -> None:
    """They can be left out, also where an earlier backup of that name had them."""
    chat.add("one", b"one")
    path = tmp_path / "chat.backup"
    create(chat.url, path, progress, chat.folder)
    create(chat.url, path, progress)
    assert not folder_of(path).exists()
    check(path, progress)
    assert read_whole(path, progress) is None
