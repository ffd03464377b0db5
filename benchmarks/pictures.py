"""Draws how cost grows, from what `make bench-growth` has written, for docs/run; it measures nothing.

Needs matplotlib, which `make growth-pictures` installs with what the documentation needs.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: What one picture shows: figures of a measurement over one of its settings, on a logarithmic axis.
SIZE_INCHES = (6.4, 3.6)
#: Readable on white paper and on a dark page alike, and to those who see no red or green.
COLOURS = ("#1f6fb2", "#d1801f", "#5b8c3a")


@dataclass(frozen=True, slots=True)
class Curve:
    """A figure of a measurement, and what it is called in the picture."""

    part: str
    figure: str
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Curves over one setting: its file's name, the words at the axes."""

    name: str
    setting: str
    across: str
    upwards: str
    curves: tuple[Curve, ...]


PICTURES = (
    Picture(
        "growth-clients",
        "clients",
        "clients in one room",
        "milliseconds",
        (
            Curve("latency", "last receiver, p50", "last receiver at rest, p50"),
            Curve("latency", "last receiver, p99", "p99"),
            Curve("flood", "answer to a send, p50", "a sender's tick in a flood, p50"),
        ),
    ),
    Picture(
        "growth-rooms",
        "rooms",
        "rooms of ten, a tenth of them busy",
        "microseconds of CPU a delivery",
        (Curve("rooms", "server CPU a delivery, many rooms", "server's CPU a delivery"),),
    ),
    Picture(
        "growth-history",
        "messages",
        "stored messages",
        "milliseconds for a page of 200, in a flood",
        (
            Curve("history", "page of 200 under flood, p50", "p50"),
            Curve("history", "page of 200 under flood, p99", "p99"),
        ),
    ),
    Picture(
        "growth-search",
        "messages",
        "stored messages",
        "milliseconds to find",
        (
            Curve("search", "rare word, p50", "a rare word, p50"),
            Curve("search", "frequent word, p50", "a frequent word, p50"),
            Curve("search", "frequent word, p99", "p99"),
        ),
    ),
)


def points(results: Sequence[dict[str, Any]], setting: str, curve: Curve) -> list[tuple[float, float]]:
    """The values of one curve, in the order of the setting; measurements that failed are left out."""
    found = [
        (float(result["settings"][setting]), float(figure["value"]))
        for result in results
        if result["part"] == curve.part and setting in result["settings"] and not result["problems"]
        for figure in result["figures"]
        if figure["name"] == curve.figure
    ]
    return sorted(found)


def draw(results: Sequence[dict[str, Any]], picture: Picture, folder: Path) -> Path:
    """Draw one picture and return where it is.

    :raises ValueError: when a curve has fewer than two points.
    """
    import matplotlib

    matplotlib.use("svg")
    # The same figures make the same file.
    matplotlib.rcParams["svg.hashsalt"] = picture.name
    from matplotlib import pyplot
    from matplotlib.ticker import FuncFormatter

    figure, axes = pyplot.subplots(figsize=SIZE_INCHES, layout="constrained")
    heights = []
    for curve, colour in zip(picture.curves, COLOURS, strict=False):
        found = points(results, picture.setting, curve)
        if len(found) < 2:
            raise ValueError(f"{picture.name}: {curve.figure!r} was measured in {len(found)} sizes")
        axes.plot(*zip(*found, strict=True), marker="o", color=colour, label=curve.label)
        heights += [height for _, height in found]
    axes.set(xscale="log", xlabel=picture.across, ylabel=picture.upwards)
    if max(heights) > 10 * min(heights):
        axes.set_yscale("log")
    else:  # what hardly grows is to look like it
        axes.set_ylim(bottom=0)
    plain = FuncFormatter(lambda value, _place: f"{value:,.10g}")
    axes.xaxis.set_major_formatter(plain)
    axes.yaxis.set_major_formatter(plain)
    axes.grid(visible=True, which="major", color="#cccccc", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    if len(picture.curves) > 1:
        axes.legend(frameon=False)
    path = folder / f"{picture.name}.svg"
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw all pictures from a results file, or from the newest."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pictures", description=__doc__)
    parser.add_argument("results", type=Path, help="a JSON file that `make bench-growth` has written")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    given = parser.parse_args(arguments)
    results = json.loads(given.results.read_text(encoding="utf-8"))["results"]
    given.folder.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        sys.stdout.write(f"wrote {draw(results, picture, given.folder)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
