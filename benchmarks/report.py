"""Figures, and how they are shown: a table for people and JSON for programs; it measures nothing itself."""

import json
import platform
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.machine import Reference, Shares


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. ``goal`` is what it should reach (``at_most``: stay under)."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    at_most: bool = False
    # What the value is divided by, and how that is called; absolute figures swing with the machine.
    reference: float | None = None
    reference_name: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.reference if self.reference else None

    @property
    def reached(self) -> bool | None:
        if self.goal is None:
            return None
        return self.value <= self.goal if self.at_most else self.value >= self.goal


@dataclass(slots=True)
class Result:
    """What one measurement found. Any problem makes the run fail, whatever the figures."""

    part: str
    settings: dict[str, Any]
    figures: list[Figure] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)

    def add_shares(self, shares: Shares) -> None:
        """Note who used how much CPU."""
        self.details["cores"] = {name: round(value, 2) for name, value in asdict(shares).items()}


def per_send(name: str, value: float, unit: str, reference: Reference, goal: float | None = None) -> Figure:
    """A rate, beside the raw ``send()`` calls a second."""
    return Figure(name, value, unit, goal, reference=reference.sends_per_s, reference_name="send()/s")


def per_fsync(name: str, value: float, unit: str, reference: Reference, goal: float | None = None) -> Figure:
    """A rate, beside the fsyncs a second."""
    return Figure(name, value, unit, goal, reference=reference.fsyncs_per_s, reference_name="fsync/s")


def over_fsync(name: str, seconds: float, reference: Reference, goal_ms: float | None = None) -> Figure:
    """A time in milliseconds, beside the time of one fsync."""
    fsync_ms = 1000.0 / reference.fsyncs_per_s
    return Figure(
        name, seconds * 1000, "ms", goal_ms, at_most=True, reference=fsync_ms, reference_name="fsync ms"
    )


def percentile(values: Iterable[float], percent: float) -> float:
    """The value that *percent* of the values do not exceed; not a number where there are none."""
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def number(value: float) -> str:
    """A number for people: 1,234,567 or 12.3 or 0.046."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"


def table(results: Iterable[Result]) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| measurement | figure | value | goal | this machine's reference | ratio |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for result in results:
        lines += [_row(_title(result), figure) for figure in result.figures]
    return "\n".join(lines)


def told(result: Result) -> str:
    """One measurement as it is printed: its figures, what was noted beside them, its problems."""
    details = [f"    {name}: {value}" for name, value in result.details.items()]
    return "\n".join([table([result]), *details, *(f"    PROBLEM: {problem}" for problem in result.problems)])


def _title(result: Result) -> str:
    settings = ", ".join(f"{name} {value}" for name, value in result.settings.items())
    return f"{result.part} ({settings})" if settings else result.part


def _row(title: str, figure: Figure) -> str:
    goal = "" if figure.goal is None else f"{'≤' if figure.at_most else '≥'} {number(figure.goal)}"
    missed = " ✗" if figure.reached is False else ""
    reference = "" if figure.reference is None else f"{number(figure.reference)} {figure.reference_name}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.3g}"
    value = f"{number(figure.value)} {figure.unit}".strip()
    return f"| {title} | {figure.name} | {value}{missed} | {goal} | {reference} | {ratio} |"


def write_json(results: Iterable[Result], folder: Path) -> Path:
    """Write everything that was found into a new file and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / time.strftime("%Y%m%d-%H%M%S.json")
    document = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "python": platform.python_version(),
        "machine": platform.platform(),
        "results": [_plain(result) for result in results],
    }
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def _plain(result: Result) -> dict[str, Any]:
    figures = [{**asdict(figure), "ratio": figure.ratio} for figure in result.figures]
    return {**asdict(result), "figures": figures}
