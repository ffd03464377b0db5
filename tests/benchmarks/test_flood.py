"""The flood against a stand-in that can be told to lose, repeat and skip."""

import pytest

from benchmarks.connection import Target
from benchmarks.crowd import Flood, flood, gather, loop_of
from benchmarks.loop import Loop
from tests.benchmarks.stub import Mistakes, stub_server

CLIENTS = 12
SECONDS = 0.2
QUIET_S = 0.3


def run_flood(mistakes: Mistakes) -> tuple[Flood, list[str]]:
    """A short flood and the problems it found."""
    with stub_server(mistakes) as stub:
        crowd = gather(Target("127.0.0.1", stub.port, tls=False), CLIENTS)
        with loop_of([crowd], Loop()) as loop:
            found = flood(loop, [crowd], SECONDS, quiet_s=QUIET_S)
            return found, crowd.problems()


def test_flood_counts_deliveries() -> None:
    """Each stored message counts once for each client but its sender."""
    found, problems = run_flood(Mistakes())
    assert not problems
    assert found.stored_per_s > 100
    assert found.deliveries_per_s == pytest.approx(found.stored_per_s * (CLIENTS - 1), rel=0.2)


@pytest.mark.long
@pytest.mark.parametrize(
    ("mistakes", "words"),
    [
        (Mistakes(forget=50), "1 of"),
        (Mistakes(skip=50), "holes in seq"),
        (Mistakes(repeat=50), "repeats at single listeners"),
        (Mistakes(cut=50), "1 connections lost"),
    ],
    ids=["forget", "skip", "repeat", "cut"],
)
def test_flood_finds_mistakes(mistakes: Mistakes, words: str) -> None:
    """A delivery lost, a hole, a repeat and a lost connection are each a problem."""
    _, problems = run_flood(mistakes)
    assert any(words in problem for problem in problems), problems
