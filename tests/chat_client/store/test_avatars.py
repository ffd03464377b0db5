"""The folder of the pictures of people: under the names of their contents, and never too many."""

import os
from pathlib import Path

import pytest

from chat_client.model.pictures import PictureRefused
from chat_client.store import avatars
from chat_client.store.avatars import FOLDER, AvatarCache, read_avatar
from chat_protocol.limits import AVATAR_MAX_BYTES
from tests.support.pictures import gif


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


def test_picture_that_is_looked_at_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its age: a tenth of the others goes, the longest unused ones."""
    monkeypatch.setattr(avatars, "KEPT_MAX", 20)
    names = [f"{number:032x}" for number in range(21)]
    for number, name in enumerate(names[:20]):
        AvatarCache(tmp_path).put(name, b"x")
        os.utime(tmp_path / FOLDER / name, (number, number))
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700
    cache = AvatarCache(tmp_path)
    assert cache.find(names[0]) is not None
    cache.put(names[20], b"x")
    assert [name for name in names if cache.find(name) is None] == names[1:3]


@pytest.mark.parametrize(("size", "read"), [(AVATAR_MAX_BYTES, True), (AVATAR_MAX_BYTES + 1, False)])
def test_picture_of_the_largest_size_is_read(tmp_path: Path, size: int, read: bool) -> None:
    """A byte more is too much; text is none."""
    (tmp_path / "own").write_bytes(gif(8, 8)[:-1].ljust(size - 1, b"\0") + b";")
    (tmp_path / "text").write_bytes(b"text")
    if read:
        assert len(read_avatar(tmp_path / "own")) == size
    else:
        with pytest.raises(PictureRefused):
            read_avatar(tmp_path / "own")
    with pytest.raises(PictureRefused):
        read_avatar(tmp_path / "text")
