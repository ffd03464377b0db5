"""Whether a message calls for attention: pauses, quiet hours, words."""

from datetime import datetime

import pytest

from chat_client.model.attention import AttentionSettings, calling_words, pause_until
from chat_protocol.limits import CALLING_WORD_MAX_CHARS, CALLING_WORDS_MAX
from chat_protocol.times import from_rfc3339

NOON = datetime(2026, 11, 22, 12, 0)


@pytest.mark.parametrize(
    ("hours", "clock", "silent"),
    [
        ("22:00-07:00", "21:59", False),
        ("22:00-07:00", "22:00", True),
        ("22:00-07:00", "06:59", True),
        ("22:00-07:00", "07:00", False),
        ("12:00-13:30", "11:59", False),
        ("12:00-13:30", "12:00", True),
        ("12:00-13:30", "13:29", True),
        ("22:30-07:15", "22:29", False),
        ("22:30-07:15", "22:30", True),
        ("22:30-07:15", "07:14", True),
        ("22:30-07:15", "07:15", False),
        ("12:00-13:30", "13:30", False),
        ("12:00-12:00", "12:00", False),
        ("", "03:00", False),
    ],
)
def test_quiet_hours(hours: str, clock: str, silent: bool) -> None:
    """The first minute belongs to the quiet hours, the last one does not, over midnight too."""
    hour, minute = map(int, clock.split(":"))
    settings = AttentionSettings.of(None, hours, None)
    assert settings.silent_at(NOON.replace(hour=hour, minute=minute)) is silent


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("30m", NOON.replace(minute=30)),
        ("1h", NOON.replace(hour=13)),
        ("tomorrow", NOON.replace(day=23, hour=8)),
    ],
)
def test_pauses(name: str, end: datetime) -> None:
    """A pause is silence up to its end, and none from there on."""
    until = pause_until(name, NOON)
    assert until is not None
    assert from_rfc3339(until) == end.timestamp() * 1000
    settings = AttentionSettings.of(until, None, None)
    assert settings.silent_at(NOON)
    assert not settings.silent_at(end)


def test_tomorrow_begins_at_the_full_hour() -> None:
    """Whatever the minute in which it is chosen."""
    assert pause_until("tomorrow", NOON.replace(minute=34, second=56, microsecond=7_000)) == pause_until(
        "tomorrow", NOON
    )


def test_no_such_pause() -> None:
    """What is no pause has no end."""
    assert pause_until("always", NOON) is None


@pytest.mark.parametrize(
    ("body", "called"),
    [
        ("The DÉPLOIEMENT is done", True),
        ("déploiements", False),
        ("the on call rota", True),
        ("call on me", False),
        ("whoever is on call", True),
        ("whoever is on", False),
        ("on call", True),
        ("", False),
    ],
)
def test_words_call(body: str, called: bool) -> None:
    """Whole words call, without regard to case and accents; several words call where they stand together."""
    settings = AttentionSettings.of(None, None, ("déploiement", "on call"))
    assert settings.calls(body) is called


def test_what_cannot_be_read_is_as_at_first() -> None:
    """Values of another form, as of a later server, change nothing."""
    assert AttentionSettings.of("soon", "always", True) == AttentionSettings()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", ()),
        (" , ,", ()),
        (" bug,, on call ,", ("bug", "on call")),
        ("x" * CALLING_WORD_MAX_CHARS, ("x" * CALLING_WORD_MAX_CHARS,)),
        ("x" * (CALLING_WORD_MAX_CHARS + 1), None),
        (",".join(["x"] * CALLING_WORDS_MAX), ("x",) * CALLING_WORDS_MAX),
        (",".join(["x"] * (CALLING_WORDS_MAX + 1)), None),
    ],
)
def test_words_stand_between_commas(line: str, words: tuple[str, ...] | None) -> None:
    """As many and as long ones as the server keeps, and no more."""
    assert calling_words(line) == words
