"""Every action of the program and the window: by keyboard alone and by mouse alone."""

import pytest

from chat_client.ui.action_targets import Program, Window
from chat_client.ui.actions import PROGRAM, WINDOW, Action
from chat_client.ui.sheets.switcher import Switcher
from chat_client.ui.widgets.widgets import close_menu
from tests.chat_client.ui.ways.means import (
    click,
    click_entry,
    click_row,
    entry_of,
    go_to_row,
    icon_button_of,
    noted,
)


def as_usual(hand):
    pass


def in_a_conversation(hand):
    hand.client.add_direct("jules", last_seq=1)
    hand.settle()
    hand.open("@jules")


def in_a_pause(hand):
    hand.main.menus.attending.pause("1h")


def without_receipts(hand):
    hand.main.menus.attending.set_receipts(False)


def without_telling_time(hand):
    hand.client.own_settings.choose("utc_offset", False)


def with_mentions_alone(hand):
    hand.main.actions.do("notify_mentions")


def with_a_picture(hand):
    hand.client.state.avatars["zoe"] = "a1"


STAGES = (
    as_usual,
    in_a_conversation,
    in_a_pause,
    without_receipts,
    without_telling_time,
    with_mentions_alone,
    with_a_picture,
)
ACTIONS: list[Action[Program] | Action[Window]] = [*PROGRAM, *WINDOW]


#: What has a widget that says more than an icon.
OWN_WIDGETS = {
    "switch": lambda hand: hand.main.rooms.switch,
    "account_menu": lambda hand: hand.main.rooms.account,
}


def by_keyboard(hand, action):
    """Its key; where it has none, the list of Ctrl+K."""
    if action.keys:
        hand.press(f"<{action.keys[0]}>", hand.view.composer.text)
        return
    hand.press("<Control-k>", hand.view.composer.text)
    switcher = hand.main.sheet
    for letter in action.words[:3]:
        switcher.entry.insert("end", letter)
    hand.settle()
    go_to_row(hand, switcher.list, f"action {action.id}", switcher.entry)
    hand.press("<Return>")


def by_mouse(hand, action):
    """Its button, the menu of one's own account, or the list that the button above the rooms opens."""
    if action.id in OWN_WIDGETS:
        click(hand, OWN_WIDGETS[action.id](hand))
        return
    button = icon_button_of(hand, action.tip)
    if button is not None:
        click(hand, button)
        return
    click(hand, hand.main.rooms.account)
    menu = hand.main.menus.menu
    if entry_of(menu, action.words) >= 0:
        click_entry(hand, menu, action.words)
        return
    hand.press("<Escape>", menu)
    click(hand, hand.main.rooms.switch)
    click_row(hand, hand.main.sheet.list, f"action {action.id}")


@pytest.mark.long
@pytest.mark.parametrize("way", [by_keyboard, by_mouse], ids=["keyboard", "mouse"])
def test_every_action_has_a_way(full, way):
    """Each action that can be done in one of the stages is done by the keyboard alone, by the mouse alone."""
    left = {action.id: action for action in ACTIONS}
    for stage in STAGES:
        stage(full)
        full.settle()
        for action in [each for each in left.values() if full.main.actions.can(each.id)]:
            with noted(action) as ran:
                way(full, action)
            assert len(ran) == 1, action.id
            if full.main.sheet is not None:
                full.main.sheet.close()
            close_menu(full.app.root)
            full.settle()
            del left[action.id]
    assert not left, "can be done in none of the stages: add one"


def test_list_of_commands_is_there_before_anything_is_typed(full):
    """The mouse alone finds each command in the list of Ctrl+K, under the rooms."""
    click(full, full.main.rooms.switch)
    switcher = full.main.sheet
    assert isinstance(switcher, Switcher)
    commands = {
        row.key.removeprefix("action ") for row in switcher.list.rows if row.key.startswith("action ")
    }
    assert commands == {action.id for action in full.main.actions.commands()} - {"switch"}
