"""Durations and times as administrators type them."""

from datetime import datetime

import pytest

from chat_server.services.vocabulary.durations import (
    LONGEST_MS,
    format_duration,
    looks_like_duration,
    parse_duration,
    parse_since,
)

NOW = int(datetime(2026, 11, 22, 15, 30).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("10m", 600),
        ("1h", 3600),
        ("2d", 172_800),
        ("1w", 604_800),
        ("1d12h", 129_600),
        ("1H", 3600),
    ],
)
def test_duration_is_read(text: str, seconds: int) -> None:
    """Each unit counts, alone and combined, in any case."""
    assert parse_duration(text) == seconds * 1000


def test_duration_forever_is_none() -> None:
    """`forever` has no end."""
    assert parse_duration("forever") is None


@pytest.mark.parametrize(
    "text", ["", "10", "m", "1x", "-1h", "1 h", "0s", "١h", "1.5h", "999999999y", "1h" * 99 + "!"]
)
def test_duration_of_the_wrong_form_is_refused(text: str) -> None:
    """What is no duration, nothing, or endless by mistake raises ValueError."""
    with pytest.raises(ValueError, match=r"duration|100 years"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (None, "forever"),
        (999, "0s"),
        (45_000, "45s"),
        (3_600_000, "1h"),
        (129_600_000, "1d12h"),
        (3_661_000, "1h1m"),
        (86_401_000, "1d"),
    ],
)
def test_duration_is_written_with_two_units(ms: int | None, text: str) -> None:
    """The two largest units are enough for a person."""
    assert format_duration(ms) == text


def test_duration_written_is_read_back() -> None:
    """What is shown can be typed."""
    for ms in (1_000, 61_000, 7_200_000, 90_000_000, LONGEST_MS):
        assert looks_like_duration(format_duration(ms))
        assert parse_duration(format_duration(ms)) is not None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2h", datetime(2026, 11, 22, 13, 30)),
        ("today", datetime(2026, 11, 22)),
        ("yesterday", datetime(2026, 11, 21)),
        ("14:05", datetime(2026, 11, 22, 14, 5)),
        ("2026-11-20", datetime(2026, 11, 20)),
        ("2026-11-20T08:15", datetime(2026, 11, 20, 8, 15)),
    ],
)
def test_since_is_read(text: str, moment: datetime) -> None:
    """A duration is counted back; clock times and dates are those of the machine's zone."""
    assert parse_since(text, NOW) == int(moment.timestamp() * 1000)


@pytest.mark.parametrize(
    "text", ["", "noon", "25:00", "16:00", "2027-01-01", "9999-99-99", "1", "0001-01-01T00:00x"]
)
def test_since_of_the_wrong_form_or_in_the_future_is_refused(text: str) -> None:
    """What names no time in the past raises ValueError."""
    with pytest.raises(ValueError, match=r"not a time|future|duration"):
        parse_since(text, NOW)
