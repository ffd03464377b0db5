"""The lock beside an SQLite file."""

import os
from pathlib import Path

import pytest

from chat_server.storage import StorageConfigError
from chat_server.storage.core.filelock import FileLock


def test_second_server_is_told_which_process_holds_the_file(tmp_path: Path) -> None:
    """The refusal names file and process, also where a longer number stood; a released lock is free."""
    database = tmp_path / "chat.db"
    Path(f"{database}.lock").write_text("12345678901234567890\n", "utf-8")
    lock = FileLock(database)
    with pytest.raises(StorageConfigError, match=rf"chat\.db is in use .*\(process {os.getpid()}\)"):
        FileLock(database)
    lock.release()
    lock.release()
    FileLock(database).release()
