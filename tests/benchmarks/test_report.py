"""How figures are shown."""

import json
import math
from pathlib import Path

from benchmarks.machine import Reference
from benchmarks.report import Figure, Result, number, over_fsync, per_send, percentile, table, write_json

REFERENCE = Reference(sends_per_s=200_000, fsyncs_per_s=4_000)


def test_table_row_with_goal_and_reference() -> None:
    """A row carries the figure, its goal, the machine's reference and the ratio; a goal missed is marked."""
    figures = [per_send("deliveries", 3_000_000, "/s", REFERENCE, goal=4_000_000)]
    row = table([Result("flood", {"clients": 200}, figures)]).splitlines()[-1]
    assert (
        row == "| flood (clients 200) | deliveries | 3,000,000 /s ✗ | ≥ 4,000,000 | 200,000 send()/s | 15 |"
    )


def test_latency_against_fsync() -> None:
    """A time is shown in milliseconds beside one fsync, and reached when it is at most the goal."""
    figure = over_fsync("last receiver", 0.004, REFERENCE, goal_ms=5.0)
    assert (figure.value, figure.ratio, figure.reached) == (4.0, 16.0, True)


def test_percentile_of_few_values() -> None:
    """Percentiles are values that occurred; of nothing there is none."""
    assert percentile([3, 1, 2], 50) == 2
    assert percentile([3, 1, 2], 99) == 3
    assert math.isnan(percentile([], 50))


def test_number_for_people() -> None:
    """Numbers show what matters of them."""
    assert [number(value) for value in (1234567, 12.34, 0.04567)] == ["1,234,567", "12.3", "0.0457"]


def test_json_holds_everything(tmp_path: Path) -> None:
    """The JSON file has figures with their ratios, settings, problems and details."""
    result = Result("flood", {"clients": 2}, [Figure("rate", 3, "/s", reference=2)], ["lost"], {"seconds": 1})
    document = json.loads(write_json([result], tmp_path).read_text(encoding="utf-8"))
    (written,) = document["results"]
    assert written["figures"][0]["ratio"] == 1.5
    assert (written["problems"], written["details"]) == (["lost"], {"seconds": 1})
