"""The short measurement for CI: nothing lost, no hole, and no figure that has collapsed."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from benchmarks.plan import PARTS
from benchmarks.report import Result, table
from benchmarks.setting import Options

SECONDS = 2.0
# What is refused is a collapse, not a bad day of a shared machine.
FLOOR_SHARE = 1 / 2
TIMES_MAX = 3


@dataclass(frozen=True, slots=True)
class Expectation:
    """A measurement, and how many times the raw ``send()`` calls a second its first figure usually is."""

    part: str
    clients: int
    tls: bool
    ratio: float


EXPECTATIONS = [
    Expectation("flood", 50, False, 6.0),
    Expectation("flood", 200, False, 14.0),
    Expectation("flood", 200, True, 7.0),
    Expectation("stored", 2, False, 0.11),
]


class Judge:
    """Compares the best of a few measurements with the least that the machine did: neither stands still.

    A shared machine made 132,000 and 582,000 raw ``send()`` calls a second within a minute, as a reader that is
    behind need not be woken; the server's rates fell and rose by half at other moments. What has collapsed is slow
    each time.
    """

    def __init__(self) -> None:
        self._sends_per_s = inf  # the least so far, of all measurements

    def shortfall(self, results: Sequence[Result], expected: Expectation) -> str:
        """What is too slow about the best of some results, in words; nothing where it is fast enough.

        :param results: of the same measurement, the newest last.
        """
        self._sends_per_s = min(self._sends_per_s, results[-1].details["reference"]["sends_per_s"])
        best = max((result.figures[0] for result in results), key=lambda figure: figure.value)
        ratio = best.value / self._sends_per_s
        floor = expected.ratio * FLOOR_SHARE
        if ratio >= floor:
            return ""
        return (
            f"{best.name}: at best {ratio:.3g} times the raw send() calls,"
            f" where {expected.ratio:g} is usual and {floor:.3g} the least"
        )


def smoke(options: Options) -> int:
    """Run the expectations; 1 when one is not met."""
    results: list[Result] = []
    problems: list[str] = []
    judge = Judge()
    for expected in EXPECTATIONS:
        sized = replace(options, n=expected.clients, tls=expected.tls, seconds=options.seconds_or(SECONDS))
        found = [PARTS[expected.part](sized)]
        while (shortfall := judge.shortfall(found, expected)) and len(found) < TIMES_MAX:
            found.append(PARTS[expected.part](sized))
        results += found
        complaints = [problem for result in found for problem in result.problems]
        complaints += [shortfall] if shortfall else []
        problems += [f"{expected.part} {expected.clients}: {text}" for text in complaints]
    sys.stdout.write(table(results) + "\n")
    for problem in problems:
        sys.stdout.write(f"PROBLEM: {problem}\n")
    return int(bool(problems))
