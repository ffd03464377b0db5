"""Where the keyboard is after a menu, a palette, a question, a sheet or a change of rooms."""

import pytest

from chat_client.model import changes as ch
from chat_client.ui.room.emoji import EmojiPalette
from chat_client.ui.sheets.sheet import Sheet


@pytest.fixture
def chosen(hand, client, at):
    """A timeline in which the keyboard has chosen the first of two messages."""
    room = client.state.rooms["general"]
    client.arrive(room, "jules", "choose me", at(0))
    client.arrive(room, "zoe", "not me", at(1))
    hand.settle()
    hand.press("<Up>", hand.paper)
    hand.press("<Up>")
    assert "choose me" in "".join(hand.tagged("cursor"))
    return hand


def is_chosen(hand) -> bool:
    return hand.app.root.focus_get() == hand.paper and "choose me" in "".join(hand.tagged("cursor"))


def opened(hand, kind):
    return next(child for child in hand.app.root.winfo_children() if isinstance(child, kind))


def test_message_stays_chosen_after_its_menu(chosen):
    """Escape from the menu of a message leads back to the message."""
    chosen.press("<Return>")
    menu = chosen.view.actions.menu
    assert menu.winfo_viewable()
    assert chosen.app.root.focus_get() != chosen.paper
    chosen.press("<Escape>", menu)
    assert not menu.winfo_viewable()
    assert is_chosen(chosen)


def test_message_stays_chosen_after_a_reaction(chosen, client):
    """A reaction from the palette, which writes the message again, leaves it chosen."""
    chosen.press("<plus>")
    chosen.press("<Return>", opened(chosen, EmojiPalette).entry)
    assert client.called("outbox.react")
    message = client.state.rooms["general"].messages[0]
    message.reactions["👍"] = {"zoe"}
    client.tell(ch.MessageChanged("general", message.seq))
    chosen.settle()
    assert is_chosen(chosen)


@pytest.mark.parametrize("key", ["<Control-k>", "<F1>", "<Control-comma>"])
def test_message_stays_chosen_after_a_sheet(chosen, key):
    """Escape from the switcher, the keys and the settings leads back to the message."""
    chosen.press(key)
    sheet = opened(chosen, Sheet)
    assert "choose me" not in "".join(chosen.tagged("cursor"))
    chosen.press("<Escape>", sheet)
    assert is_chosen(chosen)


def test_message_stays_chosen_after_no_to_a_question(chosen):
    """Escape from the question whether to delete a message leads back to it."""
    chosen.press("<Down>")
    chosen.press("<Delete>")
    chosen.press("<Escape>", opened(chosen, Sheet))
    assert chosen.app.root.focus_get() == chosen.paper
    assert "not me" in "".join(chosen.tagged("cursor"))


def test_another_room_has_nothing_chosen(chosen):
    """What was chosen in one room is not chosen in the next, where other messages have the same numbers."""
    chosen.open("blabla")
    assert chosen.view.actions.cursor == ""


def test_sheet_gives_the_keyboard_back_to_what_can_be_seen(hand, client):
    """Where the room was left meanwhile and its composer is hidden, the way in gets the keyboard."""
    hand.press("<Control-k>", hand.view.composer.text)
    client.state.rooms["general"].membership = "none"
    client.tell(ch.RoomsChanged())
    hand.settle()
    hand.press("<Escape>", opened(hand, Sheet))
    assert hand.app.root.focus_get() == hand.view.join_card.button


def test_join_card_takes_the_keyboard(hand, client):
    """What is typed right after opening a room that has to be asked for is the reason."""
    client.add_room("Secrets", kind="moderated", membership="none")
    client.add_room("Open", membership="none")
    hand.open("secrets")
    for letter in "why":
        hand.press(f"<KeyPress-{letter}>")
    assert hand.view.join_card.reason.get("1.0", "end-1c") == "why"
    hand.open("open")
    hand.press("<space>")
    assert client.called("rooms.join") == [("open", "")]


def test_members_are_there_after_joining(hand, client):
    """Joining from the card brings the pane of members, and the keyboard into the composer."""
    client.add_room("Open", membership="none")
    hand.open("open")
    assert not hand.main.members.winfo_ismapped()
    client.state.rooms["open"].membership = "joined"
    client.tell(ch.RoomsChanged())
    hand.settle()
    assert hand.main.members.winfo_ismapped()
    assert hand.app.root.focus_get() == hand.view.composer.text


def test_window_never_keeps_the_keyboard_for_itself(hand):
    """The keyboard that came to the window as such, where keys are lost, goes to the composer."""
    hand.app.root.focus_force()
    hand.settle()
    assert hand.app.root.focus_get() == hand.view.composer.text


def lose_room(hand, client):
    room = client.state.rooms["general"]
    room.membership, room.refused = "none", True
    client.tell(ch.RoomsChanged(), ch.RoomChanged("general"))


def be_signed_out(hand, client):
    client.state.username = ""
    client.tell(ch.SignedOut("invalid_credentials"))


def be_shown_a_sheet(hand, client):
    Sheet(hand.app.root, hand.app.look).show()


@pytest.mark.parametrize("happen", [lose_room, be_signed_out, be_shown_a_sheet])
def test_open_menu_closes_before_the_keyboard_is_moved(hand, client, happen):
    """What nobody in front of the window has done closes the menu first: it offers what may be gone."""
    hand.main.show_account_menu()
    hand.app.root.update()
    menu = hand.main.menus.menu
    assert hand.app.root.tk.call("grab", "current")
    happen(hand, client)
    hand.settle()
    assert not (menu.winfo_exists() and menu.winfo_viewable())
    assert str(hand.app.root.tk.call("grab", "current", hand.app.root)) != str(menu)
    assert str(hand.app.root.focus_get()) != str(menu)
    hand.app.restart()
    hand.app.root.focus_force()
