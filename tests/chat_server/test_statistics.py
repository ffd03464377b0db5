"""The figures of a server."""

from pathlib import Path

from chat_server.statistics import statistics_of
from tests.chat_server.building import open_building


def test_uptime_does_not_follow_the_clock(tmp_path: Path) -> None:
    """A clock that was set a year ahead makes no server a year old."""
    with open_building(tmp_path / "data") as building:
        parts = building.server.parts
        now = parts.clock()
        parts.clock = lambda: now + 365 * 86_400_000
        assert 0 <= statistics_of(parts).running_for_ms < 3_600_000
