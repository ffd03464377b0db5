"""Says times and days in the reader's language and time zone; pure functions, no tkinter."""

from datetime import date, datetime, timedelta

from chat_client.i18n import _, ngettext


def local(at_ms: int) -> datetime:
    """Turn milliseconds since 1970 UTC into the reader's local time, or the nearest there is."""
    try:
        return datetime.fromtimestamp(at_ms / 1000)
    except (OverflowError, OSError, ValueError):
        return datetime.max if at_ms > 0 else datetime.min


def today() -> date:
    """Give the reader's day."""
    return date.today()


def clock(at_ms: int) -> str:
    """Say the hour and minute."""
    return f"{local(at_ms):%H:%M}"


def day(at_ms: int, today: date) -> str:
    """Say a day as a line between messages does: today, yesterday, Monday 3 March, Monday 3 March 2025."""
    then = local(at_ms).date()
    if then == today:
        return _("date.today")
    if then == today - timedelta(days=1):
        return _("date.yesterday")
    values = {
        "weekday": _(f"date.weekday{then.weekday()}"),
        "day": then.day,
        "month": _(f"date.month{then.month}"),
    }
    if then.year == today.year:
        return _("date.day", **values)
    return _("date.day_year", year=then.year, **values)


def moment(at_ms: int, today: date) -> str:
    """Say a time as briefly as it stays clear: 14:05, yesterday 14:05, 3 Mar, 3 Mar 2025."""
    then = local(at_ms)
    if then.date() == today:
        return clock(at_ms)
    if then.date() == today - timedelta(days=1):
        return _("date.yesterday_at", time=clock(at_ms))
    values = {"day": then.day, "month": _(f"date.month_short{then.month}")}
    if then.year == today.year:
        return _("date.short", **values)
    return _("date.short_year", year=then.year, **values)


def precise(at_ms: int, today: date) -> str:
    """Say a time as `moment` does, with the clock also of other days: 14:05, 3 Mar, 14:05."""
    said = moment(at_ms, today)
    return said if local(at_ms).date() in (today, today - timedelta(days=1)) else f"{said}, {clock(at_ms)}"


def full(at_ms: int, today: date) -> str:
    """Say the day and the time, for a tooltip."""
    return _("date.full", day=day(at_ms, today), time=clock(at_ms))


def ahead(seconds: int) -> str:
    """Say how far away something is, in the largest unit that says it well: in 30 seconds, in 10 minutes."""
    if seconds < 60:
        return ngettext("date.in_seconds", seconds)
    minutes = round(seconds / 60)
    if minutes < 90:
        return ngettext("date.in_minutes", minutes)
    hours = round(seconds / 3600)
    return ngettext("date.in_hours", hours) if hours < 36 else ngettext("date.in_days", round(hours / 24))
