"""The measurement from Enter to the other's screen, in a small size."""

import json
import math
from pathlib import Path

import pytest

from benchmarks import machine
from benchmarks.cli import main
from benchmarks.parts import screen


@pytest.mark.long
def test_screen_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, xvfb: str) -> None:
    """Each message that was entered in one window is seen on both screens, after some time."""
    monkeypatch.setattr(machine, "REFERENCE_S", 0.05)
    # How quick it is depends on what else runs: here only that it is measured counts.
    for goals in ("OTHER_GOALS_MS", "OWN_GOALS_MS"):
        monkeypatch.setattr(screen, goals, (math.inf, math.inf))
    monkeypatch.setattr(screen, "PAUSE_MAX_S", screen.PAUSE_MIN_S)
    assert main(["screen", "--seconds", "1", "--folder", str(tmp_path)]) == 0
    (written,) = tmp_path.glob("*.json")
    (result,) = json.loads(written.read_text(encoding="utf-8"))["results"]
    assert result["details"]["messages"] >= 2
    assert all(figure["value"] > 0 for figure in result["figures"])
    assert [figure["name"].rpartition(", ")[2] for figure in result["figures"]] == ["p50", "p99"] * 2
