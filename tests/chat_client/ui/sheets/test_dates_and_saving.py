"""Going to a day and saving a conversation, in the window: by keys, by clicks, and with bad input."""

from datetime import date, timedelta

import pytest

from chat_client.model.days import parse_day, start_ms
from chat_client.ui import keeping
from chat_client.ui.sheets.date_sheet import DateSheet


@pytest.fixture
def hand(hand, client, at):
    """The window in a room where something was said."""
    client.arrive(client.state.rooms["general"], "jules", "hello", at())
    hand.settle()
    return hand


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-01-31", date(2026, 1, 31)),
        (" 31.1.2026 ", date(2026, 1, 31)),
        ("31/01/2026", date(2026, 1, 31)),
        ("31", None),
        ("2026-02-30", None),
        ("", None),
        ("yesterday", None),
    ],
)
def test_day_is_read(text, day):
    """A day in the usual forms, or nothing."""
    assert parse_day(text) == day


def test_day_is_typed(hand, client):
    """Ctrl+K finds it; today stands in the field; a day that is none is told there."""
    hand.main.actions.do("go_to_date")
    sheet = hand.main.sheet
    assert isinstance(sheet, DateSheet)
    assert parse_day(sheet.field.get()) == date.today()
    sheet.field.set("the day before")
    hand.press("<Return>", sheet.field.entry)
    assert sheet.field.complaint
    assert not sheet.closed
    sheet.field.set("2026-01-31")
    hand.press("<Return>", sheet.field.entry)
    assert sheet.closed
    assert client.called("dates.go") == [("general", start_ms(date(2026, 1, 31)))]


def test_day_by_pointer(hand, client):
    """A usual day is one press; of another room it opens that first."""
    client.state.rooms["blabla"].last_seq = 3
    hand.main.keeping.ask_date("blabla")
    hand.main.sheet.usual["yesterday"].invoke()
    assert client.state.open_room == "blabla"
    assert client.called("dates.go") == [("blabla", start_ms(date.today() - timedelta(days=1)))]


def test_conversation_is_saved(hand, client, tmp_path, monkeypatch):
    """The question names the room; the file begins with what it is; no answer saves nothing."""
    asked = []
    answers = iter([tmp_path / "a.txt", None])
    monkeypatch.setattr(keeping, "ask_where", lambda _parent, name: asked.append(name) or next(answers))
    hand.main.actions.do("save_conversation")
    hand.main.actions.do("save_conversation")
    assert asked == ["Général.txt"] * 2
    [(key, target, top, _worded)] = client.called("transcripts.save")
    assert (key, target) == ("general", tmp_path / "a.txt")
    assert top.startswith("Général, chat.example.org: saved by Zoé on ")


def test_empty_room_offers_neither(hand, client):
    """Where nothing was said there is no day to go to and nothing to save."""
    hand.open("blabla")
    offered = {action.id for action in hand.main.actions.commands()}
    assert not offered & {"go_to_date", "save_conversation"}
