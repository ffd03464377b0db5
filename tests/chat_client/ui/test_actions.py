"""The table of actions: what it binds, fills and documents."""

import re

import pytest

from chat_client import i18n
from chat_client.i18n import _
from chat_client.model.state import NotifyLevel
from chat_client.ui.action_targets import Chosen
from chat_client.ui.actions import PROGRAM, TIMELINE, WINDOW, WRITING, key_name
from chat_client.ui.file_actions import FILE
from chat_client.ui.list_actions import PERSON, ROOM
from chat_client.ui.message_actions import MESSAGE
from chat_client.ui.sheets.saved_sheet import SavedSheet
from chat_client.ui.sheets.switcher import Switcher
from tests.support.key_table import CLIENT_PAGES, key_table, with_table
from tests.support.terminal_table import TERMINAL

TABLES = (PROGRAM, WINDOW, WRITING, TIMELINE, MESSAGE, ROOM, PERSON, FILE)


@pytest.mark.parametrize("language", CLIENT_PAGES)
def test_page_has_the_keys_of_the_table(language):
    """The keys in the user's guide are those of the table of actions, in its language."""
    page = CLIENT_PAGES[language].read_text(encoding="utf-8")
    assert page == with_table(page, language), "stale: run `make key-table` and commit it"


def test_table_of_keys_speaks_the_language():
    """The table tells the keys in the language that it is asked for."""
    assert "| Ctrl+K | Go to a room or person, find a command |" in key_table()
    assert "| Ctrl+K | Aller à un salon, à une personne, trouver une commande |" in key_table("fr")


def test_page_says_the_same_in_french():
    """The French guide has the English one's sections, commands and options: one for one, and no more."""
    english, french = (path.read_text(encoding="utf-8") for path in CLIENT_PAGES.values())
    for pattern in (r"(?m)^(#+) ", r"`(/[a-z-]+)", r"(--[a-z-]+)", r"(?m)^\| (?:\d+)", r"(CHAT_[A-Z_]+)"):
        assert re.findall(pattern, french) == re.findall(pattern, english)


def test_page_without_its_marks_is_refused():
    """A page that has lost the marks around the table is not written over."""
    with pytest.raises(ValueError, match="needs the lines"):
        with_table("# The window\n")


def test_ids_are_unique():
    """An id names one action."""
    ids = [action.id for table in TABLES for action in table]
    assert len(ids) == len(set(ids))


def test_terminal_has_what_the_window_has():
    """Each action is a command of the terminal client, or the table in tests/support says why not."""
    i18n.use("en")
    commands = set(re.findall(r"/([a-z-]+)", _("terminal.help")))
    assert {action.id for table in TABLES for action in table} == set(TERMINAL)
    assert {does for does in TERMINAL.values() if " " not in does} <= commands | {"help"}


@pytest.mark.parametrize("tables", [(PROGRAM, WINDOW), (WRITING,)])
def test_keys_are_unique(tables):
    """A key of the window or the composer does one thing."""
    keys = [key for table in tables for action in table for key in action.keys]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("key", "name"),
    [("Control-k", "Ctrl+K"), ("Alt-Shift-Up", "Alt+Shift+↑"), ("plus", "+"), ("Control-comma", "Ctrl+,")],
)
def test_key_name(key, name):
    """A key is told as it stands on the keyboard."""
    assert key_name(key) == name


def test_keys_of_a_message_exclude_each_other(hand, client, at):
    """Of two actions on the same key at most one can be done with any message."""
    room = client.state.rooms["general"]
    theirs = client.arrive(room, "jules", "see https://example.org", at(), reactions={"👍": ["zoe"]})
    mine = client.arrive(room, "zoe", "mine", at(), reply_to=1)
    client.outbox.send("general", "pending")
    refused = room.pending[0]
    hand.settle()
    for message in (theirs, mine, refused):
        chosen = Chosen(hand.view.messages, message, 0, 0)
        keys = [key for action in MESSAGE if action.enabled(chosen) for key in action.keys]
        assert len(keys) == len(set(keys))
    client.refuse(refused.nonce, "muted")
    chosen = Chosen(hand.view.messages, refused, 0, 0)
    keys = [key for action in MESSAGE if action.enabled(chosen) for key in action.keys]
    assert sorted(keys) == ["Delete", "c", "r"]


def test_unknown_action_is_an_error(hand):
    """A button for an action that is not in the table is a mistake in the program."""
    with pytest.raises(KeyError):
        hand.main.actions.find("nothing")


def test_switcher_does_a_command(hand, client):
    """Ctrl+K finds a command by a part of its name, and Return does it."""
    hand.press("<Control-k>", hand.view.composer.text)
    switcher = hand.main.sheet
    assert isinstance(switcher, Switcher)
    switcher.query.set("search mess")
    hand.settle()
    assert "Search messages" in switcher.list.texts()
    hand.press("<Return>", switcher.entry)
    assert hand.main.search.winfo_ismapped()


def test_attention_is_governed_by_commands(hand, client):
    """Ctrl+K finds pauses, hours, words, receipts, levels of the room and saved messages, as they fit."""
    client.state.connection.capabilities = ("receipts", "saved")

    def offered() -> set[str]:
        return {action.id for action in hand.main.actions.commands()}

    always = {"quiet_hours", "calling_words", "saved_messages"}
    assert (
        always | {"pause_30m", "pause_1h", "pause_tomorrow", "receipts_off", "notify_mentions"} <= offered()
    )
    assert not {"end_pause", "receipts_on", "notify_all"} & offered()
    for action_id in ("pause_1h", "receipts_off", "notify_none"):
        hand.main.actions.do(action_id)
    assert {"end_pause", "receipts_on", "notify_all"} <= offered()
    assert not {"pause_1h", "receipts_off", "notify_none"} & offered()
    assert client.state.rooms["general"].notify == NotifyLevel.NONE
    hand.main.actions.do("end_pause")
    assert "pause_1h" in offered()
    client.state.connection.capabilities = ()
    assert not {"receipts_on", "saved_messages"} & offered()


def test_saved_messages_have_a_key(hand, client):
    """Ctrl+L shows the saved messages, from the composer, too."""
    client.state.connection.capabilities = ("saved",)
    hand.press("<Control-l>", hand.view.composer.text)
    assert isinstance(hand.main.sheet, SavedSheet)


def test_switcher_offers_no_command_that_cannot_be_done(hand, client):
    """Who is no moderator finds no way to the join requests."""
    assert "requests" not in [action.id for action in hand.main.actions.commands()]
    client.state.role = "moderator"
    assert "requests" in [action.id for action in hand.main.actions.commands()]
