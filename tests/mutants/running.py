"""Runs the tests of one mutant in a copy of the tree; it knows nothing of how faults are made."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.mutants.reaching import Reach, record

ROOT: Final = Path(__file__).parents[2]
_TIMEOUT_S: Final = 300.0  # of all tests for one fault; the pace of a loaded machine is no fault
_TEST_TIMEOUT_S: Final = 40  # of one: then it hangs
_NOTHING_COLLECTED: Final = 5  # pytest's exit status
_COPIED: Final = (
    *("chat_protocol", "chat_server", "chat_client", "sql", "tests", "docs", "benchmarks", "packages"),
    *("pyproject.toml", "Makefile", "README.md", "CHANGELOG.md"),
)


def mirror_of(module: str, tree: Path = ROOT) -> str | None:
    """Return the nearest test or folder of tests that mirrors a module; None without one.

    :param module: the module's path from the root, as `chat_server/net/flusher.py`.
    :param tree: where the tests are looked for.
    """
    path = Path("tests", module)
    nearest = [path.with_name(f"test_{path.name}"), *list(path.parents)[:-2]]
    return next((str(place) for place in nearest if (tree / place).exists()), None)


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
    """Runs the tests that reach a place, in copies of the tree.

    :param whole: a copy without a fault.
    :param recording: what the tests reach; made by running them all once where it is missing.
    """

    def __init__(self, whole: Path, recording: Path) -> None:
        self._whole = whole
        if not recording.exists():
            unproved = recording.with_name(f"{recording.name}.part")  # one that was broken off is none
            tests = record(whole, unproved)
            if tests.returncode:
                unproved.unlink(missing_ok=True)
                raise SystemExit(f"the tests fail without any fault:\n{tests.stdout[-4_000:]}")
            unproved.replace(recording)
        self._reach = Reach(whole, recording)

    def noticed(self, tree: Path, module: str, line: int) -> bool:
        """Run the tests that reach a line in a copy until one fails or hangs; return whether one did.

        Behind them come those of the mirror that a recording which was kept does not know yet, or all of them
        for what none reaches: a constant's worth shows elsewhere.
        """
        nearest = self._reach.tests_of(module, line)
        if nearest and _fails(tree, nearest):
            return True
        mirror = mirror_of(module, self._whole)
        return mirror is not None and _fails(tree, [mirror], but=self._reach.known(mirror) if nearest else ())


def _fails(tree: Path, tests: list[str], but: Iterable[str] = ()) -> bool:
    quietly = "-B -m pytest -x -q --tb=short -p no:cacheprovider --hypothesis-seed=0"
    command = [sys.executable, *quietly.split(), f"--timeout={_TEST_TIMEOUT_S}", *tests]
    command += [f"--deselect={test}" for test in but]
    # Programs that the tests start must not keep compiled faults either.
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        command,
        cwd=tree,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # so that what the tests have started ends with them
    ) as running:
        try:
            return running.wait(_TIMEOUT_S) not in (0, _NOTHING_COLLECTED)
        except subprocess.TimeoutExpired:
            return True
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
