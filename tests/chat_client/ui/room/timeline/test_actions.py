"""What one can do with a message."""

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
    assert menu("m1") == ["Reply", "React", "Save for later", "Copy text", "Send a private message"]


def test_menu_of_ones_own_message(hand, general, menu):
    """One's own message may be changed and deleted."""
    assert menu("m2") == ["Reply", "React", "Save for later", "Copy text", "Edit", "Delete"]


def test_menu_of_a_moderator(hand, client, general, menu):
    """A moderator may delete any message, and change none."""
    client.state.role = "moderator"
    assert menu("m1") == ["Reply", "React", "Save for later", "Copy text", "Send a private message", "Delete"]


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
    """Deleting asks with the keyboard on Cancel; the other button does it."""
    menu("m2")
    choose(hand, "Delete")
    hand.press("<Return>")
    assert client.called("outbox.delete") == []
    menu("m2")
    choose(hand, "Delete")
    hand.press("<Tab>")
    hand.press("<space>")
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


@pytest.fixture
def choose_first(hand):
    """A function that chooses the first of the messages, by keyboard."""

    def choose_by_keyboard(count):
        for _step in range(count):
            hand.press("<Up>", hand.paper)

    return choose_by_keyboard


@pytest.fixture
def small_menu(hand, monkeypatch):
    """The menu of links and reactions, which is not shown."""
    menu = hand.view.messages.menu
    monkeypatch.setattr(menu, "tk_popup", lambda x, y: None)
    return menu


def test_link_by_keyboard(hand, client, general, now, monkeypatch, choose_first):
    """O opens the link of the chosen message."""
    opened: list[str] = []
    monkeypatch.setattr("chat_client.ui.room.message_commands.webbrowser.open", opened.append)
    client.arrive(general, "jules", "look: https://example.org/a", now)
    hand.settle()
    choose_first(1)
    hand.press("<o>", hand.paper)
    assert opened == ["https://example.org/a"]


def test_one_of_several_links_by_keyboard(hand, client, general, now, monkeypatch, choose_first, small_menu):
    """Of several links each is offered."""
    opened: list[str] = []
    monkeypatch.setattr("chat_client.ui.room.message_commands.webbrowser.open", opened.append)
    client.arrive(general, "jules", "https://example.org/a https://example.org/b", now)
    hand.settle()
    choose_first(1)
    hand.press("<o>", hand.paper)
    assert opened == []
    small_menu.invoke("https://example.org/b")
    assert opened == ["https://example.org/b"]


def test_unfold_by_keyboard(hand, client, general, now, menu, choose_first):
    """F shows the whole of a long message, after which nothing is left to unfold."""
    client.arrive(general, "jules", "\n".join(f"line {number}" for number in range(60)), now)
    hand.settle()
    assert "Show whole message" in menu("m3")
    assert "line 59" not in hand.timeline()
    choose_first(1)
    hand.press("<f>", hand.paper)
    assert "line 59" in hand.timeline()
    assert "Show whole message" not in menu("m3")


def test_follow_a_quote_by_keyboard(hand, client, general, now, choose_first):
    """Q shows the message that the chosen one answers; what is not loaded is asked for."""
    client.arrive(general, "jules", "yes", now, reply_to=99)
    hand.settle()
    choose_first(1)
    hand.press("<q>", hand.paper)
    assert client.called("history.jump_to") == [("general", 99)]


def test_read_and_toggle_reactions_by_keyboard(hand, client, general, now, choose_first, small_menu):
    """W says who reacted to the chosen message; a reaction chosen there is given or taken back."""
    client.arrive(general, "jules", "hm", now, reactions={"✔": ["zoe", "jules"], "★": ["jules"], "✘": []})
    hand.settle()
    choose_first(1)
    hand.press("<w>", hand.paper)
    labels = [small_menu.entrycget(number, "label") for number in range(small_menu.index("end") + 1)]
    assert labels == ["✔  Zoé, Jules", "★  Jules"]
    small_menu.invoke(0)
    small_menu.invoke(1)
    assert client.called("outbox.react") == [("general", 3, "✔", False), ("general", 3, "★", True)]
