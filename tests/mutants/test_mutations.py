"""The tool that puts faults into the program: which it makes, and that each gives another valid program."""

import ast
from pathlib import Path

from tests.mutants.__main__ import CORE, equivalent, key_of, modules, sample
from tests.mutants.mutations import Mutant, mutants_of
from tests.mutants.running import ROOT, places_of

SOURCE = '''"""Says „é“ before the code: columns are counted in bytes."""

def check(value: int | None, limit: int = 3) -> bool:
    name = "é"; late = value < limit
    if not late and value is not None:
        register(name)
        limit += 1
    return late
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
    }


def test_mutant_stands_where_the_original_stood() -> None:
    """Only the named text is exchanged, also behind characters of several bytes."""
    (mutant,) = [mutant for mutant in mutants_of(SOURCE) if mutant.change.startswith("value < limit")]
    assert mutant.apply(SOURCE) == SOURCE.replace("value < limit", "(value <= limit)")
    assert (mutant.line, mutant.text) == (4, 'name = "é"; late = value < limit')


def test_each_mutant_of_a_module_is_a_program() -> None:
    """No fault is one of syntax: that would be noticed for the wrong reason."""
    source = (ROOT / "chat_server/net/connection.py").read_text("utf-8")
    mutants = mutants_of(source)
    assert len(mutants) > 100
    for mutant in mutants:
        assert ast.dump(ast.parse(mutant.apply(source))) != ast.dump(ast.parse(source)), mutant.change


def test_sample_depends_on_the_seed_alone() -> None:
    """A sample that was talked about can be tried again."""
    assert sample(CORE, 7, 20) == sample(CORE, 7, 20) != sample(CORE, 8, 20)


def test_nearest_tests_come_first(tmp_path: Path) -> None:
    """A module's own tests come before its folder's, those before its package's, and only where they are."""
    module = "chat_server/storage/search/index.py"
    for place in ("storage/search/test_index.py", "storage/test_parts.py", "backup/test_file.py"):
        (tmp_path / "tests/chat_server" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tests/chat_server" / place).touch()
    assert places_of(module, tmp_path) == [
        "tests/chat_server/storage/search/test_index.py",
        "tests/chat_server/storage/search",
        "tests/chat_server/storage",
        "tests/chat_server/backup",
    ]
    (tmp_path / "tests/chat_server/storage/search/test_index.py").unlink()
    assert places_of(module, tmp_path)[0] == "tests/chat_server/storage/search"
    assert places_of("chat_client/net/link.py", tmp_path) == []


def test_list_of_faults_that_change_nothing_names_real_ones() -> None:
    """An entry whose code is gone is taken out of the list."""
    known = equivalent()
    real = {key_of((module, mutant)) for module in modules(CORE) for mutant in _mutants(module)}
    assert sorted(set(known) - real) == []


def _mutants(module: str) -> list[Mutant]:
    return mutants_of((ROOT / module).read_text("utf-8"))
