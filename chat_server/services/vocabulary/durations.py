"""Durations and points in time as administrators type and read them; it must not know what they are for."""

import re
from datetime import datetime, timedelta
from typing import Final

from chat_protocol.times import now_ms

SECOND_MS: Final = 1_000
UNITS_MS: Final = {
    "y": 365 * 86_400 * SECOND_MS,
    "w": 7 * 86_400 * SECOND_MS,
    "d": 86_400 * SECOND_MS,
    "h": 3_600 * SECOND_MS,
    "m": 60 * SECOND_MS,
    "s": SECOND_MS,
}
LONGEST_MS: Final = 100 * UNITS_MS["y"]  # more than this is `forever`
FOREVER: Final = "forever"

_PARTS = re.compile(r"(?:[0-9]{1,9}[smhdwy])+")
_PART = re.compile(r"([0-9]+)([smhdwy])")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_WORTH_TWO_UNITS: Final = 2


def parse_duration(text: str) -> int | None:
    """Read `30s`, `10m`, `1h`, `2d`, `1w`, `1y`, a combination such as `1d12h`, or `forever`.

    :return: milliseconds, None for `forever`.
    :raises ValueError: when the text is no duration, is nothing, or is longer than 100 years.
    """
    lowered = text.lower()
    if lowered == FOREVER:
        return None
    if not _PARTS.fullmatch(lowered):
        raise ValueError(f"“{text}” is not a duration: write 30s, 10m, 1h, 2d, 1w, 1y, 1d12h or forever")
    total = sum(int(count) * UNITS_MS[unit] for count, unit in _PART.findall(lowered))
    if total == 0:
        raise ValueError("a duration of nothing does nothing")
    if total > LONGEST_MS:
        raise ValueError(f"“{text}” is longer than 100 years: write forever")
    return total


def looks_like_duration(text: str) -> bool:
    """Return whether the word was meant as a duration, so that a mistake in it is reported as one."""
    return text.lower() == FOREVER or _PARTS.fullmatch(text.lower()) is not None


def format_duration(ms: int | None) -> str:
    """Write a duration with its two largest units: `1d12h`, `45s`, `forever` for None."""
    if ms is None:
        return FOREVER
    if ms < SECOND_MS:
        return "0s"
    parts: list[str] = []
    for unit, unit_ms in UNITS_MS.items():
        count, ms = divmod(ms, unit_ms)
        if count:
            parts.append(f"{count}{unit}")
        if len(parts) == _WORTH_TWO_UNITS or (parts and not count):
            break
    return "".join(parts)


def format_time(ms: int) -> str:
    """Write a time in the machine's own zone, as the administrator's clock shows it."""
    return datetime.fromtimestamp(ms / 1000).strftime("%Y-%m-%d %H:%M:%S")


def parse_since(text: str, now: int) -> int:
    """Read a point in the past: a duration ago (`2h`), `today`, `yesterday`, `14:30`, or a date with or
    without a time.

    :param now: milliseconds since 1970 UTC.
    :return: milliseconds since 1970 UTC. Dates and clock times are those of the machine's own zone.
    :raises ValueError: when the text is none of these, or lies in the future.
    """
    lowered = text.lower()
    if looks_like_duration(lowered):
        ago = parse_duration(lowered)
        return 0 if ago is None else max(0, now - ago)
    moment = _named_moment(lowered, datetime.fromtimestamp(now / 1000))
    since = int(moment.timestamp() * 1000)
    if since > now:
        raise ValueError(f"“{text}” lies in the future")
    return max(0, since)


def _named_moment(text: str, now: datetime) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if text == "today":
        return midnight
    if text == "yesterday":
        return midnight - timedelta(days=1)
    clock = _CLOCK.fullmatch(text)
    try:
        if clock:
            hour, minute, second = (int(part or 0) for part in clock.groups())
            return midnight.replace(hour=hour, minute=minute, second=second)
        moment = datetime.fromisoformat(text)
        moment.timestamp()
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"“{text}” is not a time: write 2h, today, yesterday, 14:30 or 2026-11-22") from None
    return moment


def until_text(until: int | None, now: int | None = None) -> str:
    """Write when something ends: `forever`, or the time with what is left."""
    if until is None:
        return FOREVER
    left = until - (now_ms() if now is None else now)
    return (
        f"until {format_time(until)} ({format_duration(left)} left)"
        if left > 0
        else f"ended {format_time(until)}"
    )
