"""Runs the tests of one mutant in a copy of the tree; it knows nothing of how faults are made."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_FIRST_TIMEOUT_S: Final = 600.0  # of tests that have not run yet
_PATIENCE: Final = 3.0  # times what the tests take without a fault, and some seconds: then they hang
_PATIENCE_S: Final = 20.0
_TEST_TIMEOUT_S: Final = 40
_NOTHING_COLLECTED: Final = 5  # pytest's exit status
_SAID: Final = "what-the-tests-said.txt"
_COPIED: Final = (
    *("chat_protocol", "chat_server", "chat_client", "sql", "tests", "docs", "benchmarks", "packages"),
    *("pyproject.toml", "Makefile", "README.md", "CHANGELOG.md"),
)

# What is tested from another place than its mirror, beside that.
_ALSO: Final = {
    "chat_server/storage": ("tests/chat_server/backup",),
    "chat_server/services": ("tests/chat_server/conversation", "tests/chat_server/console/shell"),
    "chat_server/live": ("tests/chat_server/conversation", "tests/chat_server/services"),
    "chat_server/net": ("tests/chat_server/conversation",),
    "chat_server/pipeline": ("tests/chat_server/conversation",),
    "chat_client/model": ("tests/chat_client/engine",),
    "chat_client/net": ("tests/chat_client/engine",),
    "chat_client/store": ("tests/chat_client/engine",),
}


def places_of(module: str, tree: Path = ROOT) -> list[str]:
    """Return the tests that are to notice a fault in a module, the nearest first.

    :param module: the module's path from the root, as `chat_server/net/flusher.py`.
    :param tree: where the tests are looked for.
    """
    path = Path(module)
    mirror = Path("tests", *path.parent.parts[:2])
    inner = [Path("tests") / path.parent, *(Path("tests") / path.parent).parents]
    folders = [str(folder) for folder in inner if folder.is_relative_to(mirror)]
    steps = [str(inner[0] / f"test_{path.name}"), *folders]
    steps += [place for folder, also in _ALSO.items() if module.startswith(folder) for place in also]
    return [step for step in steps if (tree / step).exists()]


def copy_tree(target: Path) -> None:
    """Copy what the tests need; the tree itself is never changed."""
    ignored = shutil.ignore_patterns("__pycache__")
    target.mkdir(exist_ok=True)
    for name in _COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, target)


class Trials:
    """Runs tests in copies of the tree, and knows how long they take when nothing is wrong.

    :param whole: a copy without a fault.
    """

    def __init__(self, whole: Path) -> None:
        self._whole = whole
        self._lock = threading.Lock()
        self._usual_s: dict[str, float] = {}

    def noticed(self, tree: Path, module: str) -> bool:
        """Run the tests of a module in a copy until one fails or hangs; return whether one did."""
        places = places_of(module, self._whole)
        return any(_fails(tree, place, _PATIENCE * self._usual(place) + _PATIENCE_S) for place in places)

    def _usual(self, place: str) -> float:
        """Return how long a place's tests take, in seconds; tests that fail by themselves notice nothing."""
        with self._lock:
            if place not in self._usual_s:
                start = time.monotonic()
                if _fails(self._whole, place, _FIRST_TIMEOUT_S):
                    said = (self._whole / _SAID).read_text("utf-8", "replace")
                    raise SystemExit(f"{place} fails without any fault:\n{said[-4_000:]}")
                self._usual_s[place] = time.monotonic() - start
            return self._usual_s[place]


def _fails(tree: Path, place: str, timeout_s: float) -> bool:
    quietly = "-B -m pytest -x -q --tb=short -p no:cacheprovider --hypothesis-seed=0"
    command = [sys.executable, *quietly.split(), f"--timeout={_TEST_TIMEOUT_S}", place]
    # Programs that the tests start must not keep compiled faults either.
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    with (
        (tree / _SAID).open("w") as said,
        subprocess.Popen(
            command,
            cwd=tree,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that what the tests have started ends with them
        ) as tests,
    ):
        try:
            return tests.wait(timeout_s) not in (0, _NOTHING_COLLECTED)
        except subprocess.TimeoutExpired:
            return True
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(tests.pid, signal.SIGKILL)
