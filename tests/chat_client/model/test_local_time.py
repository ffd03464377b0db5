"""How late it is elsewhere: offsets as the protocol has them, and what is none."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from chat_client.model.local_time import offset_here, time_at
from chat_protocol.own_settings import SETTINGS

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "offset"),
    [(0, "+00:00"), (60, "+01:00"), (-210, "-03:30"), (345, "+05:45"), (840, "+14:00"), (-5, "-00:05")],
)
def test_offset_and_back(minutes: int, offset: str) -> None:
    """What a computer tells is what the protocol takes, and leads back to its time."""
    there = NOON.astimezone(timezone(timedelta(minutes=minutes)))
    assert offset_here(there) == offset
    assert SETTINGS["utc_offset"].check("value", offset) == offset
    again = time_at(offset, NOON)
    assert again is not None
    assert (again, again.utcoffset()) == (NOON, timedelta(minutes=minutes))


@pytest.mark.parametrize("text", ["", "+", "+1", "+aa:bb", "+99:00", "UTC", "+01:00:00", "+١٢:x"])
def test_what_is_no_offset(text: str) -> None:
    """A server's nonsense is no time, and no error."""
    assert time_at(text, NOON) is None


def test_offset_beyond_the_protocol_is_not_told() -> None:
    """A clock that is set to a zone that nobody has says nothing."""
    for hours in (15, 20, -15):
        assert offset_here(NOON.astimezone(timezone(timedelta(hours=hours)))) == ""
    assert offset_here(NOON.replace(tzinfo=None)) == "+00:00"
