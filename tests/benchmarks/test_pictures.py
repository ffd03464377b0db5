"""What the pictures of growth are drawn from."""

from typing import Any

from benchmarks.pictures import PICTURES, Curve, points
from benchmarks.plan import GROWTH


def result(part: str, size: int, value: float, *problems: str) -> dict[str, Any]:
    """A result as it stands in the file."""
    figures = [{"name": "other", "value": 0.0}, {"name": "p50", "value": value}]
    return {"part": part, "settings": {"clients": size}, "figures": figures, "problems": list(problems)}


def test_points_in_the_order_of_the_sizes() -> None:
    """Only the figure and the measurement asked for, smallest first, and none of a run that failed."""
    results = [
        result("latency", 100, 3.0),
        result("latency", 10, 1.0),
        result("flood", 10, 9.0),
        result("latency", 1_000, 5.0, "lost"),
    ]
    assert points(results, "clients", Curve("latency", "p50", "")) == [(10.0, 1.0), (100.0, 3.0)]


def test_pictures_are_of_what_is_measured() -> None:
    """Each picture's measurement runs in several sizes when the growth is measured."""
    for picture in PICTURES:
        for curve in picture.curves:
            assert len([size for size in GROWTH if size.part == curve.part]) > 2
