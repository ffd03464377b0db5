"""What the short measurement refuses."""

from benchmarks.report import Figure, Result
from benchmarks.smoke import Expectation, judge

EXPECTED = Expectation("flood", 50, tls=False, ratio=3.0)


def result(value: float, *problems: str) -> Result:
    """A flood with this many deliveries a second where a thousand `send()` calls are possible."""
    found = Result("flood", {}, [Figure("deliveries", value, "/s")], list(problems))
    found.details["reference"] = {"sends_per_s": 1_000.0, "fsyncs_per_s": 1_000.0}
    return found


def test_judge_figure_low_but_standing() -> None:
    """More than half of the usual ratio passes."""
    assert not judge(result(1_501.0), EXPECTED)


def test_judge_figure_collapsed() -> None:
    """Less than half of the usual ratio is refused, in words."""
    (problem,) = judge(result(1_499.0), EXPECTED)
    assert "deliveries" in problem


def test_judge_loss() -> None:
    """A problem is a problem, however fast."""
    assert judge(result(9_000.0, "1 of 100 deliveries lost"), EXPECTED) == ["1 of 100 deliveries lost"]
