"""Fixtures of the backup's tests."""

import io
from pathlib import Path

import pytest

from chat_server.backup.creating import create
from chat_server.backup.progress import Progress
from chat_server.files.store import BlobStore
from tests.chat_server.backup.chat import FILE, filled


@pytest.fixture
def progress() -> Progress:
    """A progress line that nobody sees."""
    return Progress(io.StringIO())


@pytest.fixture
def chat_url(tmp_path: Path) -> str:
    """The URL of a SQLite database with something in every table, its file in the same data folder."""
    store = BlobStore(tmp_path / "files")
    store.prepare()
    store.keep_bytes(FILE)
    return filled(f"sqlite:///{tmp_path}/chat.db")


@pytest.fixture
def backup(chat_url: str, tmp_path: Path, progress: Progress) -> Path:
    """A backup of it."""
    path = tmp_path / "chat.backup"
    create(chat_url, path, progress)
    return path


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """The URL of a SQLite database that is not there yet."""
    return f"sqlite:///{tmp_path}/restored.db"
