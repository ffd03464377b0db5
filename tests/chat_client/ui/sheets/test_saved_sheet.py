"""The sheet of saved messages: opened from the menu, with the way to each and off the list."""

import pytest

from chat_client.i18n import _
from chat_client.model import changes as ch
from chat_client.ui.sheets.saved_sheet import SavedSheet
from chat_protocol.objects import Message


@pytest.fixture
def sheet(hand, client) -> SavedSheet:
    """The sheet, with two messages in it."""
    hand.main.menus.show_saved()
    hand.settle()
    sheet = hand.main.sheet
    assert isinstance(sheet, SavedSheet)
    assert client.called("saved.refresh") == [()]
    client.state.saved = [
        Message("Général", 7, "jules", "the \u202enumbers", 1_700_000_000_000, room_id="db,1"),
        Message("Général", 3, "zoe", "one", 1_700_000_000_000, room_id="db,1"),
    ]
    client.tell(ch.SavedChanged())
    hand.settle()
    return sheet


def test_messages_are_listed(hand, sheet):
    """Each with author, room and text, and no direction characters."""
    words = [words for words, _show, _off in sheet.rows]
    assert len(words) == 2
    assert "Général" in words[0]
    assert words[1].endswith("one")


def test_shown_and_taken_off_by_keyboard(hand, client, sheet):
    """Return on a button takes a message off the list, or shows it in its room."""
    hand.press("<Return>", sheet.rows[1][2])
    assert client.called("saved.save") == [("general", 3, False)]
    client.state.saved = client.state.saved[:1]
    client.tell(ch.SavedChanged())
    hand.settle()
    assert len(sheet.rows) == 1
    hand.press("<Return>", sheet.rows[0][1])
    assert sheet.closed


def test_nothing_saved(hand, client, sheet):
    """An empty list says so."""
    client.state.saved = []
    client.tell(ch.SavedChanged())
    hand.settle()
    assert sheet.rows == []


def test_erased_author_is_told_in_the_readers_language(hand, client, sheet):
    """Whose account is gone is a former member, in the words of the catalogue and not of the server."""
    erased = Message("Général", 7, "former member", "hello", 1_700_000_000_000, former=True, room_id="db,1")
    client.state.saved = [erased]
    client.tell(ch.SavedChanged())
    hand.settle()
    assert sheet.rows[0][0].startswith(_("timeline.erased_author"))
