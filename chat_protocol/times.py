"""Times as the wire writes them (RFC 3339, UTC, ms) and as the programs count them (ms since 1970)."""

import time
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_last_text: tuple[int | None, str] = (None, "")
_last_date: tuple[int | None, str] = (None, "")


def now_ms() -> int:
    """Return the present time in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def steady_s() -> float:
    """Return seconds that nobody sets and, where the system can tell, go on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def to_rfc3339(ms: int) -> str:
    """Write milliseconds since 1970 as `2026-11-22T10:31:02.123Z` (RFC 3339, section 5.6).

    The last text and the last date are kept: the messages of a batch share the one, those of a page of
    history the other. Two threads may replace them at once; each reads and writes a pair whole.
    """
    global _last_text, _last_date
    cached, text = _last_text
    if cached == ms:
        return text
    second, fraction = divmod(ms, 1000)
    day, second = divmod(second, 86_400)
    cached, date = _last_date
    if cached != day:
        date = (_EPOCH + timedelta(days=day)).date().isoformat()
        _last_date = (day, date)
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    text = f"{date}T{hour:02d}:{minute:02d}:{second:02d}.{fraction:03d}Z"
    _last_text = (ms, text)
    return text


def from_rfc3339(text: str) -> int:
    """Read an RFC 3339 time with any offset.

    :return: milliseconds since 1970 UTC.
    :raises ValueError: when the text is no such time, carries no offset, or lies outside the years 1 to 9999.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("the time has no offset")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the time lies outside the years 1 to 9999 in UTC") from error
    return (moment - _EPOCH) // timedelta(milliseconds=1)
