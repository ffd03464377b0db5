"""Writing a message."""

import pytest

from chat_protocol.limits import BODY_MAX_CHARS


@pytest.fixture
def composer(hand):
    return hand.view.composer


def test_enter_sends(hand, client, composer):
    """Return sends what was written and empties the field."""
    hand.write("hello")
    hand.press("<Return>")
    assert client.called("outbox.send") == [("general", "hello", None)]
    assert composer.get() == ""


def test_shift_enter_breaks_the_line(hand, client, composer):
    """Shift and Return begin a line, and the field grows with it."""
    before = int(composer.text.cget("height"))
    hand.write("one")
    hand.press("<Shift-Return>")
    hand.write("two")
    assert composer.get() == "one\ntwo"
    assert int(composer.text.cget("height")) == before + 1
    hand.press("<Return>")
    assert client.called("outbox.send") == [("general", "one\ntwo", None)]
    assert int(composer.text.cget("height")) == before


def test_nothing_is_not_sent(hand, client, composer):
    """White space alone stays where it is."""
    hand.write("  \n ")
    hand.press("<Return>")
    assert client.called("outbox.send") == []


def test_send_button(hand, client, composer):
    """The button sends too, and is off while there is nothing to send."""
    assert composer.send_button.instate(["disabled"])
    hand.write("hello")
    composer.send_button.invoke()
    assert client.called("outbox.send") == [("general", "hello", None)]


def test_too_long_message_stays(hand, client, composer):
    """A message over the limit says by how much, and is not sent."""
    hand.write("x" * (BODY_MAX_CHARS + 3))
    assert composer._counter.cget("text") == "3 characters too many"
    hand.press("<Return>")
    assert client.called("outbox.send") == []
    composer.text.delete("1.0", "1.3")
    hand.settle()
    assert composer._counter.cget("text") == "0 characters left"
    hand.press("<Return>")
    assert len(client.called("outbox.send")) == 1


def test_pasted_text_is_made_safe(hand, client, composer):
    """What is pasted keeps its lines, and loses what would harm."""
    hand.app.root.clipboard_clear()
    hand.app.root.clipboard_append("a\r\nb\x07\u202ec")
    composer.text.focus_force()
    composer.text.event_generate("<<Paste>>")
    hand.settle()
    assert composer.get() == "a\nb␇c"


def test_two_hundred_lines_at_once(hand, client, composer):
    """A long text in one paste is one message, in a field that does not cover the timeline."""
    hand.write("\n".join(str(number) for number in range(200)))
    assert int(composer.text.cget("height")) <= 9
    hand.press("<Return>")
    assert client.called("outbox.send")[0][1].count("\n") == 199


def test_tab_leaves_the_field(hand, composer):
    """Without a name to complete, Tab goes on to the next widget."""
    hand.write("hello")
    hand.press("<Tab>")
    assert hand.app.root.focus_get() is not composer.text
    assert composer.get() == "hello"


def test_draft_stays_with_its_room(hand, client, composer):
    """What was not sent waits in its room."""
    hand.write("unfinished")
    hand.open("blabla")
    assert composer.get() == ""
    hand.open("general")
    assert composer.get() == "unfinished"
    assert client.state.rooms["general"].draft == "unfinished"


def test_typing_is_told(hand, client, composer):
    """While one writes the others are told, and not for a text that is put there."""
    client.calls.clear()
    hand.write("h")
    assert client.called("rooms.typing") == [("general",)]
    client.calls.clear()
    composer.set("put here")
    hand.settle()
    assert client.called("rooms.typing") == []


def test_hint_names_the_room(hand, composer):
    """An empty field says where the text goes."""
    assert composer._placeholder.text == "Write to Général"
    hand.write("x")
    assert not composer._placeholder.winfo_ismapped()


def test_emptied_draft_is_kept_as_empty(hand, client):
    """What was deleted to the last letter does not return, and leaves no pencil in the list."""
    hand.write("never mind")
    assert client.state.rooms["general"].draft == "never mind"
    field = hand.view.composer.text
    field.delete("1.0", "end")
    hand.settle()
    assert client.state.rooms["general"].draft == ""
