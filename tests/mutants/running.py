"""Runs the tests of one mutant in a copy of the tree; it knows nothing of how faults are made."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
TIMEOUT_S: Final = 120.0  # of all tests of one mutant: a fault that makes them hang is noticed too
_TEST_TIMEOUT_S: Final = 20
_NOTHING_COLLECTED: Final = 5  # pytest's exit status
_COPIED: Final = ("chat_protocol", "chat_server", "chat_client", "sql", "tests", "docs", "benchmarks")

# What is tested from another place than its mirror, beside that.
_ALSO: Final = {
    "chat_server/storage": ("tests/chat_server/storage", "tests/chat_server/backup"),
    "chat_server/services": ("tests/chat_server/services", "tests/chat_server/console/shell"),
    "chat_server/live": ("tests/chat_server/services",),
    "chat_server/pipeline": ("tests/chat_server/conversation",),
    "chat_client/model": ("tests/chat_client/engine",),
    "chat_client/net": ("tests/chat_client/engine",),
    "chat_client/store": ("tests/chat_client/engine",),
}


def places_of(module: str) -> list[list[str]]:
    """Return the tests that are to notice a fault in a module, in steps: the nearest first.

    :param module: the module's path from the root, as `chat_server/net/flusher.py`.
    """
    path = Path(module)
    mirror = Path("tests") / path.parent
    steps = [[str(mirror / f"test_{path.name}")], [str(mirror)]]
    steps += [list(also) for folder, also in _ALSO.items() if module.startswith(folder)]
    return [found for step in steps if (found := [place for place in step if (ROOT / place).exists()])]


def copy_tree(target: Path) -> None:
    """Copy what the tests need; the tree itself is never changed."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in _COPIED:
        shutil.copytree(ROOT / name, target / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", target)


def noticed(tree: Path, module: str) -> bool:
    """Run the tests of a module in a copy until one fails or takes too long; return whether one did."""
    return any(_fails(tree, places) for places in places_of(module))


def _fails(tree: Path, places: list[str]) -> bool:
    quietly = "-B -m pytest -x -q --tb=no -p no:cacheprovider --hypothesis-seed=0"
    command = [sys.executable, *quietly.split(), f"--timeout={_TEST_TIMEOUT_S}", *places]
    try:
        done = subprocess.run(
            command,
            cwd=tree,
            env={**os.environ, "PYTHONHASHSEED": "0"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode not in (0, _NOTHING_COLLECTED)
