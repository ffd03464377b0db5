"""Days as people write them, and when they begin by this computer's clock; it shows nothing."""

from datetime import date, datetime


def parse_day(text: str) -> date | None:
    """Read a day as 2026-01-31, 31.1.2026 or 31/01/2026; None where it is none."""
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"):
        try:
            return datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
    return None


def start_ms(day: date) -> int:
    """Return when a day of the reader's begins, in milliseconds since 1970 UTC."""
    return round(datetime(day.year, day.month, day.day).timestamp() * 1000)
