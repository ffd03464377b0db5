"""A room that is lost while the user writes in it: nothing is published elsewhere, and the text is kept."""

import pytest

from chat_client.model import changes as ch


def remove(client, key: str) -> None:
    """Let the room be removed from the server."""
    del client.state.rooms[key]
    if client.state.open_room == key:
        client.state.open_room = None
    client.tell(ch.RoomsChanged())


def take_out(client, key: str, reason: str = "") -> None:
    """Let a moderator remove the user from the room."""
    room = client.state.rooms[key]
    room.membership, room.refused, room.refusal = "none", True, reason
    client.tell(ch.RoomsChanged(), ch.RoomChanged(key))


def type_text(hand, text: str) -> None:
    """Type letters where the keyboard is."""
    for letter in text:
        hand.app.root.focus_get().event_generate(f"<Key-{'space' if letter == ' ' else letter}>")
        hand.settle()


@pytest.mark.parametrize("lose", [remove, take_out])
def test_rest_of_a_sentence_goes_nowhere(hand, client, lose):
    """After the room is lost, keys and Return change no other room; a card keeps what was written."""
    hand.open("blabla")
    hand.write("the secret is")
    lose(client, "blabla")
    hand.settle()
    type_text(hand, " known")
    hand.press("<Return>")
    assert client.called("outbox.send") == []
    assert client.state.rooms["general"].draft == ""
    card = hand.view.loss_card
    assert card.winfo_ismapped()
    assert "Blabla" in card.title.text
    assert card.text.get("1.0", "end-1c") == "the secret is"
    card.copy.invoke()
    assert hand.app.root.clipboard_get() == "the secret is"


def test_reason_of_a_removal_is_told(hand, client):
    """The card says why the user was taken out, and leads to the way back in."""
    hand.open("blabla")
    take_out(client, "blabla", "off topic")
    hand.settle()
    assert hand.view.loss_card.words.text == "off topic"
    assert not hand.view.loss_card.text.winfo_ismapped()
    hand.view.loss_card.go_on.invoke()
    hand.settle()
    assert hand.view.join_card.winfo_ismapped()


def test_draft_of_a_lost_room_is_forgotten(hand, client):
    """What was written there is not left behind for ever."""
    hand.open("blabla")
    hand.write("half a sentence")
    lost = client.state.rooms["blabla"]
    remove(client, "blabla")
    hand.settle()
    assert client.called("rooms.forget_draft") == [(lost,)]
    hand.view.loss_card.go_on.invoke()
    hand.settle()
    assert client.state.open_room == "general"
    assert hand.view.composer.get() == ""


def test_keys_typed_into_an_open_menu_go_nowhere(hand, client):
    """While a menu is open, its room being lost sends no key to another composer."""
    hand.open("blabla")
    hand.main.show_open_room_menu()
    hand.app.root.update()
    menu = hand.main.menus.menu
    remove(client, "blabla")
    hand.settle()
    for widget in (menu, hand.app.root.focus_get() or hand.app.root):
        for key in ("<Key-a>", "<Key-b>", "<Return>"):
            widget.event_generate(key)
            hand.settle()
    menu.unpost()
    hand.settle()
    assert client.called("outbox.send") == []
    assert client.state.rooms["general"].draft == ""
    assert hand.view.composer.get() == ""


def test_keyboard_stays_in_a_field_when_a_room_lets_the_user_in(hand, client):
    """Being let in while searching does not turn the search words into a message."""
    room = client.add_room("Cantine", membership="pending", kind="moderated")
    hand.open(room.key)
    hand.main.toggle_search()
    hand.settle()
    field = hand.app.root.focus_get()
    room.membership = "joined"
    client.tell(ch.RoomsChanged())
    hand.settle()
    assert hand.app.root.focus_get() is field
