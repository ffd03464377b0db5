"""What the short measurement refuses."""

from collections.abc import Callable, Iterator

import pytest

from benchmarks import smoke
from benchmarks.report import Figure, Result
from benchmarks.setting import Options
from benchmarks.smoke import TIMES_MAX, Expectation, Judge

EXPECTED = Expectation("flood", 50, tls=False, ratio=3.0)


def result(value: float, *problems: str, sends_per_s: float = 1_000.0) -> Result:
    """A flood with this many deliveries a second where so many `send()` calls are possible."""
    found = Result("flood", {}, [Figure("deliveries", value, "/s")], list(problems))
    found.details["reference"] = {"sends_per_s": sends_per_s, "fsyncs_per_s": 1_000.0}
    return found


def test_judge_figure_low_but_standing() -> None:
    """More than half of the usual ratio passes."""
    assert not Judge().shortfall([result(1_501.0)], EXPECTED)


def test_judge_figure_collapsed() -> None:
    """Less than half of the usual ratio is refused, in words."""
    assert "deliveries: at best 1.5 times" in Judge().shortfall([result(1_499.0)], EXPECTED)


def test_judge_takes_the_best_and_the_least_reference() -> None:
    """Also the reference of another measurement of the run."""
    judge = Judge()
    assert judge.shortfall([result(100.0, sends_per_s=500.0)], EXPECTED)
    assert not judge.shortfall([result(751.0), result(10.0, sends_per_s=4_000.0)], EXPECTED)
    assert judge.shortfall([result(749.0), result(10.0, sends_per_s=4_000.0)], EXPECTED)


Runs = Callable[..., tuple[int, int]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Runs:
    """Runs one expectation over results that a test gives; returns the status, and how many were measured."""

    def run(*given: Result) -> tuple[int, int]:
        left: Iterator[Result] = iter(given)
        measured = 0

        def part(_options: Options) -> Result:
            nonlocal measured
            measured += 1
            return next(left)

        monkeypatch.setattr(smoke, "PARTS", {"flood": part})
        monkeypatch.setattr(smoke, "EXPECTATIONS", [EXPECTED])
        return smoke.smoke(Options()), measured

    return run


def test_slow_figure_is_measured_again(run: Runs) -> None:
    """Up to three times; one that is fast enough ends it."""
    assert run(result(2_000.0)) == (0, 1)
    assert run(result(9.0), result(2_000.0)) == (0, 2)
    assert run(*[result(9.0)] * TIMES_MAX) == (1, TIMES_MAX)


def test_loss_is_a_problem_however_fast(run: Runs) -> None:
    """And however often it was measured."""
    assert run(result(9_000.0, "1 of 100 deliveries lost")) == (1, 1)
    assert run(result(9.0, "1 of 100 deliveries lost"), result(9_000.0)) == (1, 2)
