"""What one can do with a message."""

from __future__ import annotations

import time

import pytest


@pytest.fixture
def now():
    return round(time.time() * 1000)


@pytest.fixture
def general(client, hand, now):
    room = client.state.rooms["general"]
    client.arrive(room, "jules", "theirs", now - 60_000)
    client.arrive(room, "zoe", "mine", now)
    hand.settle()
    return room


@pytest.fixture
def menu(hand, monkeypatch):
    """A function that opens the menu of a message and gives its labels."""
    shown = hand.view.actions.menu
    monkeypatch.setattr(shown, "tk_popup", lambda x, y: None)

    def labels(key):
        hand.view.actions.open_menu(key, 0, 0)
        last = shown.index("end")
        return [shown.entrycget(n, "label") for n in range(last + 1) if shown.type(n) != "separator"]

    return labels


def choose(hand, label):
    shown = hand.view.actions.menu
    shown.invoke(label)
    hand.settle()


def test_menu_of_anothers_message(hand, general, menu):
    """Of another's message one may answer, react, copy, and write to its author."""
    assert menu("m1") == ["Reply", "React", "Copy text", "Send a private message"]


def test_menu_of_ones_own_message(hand, general, menu):
    """One's own message may be changed and deleted."""
    assert menu("m2") == ["Reply", "React", "Copy text", "Edit", "Delete"]


def test_menu_of_a_moderator(hand, client, general, menu):
    """A moderator may delete any message, and change none."""
    client.state.role = "moderator"
    assert menu("m1") == ["Reply", "React", "Copy text", "Send a private message", "Delete"]


def test_old_message_cannot_be_edited(hand, client, general, menu):
    """After a day one's own message stays as it is."""
    general.messages[1].sent_at -= 25 * 3600 * 1000
    assert "Edit" not in menu("m2")


def test_reply(hand, client, general, menu):
    """A reply says above the composer what it answers, and goes out with it."""
    menu("m1")
    choose(hand, "Reply")
    assert hand.view.composer.context_words == "Replying to Jules: theirs"
    hand.write("indeed")
    hand.press("<Return>")
    assert client.called("outbox.send") == [("general", "indeed", 1)]
    assert hand.view.composer.context_words == ""


def test_escape_takes_a_reply_back(hand, client, general, menu):
    """Escape makes a reply an ordinary message."""
    menu("m1")
    choose(hand, "Reply")
    hand.press("<Escape>", hand.view.composer.text)
    hand.write("hm")
    hand.press("<Return>")
    assert client.called("outbox.send") == [("general", "hm", None)]


def test_edit(hand, client, general, menu):
    """Editing brings the text into the composer; what was being written comes back after it."""
    hand.write("draft")
    menu("m2")
    choose(hand, "Edit")
    assert hand.view.composer.get() == "mine"
    hand.write(" too")
    hand.press("<Return>")
    assert client.called("outbox.edit") == [("general", 2, "mine too")]
    assert client.called("outbox.send") == []


def test_up_edits_the_last_message(hand, client, general):
    """The Up key in an empty composer edits one's last message; Escape leaves it as it was."""
    hand.press("<Up>", hand.view.composer.text)
    assert hand.view.composer.get() == "mine"
    hand.press("<Escape>")
    assert hand.view.composer.get() == ""
    assert client.called("outbox.edit") == []


def test_delete_asks_first(hand, client, general, menu):
    """Deleting asks, and Return does it."""
    menu("m2")
    choose(hand, "Delete")
    assert client.called("outbox.delete") == []
    hand.press("<Return>")
    assert client.called("outbox.delete") == [("general", 2)]


def test_delete_can_be_cancelled(hand, client, general, menu):
    """Escape closes the question, and nothing is deleted."""
    menu("m2")
    choose(hand, "Delete")
    hand.press("<Escape>")
    assert client.called("outbox.delete") == []


def test_private_conversation_from_a_message(hand, client, general, menu):
    """The author of a message can be written to in private."""
    menu("m1")
    choose(hand, "Send a private message")
    assert client.state.open_room == "@jules"
    assert hand.view.header.texts[0] == "Jules"


def test_react_by_keyboard(hand, client, general):
    """A message is reached with the arrows, and a reaction chosen with them."""
    hand.press("<Up>", hand.paper)
    hand.press("<Up>", hand.paper)
    hand.press("<plus>", hand.paper)
    hand.press("<Right>")
    hand.press("<Return>")
    [(room, seq, emoji, on)] = client.called("outbox.react")
    assert (room, seq, on) == ("general", 1, True)
    assert emoji


def test_keys_on_a_message(hand, client, general):
    """R answers the chosen message and C copies it."""
    hand.press("<Up>", hand.paper)
    hand.press("<Up>", hand.paper)
    assert "theirs" in "".join(hand.tagged("cursor"))
    hand.paper.event_generate("<c>")
    assert hand.app.root.clipboard_get() == "theirs"
    hand.paper.event_generate("<r>")
    hand.settle()
    assert hand.view.composer.context_words.startswith("Replying to Jules")


def test_toolbar_under_the_pointer(hand, general):
    """The pointer over a message brings its toolbar, and takes it away over a deleted one."""
    toolbar = hand.view.actions.toolbar
    x, y, _w, h = hand.paper.bbox("m1.last - 2 chars")
    hand.paper.event_generate("<Motion>", x=x, y=y + h // 2)
    hand.settle()
    assert toolbar.winfo_ismapped()
    general.messages[0].deleted = True
    hand.paper.event_generate("<Motion>", x=x + 1, y=y + h // 2)
    hand.settle()
    assert not toolbar.winfo_ismapped()
