"""Who is refused a file is told as whom to try again."""

import grp
import os
import pwd
from pathlib import Path
from types import SimpleNamespace

import pytest

from chat_server.permissions import reason_of, user_of


def somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as a user who owns nothing here."""
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)


def of_root(monkeypatch: pytest.MonkeyPatch, mode: int, group: str) -> None:
    """Make every file root's, with a group that has a user of its name only where it is `chat`."""
    monkeypatch.setattr(Path, "stat", lambda _path: SimpleNamespace(st_uid=0, st_gid=987, st_mode=mode))
    monkeypatch.setattr(grp, "getgrgid", lambda _gid: SimpleNamespace(gr_name=group))
    users = {"chat": SimpleNamespace(pw_name="chat", pw_uid=987)}
    monkeypatch.setattr(pwd, "getpwnam", lambda name: users[name])


def test_owner_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is its owner's; where it is not there or cannot be looked at, its folder's is."""
    file = tmp_path / "chat.db"
    file.touch(0o600)
    assert user_of(file) == ""
    somebody_else(monkeypatch)
    assert user_of(file) == user_of(tmp_path / "gone") == tmp_path.owner()
    refused = PermissionError(13, "Permission denied")
    assert reason_of(refused, file) == (
        f"Permission denied; put `sudo -u {tmp_path.owner()}` before the command"
    )
    assert reason_of(FileNotFoundError(2, "No such file or directory"), file) == "No such file or directory"


def test_settings_of_root_are_for_the_server_s_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """What root owns and a group may read is for the user of that group's name; else it is root's."""
    somebody_else(monkeypatch)
    for mode, group, user in ((0o640, "chat", "chat"), (0o600, "chat", "root"), (0o640, "staff", "root")):
        with monkeypatch.context() as patch:
            of_root(patch, mode, group)
            assert user_of(Path("/etc/chat/chat.toml")) == user
