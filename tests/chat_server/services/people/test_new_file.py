"""A file with what is secret: new, whole, its owner's alone, and on the disk before it has its name."""

import os
from pathlib import Path

import pytest

from chat_protocol.errors import ChatError
from chat_server.services.people.new_file import new_file


def test_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever finds it finds it whole, after a loss of power, too."""
    path, synced = tmp_path / "out", list[tuple[bytes, bool]]()
    monkeypatch.setattr(os, "fsync", lambda _number: synced.append((_part(path).read_bytes(), path.exists())))
    with new_file(path) as file:
        file.write("secret")
    assert synced == [(b"secret", False)]
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("secret", 0o600)
    assert os.listdir(tmp_path) == ["out"]


def test_what_an_earlier_run_left_is_thrown_away(tmp_path: Path) -> None:
    """It is not gone on with, and does not stand in the way."""
    path = tmp_path / "out"
    _part(path).write_text("half of an earlier one, and longer")
    with new_file(path) as file:
        file.write("secret")
    assert (path.read_text(), os.listdir(tmp_path)) == ("secret", ["out"])


def test_nothing_is_left_of_a_file_that_was_not_finished(tmp_path: Path) -> None:
    """Nor is a file that is there touched."""
    path = tmp_path / "out"
    with pytest.raises(ZeroDivisionError), new_file(path) as file:
        file.write(f"secret {1 / 0}")
    assert os.listdir(tmp_path) == []
    path.write_text("there")
    with pytest.raises(ChatError, match="is there already"), new_file(path):
        pass
    assert path.read_text() == "there"
    with pytest.raises(ChatError, match="cannot be written"), new_file(tmp_path / "nowhere" / "out"):
        pass


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")
