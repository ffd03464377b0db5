"""Files that are dropped onto the room."""

import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from chat_client.ui.room import dropping


class Target:
    """A widget as the package has changed it."""

    def __init__(self, root: tk.Tk) -> None:
        self.tk, self._root = root.tk, root
        self.kinds: list[str] = []
        self.bound: dict[str, Callable[[SimpleNamespace], object]] = {}

    def winfo_toplevel(self):
        return self._root

    def drop_target_register(self, kind):
        self.kinds.append(kind)

    def dnd_bind(self, sequence, act):
        self.bound[sequence] = act


@pytest.fixture
def package(monkeypatch):
    """The package, without its library."""
    made = SimpleNamespace(DND_FILES="DND_Files", TkinterDnD=SimpleNamespace(_require=lambda _root: None))
    monkeypatch.setattr(dropping, "dropping", lambda: made)
    return made


def test_dropped_files_are_given_without_folders(bare_root, package, tmp_path):
    """Names with spaces and braces come as Tcl lists write them."""
    paths = [tmp_path / "a b.txt", tmp_path / "c{d.txt"]
    for path in paths:
        path.write_bytes(b"x")
    target = Target(bare_root)
    taken: list[list[Path]] = []
    assert dropping.take_drops([cast(tk.Misc, target)], taken.append)
    assert target.kinds == ["DND_Files"]
    data = f"{{{paths[0]}}} {tmp_path}/c\\{{d.txt {tmp_path} /missing"
    target.bound["<<Drop>>"](SimpleNamespace(data=data))
    assert taken == [paths]


def test_package_without_a_library_for_this_system(bare_root, package):
    """Files cannot be dropped, and nothing else happens."""

    def require(_root):
        raise RuntimeError("Platform not supported.")

    package.TkinterDnD._require = require
    assert not dropping.take_drops([cast(tk.Misc, Target(bare_root))], print)


def test_without_the_package(bare_root, monkeypatch):
    """It is never needed."""
    monkeypatch.setattr(dropping, "PACKAGE", "no_such_package")
    assert dropping.dropping() is None
    assert not dropping.take_drops([cast(tk.Misc, Target(bare_root))], print)


def test_dropped_files_are_attached(hand, client, tmp_path):
    """To the next message of the room shown, unless the composer changes another one."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"x")
    hand.view.files.drop([path])
    assert hand.view.files.paths == [path]
    hand.view.files.remove(path)
    hand.view._editing = 1
    hand.view.files.drop([Path(path)])
    assert hand.view.files.paths == []
    hand.view._editing = None
    client.files.available = False
    hand.view.files.drop([path])
    assert hand.view.files.paths == []
    assert "takes no files" in hand.view.composer.noticed.words
