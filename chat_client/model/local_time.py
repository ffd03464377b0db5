"""How late it is elsewhere, from an offset as the protocol has it; pure functions."""

from datetime import datetime, timedelta, timezone


def offset_here(now: datetime) -> str:
    """Return how far this computer's clock is ahead of UTC, such as `+01:00`; nothing beyond 14 hours.

    :param now: the present time, with its zone.
    """
    ahead = now.utcoffset() or timedelta()
    minutes = round(ahead / timedelta(minutes=1))
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}" if hours <= 14 else ""


def time_at(offset: str, now: datetime) -> datetime | None:
    """Return the time at an offset such as `+01:00`; None for what is none.

    :param now: the present time, with its zone.
    """
    try:
        sign = -1 if offset[:1] == "-" else 1
        hours, minutes = (int(part) for part in offset[1:].split(":"))
        return now.astimezone(timezone(sign * timedelta(hours=hours, minutes=minutes)))
    except (ValueError, OverflowError):
        return None
