"""What the short measurement refuses."""

from collections.abc import Callable, Iterator

import pytest

from benchmarks import smoke
from benchmarks.report import Figure, Result
from benchmarks.setting import Options
from benchmarks.smoke import REFERENCES, TIMES_MAX, Expectation, shortfall

EXPECTED = Expectation("flood", 50, tls=False, ratio=3.0)


def result(value: float, *problems: str, sends_per_s: float = 1_000.0) -> Result:
    """A flood with this many deliveries a second where so many `send()` calls are possible."""
    found = Result("flood", {}, [Figure("deliveries", value, "/s")], list(problems))
    found.details["reference"] = {"sends_per_s": sends_per_s, "fsyncs_per_s": 1_000.0}
    return found


def test_figure_low_but_standing() -> None:
    """More than half of the usual ratio passes."""
    assert not shortfall([result(1_501.0)], EXPECTED, 1_000.0)


def test_figure_collapsed() -> None:
    """Less than half of the usual ratio is refused, in words; what counts is the best of all."""
    assert "deliveries: at best 1.5 times" in shortfall([result(9.0), result(1_499.0)], EXPECTED, 1_000.0)
    assert not shortfall([result(1_501.0), result(9.0)], EXPECTED, 1_000.0)


Runs = Callable[..., tuple[int, int]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Runs:
    """Runs one expectation over results that a test gives; returns the status, and how many were measured."""

    def run(*given: Result, least: float = 2_000.0) -> tuple[int, int]:
        sends = iter([least, *[2_000.0] * (TIMES_MAX * REFERENCES)])
        left: Iterator[Result] = iter(given)
        measured = 0

        def part(_options: Options) -> Result:
            nonlocal measured
            measured += 1
            return next(left)

        monkeypatch.setattr(smoke, "PARTS", {"flood": part})
        monkeypatch.setattr(smoke, "EXPECTATIONS", [EXPECTED])
        monkeypatch.setattr(smoke, "sends_per_second", lambda: next(sends))
        return smoke.smoke(Options()), measured

    return run


def test_slow_figure_is_measured_again(run: Runs) -> None:
    """Up to three times; one that is fast enough ends it."""
    assert run(result(2_000.0)) == (0, 1)
    assert run(result(9.0), result(2_000.0)) == (0, 2)
    assert run(*[result(9.0)] * TIMES_MAX) == (1, TIMES_MAX)


def test_slow_machine_is_measured_again(run: Runs) -> None:
    """What was fast enough for the least that the machine did is not measured a third time."""
    assert run(result(100.0), result(90.0), result(90.0), least=66.0) == (0, 2)
    assert run(result(100.0), result(90.0), result(90.0), least=67.0) == (1, 3)


def test_loss_is_a_problem_however_fast(run: Runs) -> None:
    """And however often it was measured."""
    assert run(result(9_000.0, "1 of 100 deliveries lost")) == (1, 1)
    assert run(result(9.0, "1 of 100 deliveries lost"), result(9_000.0)) == (1, 2)
