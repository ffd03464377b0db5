"""Every action of the composer and the timeline: by keyboard alone and by mouse alone."""

import pytest

from chat_client.ui.actions import TIMELINE, WRITING
from tests.chat_client.ui.ways.means import choose_entry, click, click_entry, click_row, entry_of, noted


def send(hand):
    """The button at the right of the field."""
    hand.write("words")
    click(hand, hand.view.composer.send_button)
    assert hand.client.called("outbox.send")[-1][1] == "words"


def complete(hand):
    """A row of the list over the field."""
    hand.write("@ju")
    click_row(hand, hand.view.composer.suggestions.list, "jules")
    assert hand.view.composer.get() == "@jules "
    hand.view.composer.set("")


def cancel(hand):
    """The cross beside the reply."""
    hand.view.start_reply(hand.client.state.rooms["general"].messages[0])
    hand.settle()
    click(hand, hand.view.composer._context_close)
    assert hand.view.composer.context_words == ""


#: What is done at its own place; all others stand in the menu of the right button.
MOUSE = {"send": send, "complete": complete, "cancel": cancel}


@pytest.mark.parametrize("action", WRITING, ids=lambda action: action.id)
def test_key_of_the_composer(full, action):
    """Each of its keys does the action where one writes."""
    assert action.keys
    for key in action.keys:
        with noted(action) as ran:
            full.press(f"<{key}>", full.view.composer.text)
        assert len(ran) == 1, key


@pytest.mark.long
@pytest.mark.parametrize("opened_by", ["mouse", "keyboard"])
def test_menu_of_the_composer(full, opened_by):
    """What has no place of its own stands in its menu, which the right button and the Menu key open."""
    composer = full.view.composer
    for action in WRITING:
        if opened_by == "mouse" and action.id in MOUSE:
            MOUSE[action.id](full)
            continue
        with noted(action) as ran:
            if opened_by == "mouse":
                click(full, composer.text, number=3)
                click_entry(full, composer.menu, action.words)
            elif action.id not in ("complete", "cancel"):
                full.press("<Shift-F10>", composer.text)
                choose_entry(full, composer.menu, action.words)
            else:
                continue
        assert len(ran) == 1, action.id
        assert full.app.root.focus_get() is composer.text


def test_menu_edits_the_text(full):
    """Cut, copy, paste and select all are there for the mouse; what needs a selection waits for one."""
    composer = full.view.composer
    full.write("one two")
    click(full, composer.text, number=3)
    assert entry_of(composer.menu, "Cut") == -1
    click_entry(full, composer.menu, "Select all")
    click(full, composer.text, number=3)
    click_entry(full, composer.menu, "Cut")
    assert composer.get() == ""
    click(full, composer.text, number=3)
    click_entry(full, composer.menu, "Paste")
    assert composer.get().rstrip("\n") == "one two"


@pytest.mark.parametrize("action", TIMELINE, ids=lambda action: action.id)
def test_key_of_the_timeline(full, action):
    """Each of its keys chooses a message, or opens the menu of the chosen one."""
    for key in action.keys:
        with noted(action) as ran:
            full.press(f"<{key}>", full.paper)
        assert len(ran) == 1, key


def test_pointer_chooses_any_message(full):
    """The right button opens the menu of the message under it, whatever the keyboard has chosen."""
    paper, menu = full.paper, full.view.actions.menu
    for words in ("first", "second"):
        place = paper.search(words, "1.0")
        x, y, _width, height = paper.bbox(place)
        click(full, paper, x + 2, y + height // 2, 3)
        click_entry(full, menu, "Reply")
        assert words in full.view.composer.context_words
