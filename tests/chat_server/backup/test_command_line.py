"""`python -m chat_server.backup` as a person and a script see it."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chat_server.backup.progress import Progress
from chat_server.storage.schema.tables import TABLES
from tests.chat_server.backup.chat import FILE
from tests.support.server import ROOT


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chat_server.backup", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_create_check_restore(chat_url: str, empty_url: str, tmp_path: Path) -> None:
    """The three commands work one after the other, print the same sums, and say nothing on standard error."""
    path = tmp_path / "file.backup"
    results = [
        run("create", path, "--data-dir", tmp_path),
        run("check", path),
        run("restore", path, "--database", empty_url, "--data-dir", tmp_path / "new"),
    ]
    assert [(each.returncode, each.stderr) for each in results] == [(0, "")] * 3
    sums = [each.stdout.splitlines()[:-1] for each in results]
    assert sums[0] == sums[1] == sums[2]
    assert len(sums[0]) == len(TABLES)
    (file,) = (tmp_path / "new" / "files").glob("??/*")
    assert file.read_bytes() == FILE


def test_environment(chat_url: str, tmp_path: Path) -> None:
    """The database may stand in the environment, where no process list shows its password."""
    assert run("create", tmp_path / "file", "--without-files", CHAT_DATABASE=chat_url).returncode == 0


def test_files_that_cannot_be_found(chat_url: str, tmp_path: Path) -> None:
    """Where the folder of files is not known, one line says how to name it, or to leave files out."""
    done = run("create", tmp_path / "file", "--database", chat_url, "--data-dir", tmp_path / "other")
    assert done.returncode == 1
    assert "--files-dir" in done.stderr
    assert "--without-files" in done.stderr
    done = run("create", tmp_path / "file", "--database", chat_url, "--files-dir", tmp_path / "files")
    assert done.returncode == 0


def test_refusals(backup: Path, chat_url: str, tmp_path: Path) -> None:
    """A refusal is one line with its reason and status 1."""
    damaged = tmp_path / "damaged"
    damaged.write_bytes(backup.read_bytes()[:-10])
    for arguments, reason in (
        (("restore", backup, "--database", chat_url), "not empty"),
        (("restore", damaged, "--database", f"sqlite:///{tmp_path}/new.db"), "cut short"),
        (("check", damaged), "cut short"),
        (("check", tmp_path / "none"), "cannot be read"),
        (("create", tmp_path / "out", "--database", f"sqlite:///{tmp_path}/none.db"), "no database file"),
    ):
        done = run(*arguments)
        assert done.returncode == 1
        assert reason in done.stderr
        assert done.stderr.count("\n") == 1
        assert done.stdout == ""
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("create",),
        ("destroy", "file"),
        ("create", "file", "--database", "postgres://host/name"),
        ("check", "file", "--database", "sqlite:///x"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    """Wrong usage is said, with status 2."""
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr


class Screen(io.StringIO):
    """A terminal, or a file that is none."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def test_progress() -> None:
    """Progress is shown on a terminal only, and not more often than can be read."""
    now = [1.0]
    for terminal in (True, False):
        screen = Screen(terminal)
        progress = Progress(screen, lambda: now[0])
        progress.show("Saving", 500, 1_000)
        progress.show("Saving", 600, 1_000)
        now[0] += 1
        progress.show("Saving", 1_000, 1_000)
        progress.clear()
        shown = "\r\x1b[KSaving: 500 of 1,000 (50 %)\r\x1b[KSaving: 1,000 of 1,000 (100 %)\r\x1b[K"
        assert screen.getvalue() == (shown if terminal else "")
