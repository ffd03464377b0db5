"""The repository that the guide clones, and a newer release in it; it must not know the machines."""

import os
import re
from pathlib import Path
from typing import Final

from tests.support.filemap import ROOT
from tests.support.own_server import run_program

GIT_MAX_S: Final = 60.0

#: What the newer release's example of a settings file has besides.
NEWER_SETTING: Final = "# Of the newer release.\n"


def make_release(repository: Path) -> str:
    """Make a bare repository of what this one's last commit holds; return its version."""
    git("clone", "--quiet", "--bare", str(ROOT), str(repository))
    head = git("-C", str(ROOT), "rev-parse", "HEAD")
    git("-C", str(repository), "update-ref", "refs/heads/main", head)
    git("-C", str(repository), "symbolic-ref", "HEAD", "refs/heads/main")
    return _version(git("-C", str(repository), "show", "main:chat_server/__init__.py"))


def make_newer_release(repository: Path, work: Path) -> str:
    """Put a newer version, with one more migration and setting, into the repository; return the version."""
    if not work.exists():
        git("clone", "--quiet", str(repository), str(work))
    file = work / "chat_server" / "__init__.py"
    text = file.read_text(encoding="utf-8")
    version = _version(text)
    major, minor, patch = version.split(".")
    newer = f"{major}.{minor}.{int(patch) + 1}"
    file.write_text(text.replace(version, newer), encoding="utf-8")
    for kind in ("sqlite", "mysql"):
        folder = work / "sql" / "migrations" / kind
        number = max(int(path.name[:4]) for path in folder.glob("*.sql")) + 1
        table = f"CREATE TABLE newer_{number} (id INTEGER NOT NULL PRIMARY KEY);\n"
        (folder / f"{number:04}_newer.sql").write_text(table, encoding="utf-8")
    with (work / "docs" / "run" / "chat.toml").open("a", encoding="utf-8") as settings:
        settings.write(NEWER_SETTING)
    git("-C", str(work), "add", "--all")
    who = ("-c", "user.name=release", "-c", "user.email=release@localhost")
    git("-C", str(work), *who, "commit", "-qm", f"Release {newer}")
    git("-C", str(work), "push", "--quiet", "origin", "HEAD:main")
    return newer


def _version(text: str) -> str:
    found = re.search(r'__version__ = "([\d.]+)"', text)
    assert found is not None
    return found[1]


def git(*arguments: str) -> str:
    """Run git, and return what it prints."""
    return run_program(
        ["git", *arguments], GIT_MAX_S, {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null"}
    ).strip()
