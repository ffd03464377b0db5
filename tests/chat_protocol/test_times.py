"""Times on the wire: RFC 3339 in UTC with milliseconds."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_protocol.times import from_rfc3339, now_ms, to_rfc3339
from tests.chat_protocol.samples import NOON

LAST_MS = 253_402_300_799_999  # 9999-12-31T23:59:59.999Z


def test_to_rfc3339_has_milliseconds_and_z() -> None:
    """A time is written in UTC, always with three digits of a second's fraction."""
    assert to_rfc3339(NOON) == "2026-11-22T10:31:02.123Z"
    assert to_rfc3339(NOON - 123) == "2026-11-22T10:31:02.000Z"
    assert to_rfc3339(0) == "1970-01-01T00:00:00.000Z"
    assert to_rfc3339(-1) == "1969-12-31T23:59:59.999Z"
    assert to_rfc3339(LAST_MS) == "9999-12-31T23:59:59.999Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T10:31:02.123Z",
        "2026-11-22T10:31:02.123+00:00",
        "2026-11-22T11:31:02.123+01:00",
        "2026-11-22T10:31:02.123456Z",
        "2026-11-22T05:01:02.123-05:30",
    ],
)
def test_from_rfc3339_reads_any_offset(text: str) -> None:
    """The same moment in any offset is the same number; finer fractions are cut."""
    assert from_rfc3339(text) == NOON


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-22",
        "2026-11-22T10:31:02",
        "2026-02-30T00:00:00Z",
        "10:31",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+00:01",
        "1795343462123",
        "\ud800",
    ],
)
def test_from_rfc3339_refuses_what_is_no_moment(text: str) -> None:
    """A text without a date, a time or an offset is a ValueError."""
    with pytest.raises(ValueError):  # noqa: PT011 - each cause has its own words
        from_rfc3339(text)


@given(st.integers(-62_135_596_800_000, LAST_MS))
def test_times_round_trip(ms: int) -> None:
    """Every moment of the years 1 to 9999 survives being written and read."""
    assert from_rfc3339(to_rfc3339(ms)) == ms


@given(
    st.text(max_size=40)
    | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", fullmatch=True)
)
def test_from_rfc3339_given_any_text(text: str) -> None:
    """Any text is a moment that can be written again, or a ValueError."""
    try:
        ms = from_rfc3339(text)
    except ValueError:
        return
    assert from_rfc3339(to_rfc3339(ms)) == ms


def test_now_ms_is_the_present() -> None:
    """The present is counted in milliseconds since 1970."""
    assert abs(now_ms() - time.time() * 1000) < 1000
