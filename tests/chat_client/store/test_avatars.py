"""The folder of the pictures of people: under the names of their contents, and never too many."""

from pathlib import Path

import pytest

from chat_client.store import avatars
from chat_client.store.avatars import FOLDER, AvatarCache


def test_kept_over_a_restart_and_dropped(tmp_path: Path) -> None:
    """What was put there is found, also by the next program, until it is dropped."""
    cache, name = AvatarCache(tmp_path), "ab" * 16
    assert cache.find(name) is None
    cache.put(name, b"picture")
    for each in (cache, AvatarCache(tmp_path)):
        found = each.find(name)
        assert found is not None
        assert found.read_bytes() == b"picture"
    cache.drop(name)
    assert (cache.find(name), AvatarCache(tmp_path).find(name)) == (None, None)


def test_name_leads_nowhere_else(tmp_path: Path) -> None:
    """Whatever a server names, no file outside of the folder is one."""
    (tmp_path / FOLDER).mkdir()
    (tmp_path / "secret").write_text("x")
    assert AvatarCache(tmp_path).find("../secret") is None


def test_longest_unused_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound, some of the oldest make way."""
    monkeypatch.setattr(avatars, "KEPT_MAX", 10)
    cache = AvatarCache(tmp_path)
    names = [f"{number:032x}" for number in range(11)]
    for name in names:
        cache.put(name, b"x")
    assert len(list((tmp_path / FOLDER).iterdir())) == 10
