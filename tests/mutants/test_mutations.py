"""The tool that puts faults into the program: which it makes, and that each gives another valid program."""

import ast
import shutil
from pathlib import Path

import pytest

from tests.mutants.__main__ import CORE, equivalent, key_of, modules, sample
from tests.mutants.mutations import Mutant, mutants_of
from tests.mutants.reaching import Reach, record, statement_of
from tests.mutants.running import ROOT, mirror_of

SOURCE = '''"""Says „é“ before the code: columns are counted in bytes."""

def check(value: int | None, limit: int = 3) -> bool:
    name = "é"; late = value < limit
    if not late and value is not None:
        register(name)
        limit += 1
    return late

def pairs(names: list[str]) -> None:
    write(zip(names, names, strict=True))
'''


def test_mutants_are_small_changes_of_the_source() -> None:
    """Each place gives its faults; types and docstrings are left alone."""
    assert {mutant.change for mutant in mutants_of(SOURCE)} == {
        "3 -> 4",
        "value < limit -> value <= limit",
        "not late and value is not None -> not (not late and value is not None)",
        "not late and value is not None -> not late or value is not None",
        "not late -> late",
        "value is not None -> value is None",
        "register(name) -> pass",
        "limit += 1 -> limit -= 1",
        "1 -> 2",
        "return late -> return None",
        "write(zip(names, names, strict=True)) -> pass",
    }


def test_mutant_stands_where_the_original_stood() -> None:
    """Only the named text is exchanged, also behind characters of several bytes."""
    (mutant,) = [mutant for mutant in mutants_of(SOURCE) if mutant.change.startswith("value < limit")]
    assert mutant.apply(SOURCE) == SOURCE.replace("value < limit", "(value <= limit)")
    assert (mutant.line, mutant.text) == (4, 'name = "é"; late = value < limit')


@pytest.mark.long
def test_each_mutant_of_a_module_is_a_program() -> None:
    """No fault is one of syntax: that would be noticed for the wrong reason."""
    source = (ROOT / "chat_server/net/connection.py").read_text("utf-8")
    mutants = mutants_of(source)
    assert len(mutants) > 100
    for mutant in mutants:
        assert ast.dump(ast.parse(mutant.apply(source))) != ast.dump(ast.parse(source)), mutant.change


def test_sample_depends_on_the_seed_alone() -> None:
    """A sample that was talked about can be tried again."""
    places = CORE[1:2]
    assert sample(places, 7, 20) == sample(places, 7, 20) != sample(places, 8, 20)


def test_fault_that_no_test_reaches_is_left_to_the_mirror(tmp_path: Path) -> None:
    """The nearest file or folder of tests stands for a module that the recorded tests do not run."""
    for place in ("storage/search/test_index.py", "storage/test_parts.py"):
        (tmp_path / "tests/chat_server" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tests/chat_server" / place).touch()
    mirrors = {
        "chat_server/storage/search/index.py": "tests/chat_server/storage/search/test_index.py",
        "chat_server/storage/search/words.py": "tests/chat_server/storage/search",
        "chat_server/storage/mysql/lease.py": "tests/chat_server/storage",
        "chat_client/net/link.py": None,
    }
    assert {module: mirror_of(module, tmp_path) for module in mirrors} == mirrors


@pytest.mark.parametrize(
    ("line", "lines"), [(1, [1]), (2, [2]), (3, [3]), (4, [3, 4]), (5, [3, 4, 5]), (6, [6])]
)
def test_line_of_a_statement_counts_with_its_beginning(line: int, lines: list[int]) -> None:
    """A fault on a later line of a statement is reached where the statement is."""
    source = "import os\ndef f(x):\n    return (\n        x\n        + 1)\nf(2)\n"
    assert list(statement_of(source, line)) == lines


PROGRAM = """import threading
LIMIT = 3
def near(x): return x < LIMIT
def in_a_thread():
    threading.Thread(target=far).start()
def far():
    return 1
def never():
    return 2
"""
TESTS = """import pytest
from chat_server.net import module
@pytest.mark.parametrize("x", [1, 2])
def test_near(x): assert module.near(x)
def test_thread(): module.in_a_thread()
"""


def test_tests_that_reach_a_line_are_found(tmp_path: Path) -> None:
    """Threads belong to their test, parameters are one test; a constant's tests are all of its module's."""
    for path, text in {
        "chat_server/net/module.py": PROGRAM,
        "tests/chat_server/net/test_module.py": TESTS,
        "tests/chat_server/test_other.py": TESTS,
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    shutil.copytree(ROOT / "tests/mutants", tmp_path / "tests/mutants")
    recorded = record(tmp_path, tmp_path / "reached")
    assert recorded.returncode == 0, recorded.stdout
    reach = Reach(tmp_path, tmp_path / "reached")
    own, other = "tests/chat_server/net/test_module.py", "tests/chat_server/test_other.py"
    all_tests = [f"{file}::test_{test}" for file in (own, other) for test in ("near", "thread")]
    assert {line: reach.tests_of("chat_server/net/module.py", line) for line in (2, 3, 7)} == {
        2: all_tests,
        3: all_tests[::2],
        7: all_tests[1::2],
    }
    numbers = tmp_path / "tests/chat_server/test_numbers.py"
    numbers.touch()
    assert reach.tests_of("chat_server/net/module.py", 2) == [str(numbers.relative_to(tmp_path)), *all_tests]
    assert reach.tests_of("chat_server/net/module.py", 3) == all_tests[::2]


def test_list_of_faults_that_change_nothing_names_real_ones() -> None:
    """An entry whose code is gone is taken out of the list."""
    known = equivalent()
    named = {key.partition(":")[0] for key in known} & set(modules(CORE))
    real = {key_of((module, mutant)) for module in named for mutant in _mutants(module)}
    assert sorted(set(known) - real) == []


def _mutants(module: str) -> list[Mutant]:
    return mutants_of((ROOT / module).read_text("utf-8"))
