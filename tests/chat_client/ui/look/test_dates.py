"""Times and days as people say them."""

from datetime import date, datetime

import pytest

from chat_client import i18n
from chat_client.ui.look import dates

TODAY = date(2026, 3, 4)


def ms(*when):
    return round(datetime(*when).timestamp() * 1000)


@pytest.mark.parametrize(
    ("when", "english", "french"),
    [
        ((2026, 3, 4, 9, 5), "Today", "Aujourd’hui"),
        ((2026, 3, 3, 23, 59), "Yesterday", "Hier"),
        ((2026, 1, 5), "Monday 5 January", "Lundi 5 janvier"),
        ((2024, 8, 1), "Thursday 1 August 2024", "Jeudi 1 août 2024"),
    ],
)
def test_day(when, english, french):
    """A day is told as briefly as it is clear, in the reader's language."""
    i18n.use("en")
    assert dates.day(ms(*when), TODAY) == english
    i18n.use("fr")
    assert dates.day(ms(*when), TODAY) == french


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ((2026, 3, 4, 9, 5), "09:05"),
        ((2026, 3, 3, 9, 5), "yesterday 09:05"),
        ((2026, 1, 5, 9, 5), "5 Jan"),
        ((2024, 8, 1, 9, 5), "1 Aug 2024"),
    ],
)
def test_moment(when, words):
    """A time says its day only where that is not today."""
    i18n.use("en")
    assert dates.moment(ms(*when), TODAY) == words


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ((2026, 3, 4, 9, 5), "09:05"),
        ((2026, 3, 3, 9, 5), "yesterday 09:05"),
        ((2026, 1, 5, 9, 5), "5 Jan, 09:05"),
    ],
)
def test_precise(when, words):
    """The clock is told of other days, too."""
    i18n.use("en")
    assert dates.precise(ms(*when), TODAY) == words


@pytest.mark.parametrize("at_ms", [2**62, -(2**62)])
def test_impossible_time(at_ms):
    """A time that no calendar has is shown as some day, and is no error."""
    i18n.use("en")
    assert dates.day(at_ms, TODAY)
