"""Who holds a data folder, and by which name other servers know it."""

import os
from pathlib import Path

import pytest

from chat_server.storage import StorageConfigError
from chat_server.storage.core import owner as module
from chat_server.storage.core.owner import HOLDER_MAX_CHARS, ID_FILE, Owner


def named(folder: Path) -> str:
    owner = Owner(folder)
    owner.release()
    owner.release()
    return owner.folder


def test_folder_keeps_its_name_and_a_copy_has_another(tmp_path: Path) -> None:
    """Each process that holds it has an id of its own; only one holds it at a time."""
    first, copy = tmp_path / "first", tmp_path / "copy"
    for folder in (first, copy):
        folder.mkdir()
    owner = Owner(first)
    with pytest.raises(StorageConfigError):
        Owner(first)
    owner.release()
    again = Owner(first)
    assert again.folder == owner.folder
    assert again.id != owner.id
    assert again.id.startswith(f"{owner.folder}.")
    again.release()
    (copy / ID_FILE).write_bytes((first / ID_FILE).read_bytes())
    assert named(copy) != owner.folder
    assert (first / ID_FILE).stat().st_mode & 0o777 == 0o600
    assert not list(first.glob("*.new"))


def test_holder_says_who_it_is_to_a_person(tmp_path: Path) -> None:
    """The process and the folder, as far as there is room for it."""
    deep = tmp_path.joinpath(*["a very long name of a folder"] * 8)
    deep.mkdir(parents=True)
    for folder in (tmp_path, deep):
        owner = Owner(folder)
        owner.release()
        assert owner.holder.startswith(f"process {os.getpid()} on ")
        assert len(owner.holder) <= HOLDER_MAX_CHARS == 190
    assert len(owner.holder) == HOLDER_MAX_CHARS


def test_machine_whose_runs_have_no_name_recognises_no_earlier_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder has another name at each start."""
    monkeypatch.setattr(module, "_BOOT_ID", tmp_path / "none")
    assert named(tmp_path) != named(tmp_path)


def test_folder_that_cannot_be_named_is_free_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next try may hold it."""
    (tmp_path / f"{ID_FILE}.new").mkdir()
    with pytest.raises(OSError, match="directory"):
        Owner(tmp_path)
    (tmp_path / f"{ID_FILE}.new").rmdir()
    named(tmp_path)
