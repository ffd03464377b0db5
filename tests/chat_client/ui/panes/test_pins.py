"""The bar above the timeline and the pane of all that is pinned; pinning by the key of a message."""

import pytest

from chat_client.model import changes as ch
from chat_protocol.objects import Message


@pytest.fixture
def pinned(client, hand, at):
    """A room where two of three messages are pinned; the user moderates."""
    room = client.state.rooms["general"]
    client.state.connection.capabilities = ("pins",)
    client.state.role = "moderator"
    for number, body in enumerate(("agenda", "lunch", "numbers")):
        client.arrive(room, "jules", body, at(number))
    first, second, third = (message.seq for message in room.messages[-3:])
    room.pins = [
        Message("Général", third, "jules", "numbers", at(2)),
        Message("Général", first, "jules", "agenda", at(0)),
    ]
    client.tell(ch.PinsChanged("general"))
    hand.settle()
    return room, second


@pytest.fixture
def pane(hand, pinned):
    """The pane, opened by its key."""
    hand.press("<Control-p>", hand.view.composer.text)
    return hand.main.pins


def test_bar_shows_what_was_pinned_last(hand, client, pinned):
    """With its author, and how many there are; a click on it shows the message; gone with the last pin."""
    room, _second = pinned
    bar = hand.view.pin_bar
    assert bar.winfo_ismapped()
    assert (bar.words, bar.all.cget("text")) == ("numbers", "2 pinned")
    shown: list[int] = []
    hand.view.timeline.show_around = shown.append
    bar.line.event_generate("<ButtonPress-1>", x=60, y=10)
    hand.settle()
    assert shown == [room.pins[0].seq]
    room.messages[-1].deleted = True
    client.tell(ch.MessageChanged("general", room.messages[-1].seq))
    hand.settle()
    assert bar.words == "agenda"
    room.pins = []
    client.tell(ch.PinsChanged("general"))
    hand.settle()
    assert not bar.winfo_ismapped()


def test_bar_belongs_to_its_room(hand, client, pinned):
    """In a room without pins there is none."""
    client.add_room("Blabla")
    hand.settle()
    hand.open("blabla")
    assert not hand.view.pin_bar.winfo_ismapped()
    hand.open("general")
    assert hand.view.pin_bar.winfo_ismapped()


def test_pane_lists_all_and_leads_there(hand, client, pinned, pane):
    """Return shows a message; Delete takes it off; Escape leaves."""
    room, _second = pinned
    assert pane.winfo_ismapped()
    assert [row.detail for row in pane.list.rows] == ["numbers", "agenda"]
    shown: list[int] = []
    hand.view.timeline.show_around = shown.append
    hand.press("<End>", pane.list.canvas)
    hand.press("<Return>")
    assert shown == [room.pins[1].seq]
    hand.press("<Delete>", pane.list.canvas)
    assert client.called("pins.pin") == [("general", room.pins[1].seq, False)]
    hand.press("<Escape>", pane.list.canvas)
    assert not pane.winfo_ismapped()


def test_members_only_read(hand, client, pinned, pane):
    """Who may not pin takes nothing off, and an empty list says how pins come about."""
    room, _second = pinned
    client.state.role = "member"
    hand.press("<End>", pane.list.canvas)
    hand.press("<Key-t>")
    assert client.called("pins.pin") == []
    room.pins = []
    client.tell(ch.PinsChanged("general"))
    hand.settle()
    assert pane.words.winfo_ismapped()


def test_pinned_by_key_of_the_message(hand, client, pinned):
    """T on a message pins it, and on a pinned one takes it off; not for a member alone."""
    room, second = pinned
    hand.view.timeline.paper.focus_force()
    hand.view.actions.move_cursor(0)
    hand.settle()
    hand.press("<Key-t>", hand.paper)
    hand.press("<Up>", hand.paper)
    hand.press("<Key-t>", hand.paper)
    assert client.called("pins.pin") == [("general", room.pins[0].seq, False), ("general", second, True)]
    client.state.role = "member"
    hand.press("<Key-t>", hand.paper)
    assert len(client.called("pins.pin")) == 2
