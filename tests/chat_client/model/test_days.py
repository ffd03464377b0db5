"""Days as people write them, and when they begin here."""

from datetime import date, datetime

import pytest

from chat_client.model.days import parse_day, start_ms


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-01-31", date(2026, 1, 31)),
        (" 31.1.2026 ", date(2026, 1, 31)),
        ("31/01/2026", date(2026, 1, 31)),
        ("2026-02-30", None),
        ("soon", None),
        ("", None),
    ],
)
def test_day_is_read_in_three_ways(text: str, day: date | None) -> None:
    """The first number of the others is the day."""
    assert parse_day(text) == day


def test_day_begins_at_midnight_here() -> None:
    """In milliseconds since 1970."""
    assert start_ms(date(2026, 1, 31)) == datetime(2026, 1, 31, 0, 0).astimezone().timestamp() * 1000
