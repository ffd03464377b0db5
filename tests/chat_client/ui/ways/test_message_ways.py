"""Every action of a message: by keyboard alone and by mouse alone."""

import pytest

from chat_client.model import changes as ch
from chat_client.model.state import MessageState, Status
from chat_client.model.transfer_state import TransferState
from chat_client.ui.action_targets import Chosen
from chat_client.ui.message_actions import MESSAGE
from chat_client.ui.room.timeline.wording import FOLD_OVER_LINES
from chat_client.ui.widgets.widgets import close_menu
from chat_protocol.objects import File, Message
from tests.chat_client.ui.ways.means import choose_entry, click, click_entry, noted

PICTURE = File("f1", "a.png", 100, "image/png", 20, 20)
PAPER = File("f2", "b.pdf", 100, "application/pdf")


@pytest.fixture
def talk(full, client, at):
    """A room in which there is a message of each kind."""
    room = client.state.rooms["general"]
    now = client.state.connection.server_now_ms(at())
    client.arrive(room, "jules", "see https://example.org", at(2), reactions={"👍": {"zoe"}}, reply_to=1)
    client.arrive(room, "jules", "\n".join(f"line {n}" for n in range(FOLD_OVER_LINES + 4)), at(3))
    client.arrive(room, "jules", "files", at(4), files=(PICTURE, PAPER))
    room.pins = [Message("Général", 1, "jules", "first", at(0))]
    client.state.rooms["general"].messages[-1].mine = False
    client.write(room, "zoe", "mine", now)
    client.outbox.send("general", "refused")
    client.refuse(room.pending[-1].nonce, "muted")
    for nonce, paused in (("n1", False), ("n2", True)):
        file = File(f"waiting/u{nonce}", "c.pdf", 4096)
        room.pending.append(
            MessageState(None, "zoe", nonce, at(9), nonce, Status.PENDING, mine=True, files=(file,))
        )
        client.state.transfers[f"u{nonce}"] = TransferState(f"u{nonce}", "c.pdf", 4096, nonce, 1024, paused)
        client.tell(ch.TransferChanged(f"u{nonce}"))
    client.tell(ch.PendingChanged("general"), ch.PinsChanged("general"))
    full.settle()
    full.open("general")
    return full


def select(hand):
    """Select a word with the pointer, as far as Tk is concerned."""
    paper = hand.paper
    place = paper.search("first", "1.0")
    paper.tag_add("sel", place, f"{place} + 5 chars")


def key_for(hand, action):
    """Give the entry of a message with which an action can be done."""
    for entry in hand.paper.entries:
        if entry.kind == "message" and action.enabled(Chosen(hand.view.messages, entry.message, 0, 0)):
            return entry.key
    raise AssertionError(f"{action.id} can be done with none of the messages: add one")


def go_to(hand, key):
    """Bring the keyboard's place to a message by the arrows."""
    hand.paper.focus_force()
    while hand.view.actions.cursor != key:
        before = hand.view.actions.cursor
        hand.press("<Up>")
        assert hand.view.actions.cursor != before


def by_key(hand, action, key):
    """Its key on the chosen message; where it has none, the message's menu."""
    hand.view.actions.clear_cursor()
    go_to(hand, key)
    if action.keys:
        hand.press(f"<{action.keys[0]}>")
    else:
        by_menu_key(hand, action, key)


def by_menu_key(hand, action, key):
    """The message's menu, by Return."""
    hand.view.actions.clear_cursor()
    go_to(hand, key)
    hand.press("<Return>")
    choose_entry(hand, hand.view.actions.menu, action.words)


def by_mouse(hand, action, key):
    """The message's menu, by the right button."""
    paper = hand.paper
    paper.see(f"{key}.first")
    hand.app.root.update()
    x, y, _width, height = paper.bbox(f"{key}.first")
    click(hand, paper, x + 4, y + height // 2, 3)
    click_entry(hand, hand.view.actions.menu, action.words)


@pytest.mark.long
@pytest.mark.parametrize("way", [by_key, by_menu_key, by_mouse], ids=["key", "menu-key", "mouse"])
def test_every_action_of_a_message_has_a_way(talk, way):
    """Each action is done with a message that allows it, by the keyboard alone, by the mouse alone."""
    for action in MESSAGE:
        if action.id == "copy_selection":
            select(talk)
        with noted(action) as ran:
            way(talk, action, key_for(talk, action))
        assert [type(on) for on in ran] == [Chosen], action.id
        close_menu(talk.app.root)
        talk.paper.tag_remove("sel", "1.0", "end")
