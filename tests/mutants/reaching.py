"""Which tests reach a line of the program, the nearest first; it knows nothing of faults."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import coverage

DATA_VARIABLE: Final = "CHAT_MUTANTS_REACHED"  # where `tests/mutants/recorder.py` writes to
# The tests whose reach is recorded: those that run the program in their own process.
RECORDED: Final = (
    "tests/chat_protocol",
    "tests/chat_server",
    *(f"tests/chat_client/{name}" for name in ("engine", "model", "net", "store", "terminal")),
)
NUMBERS: Final = "test_numbers.py"  # holds the constants of the modules of its folder
MOST: Final = 150  # tests are run for one fault: a line that all of them reach is noticed early


class Reach:
    """What the tests of a tree reach.

    :param tree: the tree's root.
    :param data: the recording, made by `record`.
    """

    def __init__(self, tree: Path, data: Path) -> None:
        self._tree = tree
        self._data = coverage.CoverageData(str(data))
        self._data.read()

    def tests_of(self, module: str, line: int) -> list[str]:
        """Return tests that reach a line, the nearest first; of what runs at the import, its module's.

        Before those come the tables of numbers: what runs at the import is a number more often than not.

        :param module: the module's path from the root, as `chat_server/net/flusher.py`.
        """
        source = (self._tree / module).read_text("utf-8")
        tests_by_line = self._data.contexts_by_lineno(module)
        reached = _tests(tests_by_line, statement_of(source, line))
        found = reached or _tests(tests_by_line, tests_by_line)
        nearest = sorted(found, key=lambda test: (_distance(module, test), test))[:MOST]
        return nearest if reached else [*self._tables(module), *nearest]

    def _tables(self, module: str) -> list[str]:
        tables = [folder / NUMBERS for folder in Path("tests", module).parents]
        return [str(table) for table in tables if (self._tree / table).exists()]

    def known(self, place: str) -> list[str]:
        """Return the tests of a file or folder that the recording knows."""
        return sorted(test for test in self._data.measured_contexts() if test.startswith(place))


def record(tree: Path, data: Path) -> subprocess.CompletedProcess[str]:
    """Run the recorded tests in a tree, but for the long ones, which reach little that others do not."""
    environment = {**os.environ, DATA_VARIABLE: str(data), "PYTHONHASHSEED": "0"}
    quietly = "-m pytest -x -q --tb=short -p no:cacheprovider -p tests.mutants.recorder --hypothesis-seed=0"
    places = [place for place in RECORDED if (tree / place).exists()]
    command = [sys.executable, *quietly.split(), "-m", "not long", *places]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def statement_of(source: str, line: int) -> range:
    """Return the lines from the beginning of the innermost statement that a line belongs to, to that line."""
    first = max(
        (
            node.lineno
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or line)
        ),
        default=line,
    )
    return range(first, line + 1)


def _tests(tests_by_line: dict[int, list[str]], lines: Iterable[int]) -> set[str]:
    """Return the tests that reach some lines; what runs outside of tests has no name."""
    return {test for line in lines for test in tests_by_line.get(line, ()) if test}


def _distance(module: str, test: str) -> tuple[bool, int]:
    """Return how far a test is: whether not in the module's own file, then by the folders that they share."""
    path, file = Path(module), Path(test.partition("::")[0])
    shared = os.path.commonpath([str(path.parent), str(file.parent.relative_to("tests"))])
    return (file.name != f"test_{path.name}", -len(Path(shared).parts))
