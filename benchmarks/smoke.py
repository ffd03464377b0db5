"""The short measurement for CI: nothing lost, no hole, and no figure that has collapsed."""

import sys
from dataclasses import dataclass, replace

from benchmarks.plan import PARTS
from benchmarks.report import Result, table
from benchmarks.setting import Options

SECONDS = 2.0
# What is refused is a collapse, not a bad day of a shared machine.
FLOOR_SHARE = 1 / 2


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


def judge(result: Result, expected: Expectation) -> list[str]:
    """What is wrong with the result, in words."""
    figure = result.figures[0]
    ratio = figure.value / result.details["reference"]["sends_per_s"]
    floor = expected.ratio * FLOOR_SHARE
    if ratio >= floor:
        return result.problems
    words = (
        f"{ratio:.3g} times the raw send() calls, where {expected.ratio:g} is usual and {floor:.3g} the least"
    )
    return [*result.problems, f"{figure.name}: {words}"]


def smoke(options: Options) -> int:
    """Run the expectations; 1 when one is not met."""
    results: list[Result] = []
    problems: list[str] = []
    for expected in EXPECTATIONS:
        sized = replace(options, n=expected.clients, tls=expected.tls, seconds=options.seconds_or(SECONDS))
        result = PARTS[expected.part](sized)
        results.append(result)
        problems += [f"{expected.part} {expected.clients}: {text}" for text in judge(result, expected)]
    sys.stdout.write(table(results) + "\n")
    for problem in problems:
        sys.stdout.write(f"PROBLEM: {problem}\n")
    return int(bool(problems))
