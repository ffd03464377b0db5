"""A short round of the chaos on each database, and proof that the checks find what they look for."""

from pathlib import Path

import pytest

from tests.chaos.__main__ import run
from tests.chaos.checks import Verdict, find_faults
from tests.chaos.rounds import Result, Row
from tests.chaos.table import table

ROUNDS = 2
SEED = 25  # the server killed, and the disk full or the database killed
SHORTLY_S = (0.1, 0.4)


@pytest.mark.long
@pytest.mark.parametrize("database", ["sqlite", "mariadb"])
def test_chaos_for_a_few_rounds(
    request: pytest.FixtureRequest, tmp_path: Path, tls_files: tuple[Path, Path], database: str
) -> None:
    """After faults of several kinds nothing is lost, doubled, missing, or different for anybody."""
    if database == "mariadb":
        request.getfixturevalue("mariadb")  # skips where it is not installed
    result = run(database, tmp_path, tls_files, rounds=ROUNDS, seed=SEED, scale=0.02, talk_s=SHORTLY_S)
    assert result.wrong == []
    assert sum(row.rounds for row in result.rows.values()) == ROUNDS
    assert all(row.acknowledged == row.sent > 0 for row in result.rows.values() if row.rounds)


GOOD = {"Général": {1: ("alice", "a"), 2: ("bob", "b"), 3: ("alice", "c")}}
ACKNOWLEDGED = {"n1": ("Général", 1, "a"), "n3": ("Général", 3, "c")}


def verdict_on(history: dict[str, dict[int, tuple[str, str]]]) -> Verdict:
    verdict = Verdict()
    find_faults("alice", ACKNOWLEDGED, history, verdict)
    return verdict


def test_check_of_a_complete_history() -> None:
    """Nothing is found where nothing is wrong."""
    assert verdict_on(GOOD) == Verdict()


@pytest.mark.parametrize(
    ("messages", "lost", "doubled", "words"),
    [
        ({1: ("alice", "a"), 2: ("bob", "b")}, 1, 0, "not there"),
        ({1: ("alice", "a"), 2: ("bob", "b"), 3: ("alice", "other")}, 1, 0, "not there"),
        ({1: ("bob", "a"), 2: ("bob", "b"), 3: ("alice", "c")}, 1, 0, "not there"),
        ({1: ("alice", "a"), 3: ("alice", "c")}, 0, 0, "hole"),
        ({1: ("alice", "a"), 2: ("bob", "b"), 3: ("alice", "c"), 4: ("bob", "b")}, 0, 1, "twice"),
        ({1: ("alice", "a"), 2: ("alice", "x"), 3: ("alice", "c")}, 0, 0, "3 stored"),
        ({}, 2, 0, "not there"),
    ],
    ids=[
        "a loss",
        "another body",
        "another sender",
        "a hole",
        "a double",
        "an unknown message",
        "an empty room",
    ],
)
def test_check_of_a_broken_history(
    messages: dict[int, tuple[str, str]], lost: int, doubled: int, words: str
) -> None:
    """Each kind of fault is found and counted."""
    verdict = verdict_on({"Général": messages})
    assert (verdict.lost, verdict.doubled) == (lost, doubled)
    assert any(words in text for text in verdict.wrong)


def test_table_adds_up() -> None:
    """The last line holds the sums, and of times the longest."""
    rows = {"one": Row(1, 10, 9, 1, 0, 1, 0.5, 2.0), "two": Row(2, 20, 20, 0, 0, 0, 1.5, 1.0), "none": Row()}
    lines = table(Result(rows=rows)).splitlines()
    assert len(lines) == 5
    assert lines[-1] == "| **all** | 3 | 30 | 29 | 1 | 0 | 1 | 1.50 s | 2.00 s |"
