"""The measurement of the window: the real program in a small size, and what counts as a failure."""

import json
import math
from pathlib import Path

import pytest

from benchmarks import machine
from benchmarks.cli import main
from benchmarks.machine import Shares
from benchmarks.parts import window
from benchmarks.parts.window import VIEWS, Seen, problems

MESSAGES = 250
SHARES = Shares(0.1, 0.2, 0.1, 1.5)


@pytest.mark.long
def test_window_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, xvfb: str) -> None:
    """All messages are loaded, messages come and keys are seen in every view that has them."""
    monkeypatch.setattr(machine, "REFERENCE_S", 0.05)
    # How quick it is depends on what else runs: here only that it is measured counts.
    monkeypatch.setattr(window, "P99_GOAL_MS", math.inf)
    monkeypatch.setattr(window, "BEHIND_MAX_S", 10.0)
    arguments = ["window", "--messages", str(MESSAGES), "--seconds", "0.4", "--folder", str(tmp_path)]
    assert main(arguments) == 0
    (written,) = tmp_path.glob("*.json")
    (result,) = json.loads(written.read_text(encoding="utf-8"))["results"]
    assert result["settings"]["messages"] >= MESSAGES
    names = [figure["name"] for figure in result["figures"]]
    assert {name.partition(":")[0] for name in names} == set(VIEWS)
    assert "newest: key to screen, p99" in names


def seen(late_s: float = 0.001, key_s: float = 0.001, behind: int = 0, keys_lost: int = 0) -> Seen:
    return Seen(
        "newest",
        [late_s] * 1000,
        [0.001] * 1000,
        [key_s] * 200,
        2000,
        behind,
        keys_lost,
        SHARES,
        {"in_front": True},
    )


def test_window_that_answers_is_no_problem() -> None:
    """In time, up to date and with every key: nothing to say."""
    assert problems(seen()) == []


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (seen(late_s=0.06), "timer late, p99 is 60 ms"),
        (seen(key_s=0.06), "key to screen, p99 is 60 ms"),
        (seen(behind=500), "500 of 2000 messages behind"),
        (seen(keys_lost=2), "2 keys never reached the screen"),
    ],
    ids=["timer", "key", "behind", "lost"],
)
def test_window_that_does_not_answer_is_a_problem(found: Seen, words: str) -> None:
    """Late timers, late keys, a view that lags and keys that vanish each make the run fail."""
    (problem,) = problems(found)
    assert words in problem
