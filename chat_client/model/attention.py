"""Whether a message calls for attention now: pause, quiet hours, words; it shows and plays nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chat_protocol.limits import CALLING_WORD_MAX_CHARS, CALLING_WORDS_MAX
from chat_protocol.names import fold_text
from chat_protocol.times import from_rfc3339, to_rfc3339

_WORD: Final = re.compile(r"[\w'’-]+")
#: What a pause may be called, and how long it is; a named day ends in the morning.
PAUSES: Final = {"30m": timedelta(minutes=30), "1h": timedelta(hours=1)}
TOMORROW: Final = "tomorrow"
MORNING_HOUR: Final = 8


@dataclass(frozen=True, slots=True)
class AttentionSettings:
    """What the user has chosen, on any device.

    :param pause_until: milliseconds since 1970; 0 without a pause.
    :param quiet_hours: such as `22:00-07:00`, or empty.
    :param words: folded, as they are compared.
    """

    pause_until: int = 0
    quiet_hours: str = ""
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, pause_until: object, quiet_hours: object, words: object) -> "AttentionSettings":
        """Return the settings from the values that the server keeps; what cannot be read is as at first."""
        try:
            until = from_rfc3339(pause_until) if isinstance(pause_until, str) else 0
        except ValueError:
            until = 0
        hours = quiet_hours if isinstance(quiet_hours, str) and _hours(quiet_hours) else ""
        chosen = words if isinstance(words, tuple) else ()
        return cls(until, hours, tuple(fold_text(word) for word in chosen))

    def paused_at(self, now: datetime) -> bool:
        """Return whether a pause holds at a moment."""
        return now.timestamp() * 1000 < self.pause_until

    def silent_at(self, now: datetime) -> bool:
        """Return whether nothing calls for attention at a moment (in the time of this computer)."""
        if self.paused_at(now):
            return True
        hours = _hours(self.quiet_hours)
        if hours is None:
            return False
        begin, end = hours
        minute = 60 * now.hour + now.minute
        return begin <= minute < end if begin <= end else minute >= begin or minute < end

    def calls(self, body: str) -> bool:
        """Return whether a text has one of the words, in any spelling, or several that stand together."""
        if not self.words:
            return False
        said = _words(body)
        return any(_stands_in(_words(word), said) for word in self.words)


def calling_words(text: str) -> tuple[str, ...] | None:
    """Return the words of a line with commas between them; None where they are too many or too long."""
    words = tuple(filter(None, (word.strip() for word in text.split(","))))
    fit = len(words) <= CALLING_WORDS_MAX and all(len(word) <= CALLING_WORD_MAX_CHARS for word in words)
    return words if fit else None


def pause_until(name: str, now: datetime) -> str | None:
    """Return when a pause of this name ends, as the server keeps it; None for no such pause."""
    if name == TOMORROW:
        morning = now.replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return to_rfc3339(int(morning.timestamp() * 1000))
    if name not in PAUSES:
        return None
    return to_rfc3339(int((now + PAUSES[name]).timestamp() * 1000))


def _hours(text: str) -> tuple[int, int] | None:
    """Return the two minutes of the day; None where there are none."""
    match = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", text)
    if match is None:
        return None
    first, second, third, fourth = map(int, match.groups())
    return 60 * first + second, 60 * third + fourth


def _words(text: str) -> list[str]:
    return _WORD.findall(fold_text(text))


def _stands_in(wanted: Sequence[str], said: Sequence[str]) -> bool:
    return bool(wanted) and any(
        said[start : start + len(wanted)] == list(wanted) for start in range(len(said))
    )
