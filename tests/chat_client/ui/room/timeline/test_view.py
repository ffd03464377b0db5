"""The timeline in the window."""

import pytest

from chat_client.model import changes as ch
from chat_client.model.state import MessageState
from chat_client.ui.room.timeline.loaded_range import LINES_MAX, MESSAGES_MAX, STEP_MESSAGES
from chat_client.ui.room.timeline.wording import FOLD_OVER_LINES


@pytest.fixture
def general(client, hand):
    return client.state.rooms["general"]


def fill(client, room, at, count, author="jules"):
    for number in range(count):
        client.write(room, author, f"message {room.last_seq + 1}", at(number / 60))
    room.read_seq = room.last_seq


def top_line(hand):
    """Read the line at the top of the view, and where it stands."""
    info = hand.paper.dlineinfo("@0,0")
    return hand.paper.get("@0,0 linestart", "@0,0 lineend"), info[1]


def test_message_appears(hand, client, general, at):
    """What arrives stands at the end, under its author's name."""
    client.arrive(general, "jules", "Hello **there**", at())
    hand.settle()
    assert "Jules  12:00\nHello there\n" in hand.timeline()
    assert hand.tagged("bold") == ["there"]


def test_own_message_goes_from_waiting_to_stored(hand, client, general):
    """One's own message is there at once in grey, and gets its tick when it is stored."""
    hand.write("on my way")
    hand.press("<Return>")
    assert hand.tagged("pending") == ["on my way"]
    client.store("nonce-1")
    hand.settle()
    assert hand.tagged("pending") == []
    assert hand.timeline().count("on my way") == 1
    assert hand.view.composer.get() == ""


def test_refused_message_can_be_retried(hand, client, general):
    """A refused message says why; "Try again" and "Discard" do what they say."""
    hand.write("too fast")
    hand.press("<Return>")
    client.refuse("nonce-1", "rate_limited")
    hand.settle()
    assert "Not sent. Too much at once." in hand.timeline()
    hand.click("retry")
    hand.click("discard")
    assert client.called("outbox.retry") == [("nonce-1",)]
    assert client.called("outbox.discard") == [("nonce-1",)]


def test_order_of_stored_and_waiting(hand, client, general, at):
    """What others say meanwhile stands above what still waits."""
    hand.write("mine")
    hand.press("<Return>")
    client.arrive(general, "jules", "theirs", at())
    hand.settle()
    assert hand.timeline().index("theirs") < hand.timeline().index("mine")


def test_day_lines_and_start(hand, client, general, at):
    """Each day has its line, and the beginning of the history says so."""
    client.write(general, "jules", "old", at(days=-1))
    client.write(general, "jules", "young", at())
    general.read_seq = 2
    hand.open("blabla")
    hand.open("general")
    kinds = [entry.kind for entry in hand.paper.entries]
    assert kinds == ["start", "day", "message", "day", "message"]
    assert "This is where it begins." in hand.timeline()


def test_new_line_stands_at_the_first_unread(hand, client, at):
    """A room opens with the "new" line in front of what was not read, and reading is told."""
    room = client.state.rooms["blabla"]
    fill(client, room, at, 5)
    room.read_seq, room.unread = 3, 2
    hand.open("blabla")
    place = hand.paper.place_of("n")
    assert hand.paper.entries[place + 1].key == "m4"
    assert client.called("history.mark_read")


def test_new_line_comes_while_nobody_looks(hand, client, general, at):
    """What arrives while the window is not in front gets the "new" line."""
    client.arrive(general, "jules", "seen", at())
    hand.settle()
    hand.app.attention.in_front = False
    client.arrive(general, "jules", "unseen", at(1))
    client.arrive(general, "jules", "unseen too", at(2))
    hand.settle()
    place = hand.paper.place_of("n")
    assert hand.paper.entries[place + 1].message.body == "unseen"


def test_unread_is_kept_until_somebody_looks(hand, client, general, at):
    """A message that arrives behind the user's back stays unread until the window is in front."""
    hand.app.attention.in_front = False
    client.calls.clear()
    client.arrive(general, "jules", "psst", at())
    hand.settle()
    assert client.called("history.mark_read") == []
    hand.app.attention.focus(True)
    assert client.called("history.mark_read") == [("general", 1)]


def test_history_loads_without_a_jump(hand, client, general, at):
    """Scrolling up writes what the model has, asks for more, and nothing that is read moves."""
    old = [MessageState(seq, "jules", f"message {seq}", at(days=-1)) for seq in range(1, 151)]
    general.last_seq = 150
    fill(client, general, at, 100)
    client.older["general"] = old
    hand.open("blabla")
    hand.open("general")
    shown = len(hand.paper.entries)
    for _ in range(6):
        hand.paper.yview_moveto(0.0)
        hand.paper.scroll_pixels(100)
        read = hand.paper.key_at(f"@0,{hand.paper.winfo_height() // 2}")
        before = hand.paper.dlineinfo(f"{read}.first")[1]
        hand.view.timeline.note_place()
        hand.settle()
        assert hand.paper.dlineinfo(f"{read}.first")[1] == before
    assert len(hand.paper.entries) > shown
    assert len(client.called("history.load_older")) == 3
    assert hand.paper.entries[0].kind == "start"


def test_widget_stays_small(hand, client, general, at):
    """However much arrives or is scrolled through, the widget holds some hundreds of messages."""
    fill(client, general, at, 2000)
    hand.open("blabla")
    hand.open("general")
    for _ in range(25):
        hand.press("<Home>", hand.paper)
    assert len(hand.paper.entries) <= MESSAGES_MAX + STEP_MESSAGES + 5
    assert hand.view.timeline.jump_button.button.winfo_ismapped()
    hand.view.timeline.jump_button.button.invoke()
    hand.settle()
    assert "message 2000\n" in hand.timeline()
    assert not hand.view.timeline.jump_button.button.winfo_ismapped()


def test_widget_stays_small_while_messages_arrive(hand, client, general, at):
    """Messages that arrive push the oldest out of the widget."""
    for number in range(6):
        fill(client, general, at, 100)
        client.tell(ch.MessagesAppended("general", 100))
        hand.settle()
        assert f"message {(number + 1) * 100}\n" in hand.timeline()
    assert len(hand.paper.entries) <= MESSAGES_MAX + STEP_MESSAGES + 5
    assert hand.paper.entries[-1].key == "m600"


def test_long_messages_are_bounded_by_lines(hand, client, general, at):
    """Many long messages are bounded by their lines."""
    body = "\n".join("x" * 3 for _ in range(FOLD_OVER_LINES))
    for _ in range(4):
        for _ in range(40):
            client.write(general, "jules", body, at())
        client.tell(ch.MessagesAppended("general", 40))
        hand.settle()
    assert hand.paper.line_count() <= LINES_MAX + 41 * FOLD_OVER_LINES


def test_scrolling_back_down_reaches_the_newest(hand, client, general, at):
    """From the oldest message one comes back to the newest by scrolling."""
    fill(client, general, at, 700)
    hand.open("blabla")
    hand.open("general")
    for _ in range(20):
        hand.press("<Home>", hand.paper)
    assert hand.paper.entries[-1].key != "m700"
    for _ in range(40):
        hand.paper.yview_moveto(1.0)
        hand.view.timeline.note_place()
        hand.settle()
    assert hand.paper.entries[-1].key == "m700"
    assert hand.view.timeline.follows


def test_reading_above_is_not_disturbed(hand, client, general, at):
    """Who reads older messages is not moved by new ones, and is told of them."""
    fill(client, general, at, 100)
    hand.open("blabla")
    hand.open("general")
    hand.press("<Prior>", hand.paper)
    hand.press("<Prior>", hand.paper)
    before = top_line(hand)
    client.arrive(general, "jules", "news", at(90))
    hand.settle()
    assert top_line(hand) == before
    assert "1 new message" in hand.view.timeline.jump_button.button.cget("text")
    hand.press("<End>", hand.paper)
    assert hand.view.timeline.follows


def test_gap_is_filled_when_it_is_seen(hand, client, general, at):
    """A hole in the history is asked for when it comes into view, and closes around the reader."""
    fill(client, general, at, 3)
    general.last_seq = 10
    fill(client, general, at, 3)
    hand.open("blabla")
    hand.open("general")
    hand.settle()
    assert client.called("history.load_before") == [("general", 11)]
    missing = [MessageState(seq, "jules", f"message {seq}", at()) for seq in range(4, 11)]
    general.messages[3:3] = missing
    general.covered.add(4, 10)
    client.tell(ch.MessagesInserted("general", 7, False))
    hand.settle()
    keys = [entry.key for entry in hand.paper.entries if entry.kind == "message"]
    assert keys == [f"m{seq}" for seq in range(1, 14)]
    assert not hand.paper.tag_ranges("gap")


def test_edit_deletion_and_reaction_change_in_place(hand, client, general, at):
    """A message that changes is written anew where it stands."""
    fill(client, general, at, 3)
    hand.open("blabla")
    hand.open("general")
    middle = general.messages[1]
    middle.body, middle.edited_at = "better", at(2)
    client.tell(ch.MessageChanged("general", 2))
    hand.settle()
    assert "message 1\nbetter  (edited)\nmessage 3\n" in hand.timeline()
    middle.reactions = {"👍": ("jules",)}
    client.tell(ch.MessageChanged("general", 2))
    hand.settle()
    assert hand.paper.embedded("m2")[0].labels == ["👍 1"]
    middle.deleted = True
    client.tell(ch.MessageChanged("general", 2))
    hand.settle()
    assert "message 1\nThis message was deleted.\nmessage 3\n" in hand.timeline()
    assert hand.paper.embedded("m2") == []


def test_reaction_is_toggled_by_its_chip(hand, client, general, at):
    """A click on a reaction puts one's own, and takes it back."""
    client.arrive(general, "jules", "lunch?", at(), reactions={"🎉": ("jules",)})
    hand.settle()
    chips = hand.paper.embedded("m1")[0]
    chips.event_generate("<Motion>", x=10, y=8)
    chips.event_generate("<ButtonPress-1>", x=10, y=8)
    hand.settle()
    assert client.called("outbox.react") == [("general", 1, "🎉", True)]


def test_link_is_opened(hand, client, general, at, monkeypatch):
    """A click on a link opens its address, and nothing but its address."""
    opened: list[str] = []
    monkeypatch.setattr("chat_client.ui.room.message_commands.webbrowser.open", opened.append)
    client.arrive(general, "jules", "look: https://example.org/a?b=(c).", at())
    hand.settle()
    hand.click("link")
    assert opened == ["https://example.org/a?b=(c)"]


def test_jump_to_the_original_of_a_reply(hand, client, general, at):
    """A click on what a reply answers shows it; what is not loaded is asked for."""
    fill(client, general, at, 1)
    client.arrive(general, "jules", "yes", at(1), reply_to=1)
    client.arrive(general, "jules", "no", at(2), reply_to=99)
    hand.settle()
    hand.click("quote", 0)
    assert hand.tagged("found")
    hand.click("quote", len(hand.tagged("quote")) - 1)
    assert client.called("history.jump_to") == [("general", 99)]


def test_long_message_unfolds(hand, client, general, at):
    """A folded message shows the rest when asked to."""
    client.arrive(general, "jules", "\n".join(f"line {n}" for n in range(100)), at())
    hand.settle()
    assert "line 99" not in hand.timeline()
    hand.click("unfold")
    assert "line 99" in hand.timeline()


def test_selection_is_copied(hand, client, general, at):
    """What is marked in the timeline can be copied."""
    client.arrive(general, "jules", "copy me", at())
    hand.settle()
    start = hand.paper.search("copy", "1.0")
    hand.paper.tag_add("sel", start, f"{start}+7c")
    hand.paper.event_generate("<<Copy>>")
    assert hand.app.root.clipboard_get() == "copy me"


def test_resizing_stays_at_the_newest(hand, client, general, at):
    """A window that becomes smaller goes on showing the newest message."""
    fill(client, general, at, 80)
    hand.open("blabla")
    hand.open("general")
    hand.app.root.geometry("760x480")
    hand.until(lambda: hand.app.root.winfo_width() == 760)
    hand.until(hand.paper.at_bottom)


def test_name_that_becomes_known_later(hand, client, general, at):
    """A displayed name that arrives after the messages is shown in them."""
    client.arrive(general, "nadia", "hello", at())
    client.arrive(general, "jules", "hi", at(), reply_to=1)
    hand.settle()
    assert "nadia  12:00" in hand.timeline()
    client.add_person("nadia", "Nadia B.")
    client.tell(ch.PeopleChanged(("nadia",)))
    hand.settle()
    assert "Nadia B.  12:00" in hand.timeline()
    assert "Nadia B. — hello" in hand.timeline()


@pytest.mark.logged_errors
def test_message_that_cannot_be_worded(hand, client, general, at, monkeypatch):
    """An error in one message costs that message, and the others are shown."""
    wording = hand.view.timeline._words.word
    monkeypatch.setattr(
        hand.paper, "_word", lambda entry: 1 / 0 if entry.message.body == "bad" else wording(entry)
    )
    for body in ("before", "bad", "after"):
        client.arrive(general, "jules", body, at())
    hand.settle()
    assert "before\n\ufffd\nafter\n" in hand.timeline()
