"""Ctrl+B, Ctrl+I and Ctrl+E, quoted lines, emoji alone, and a cursor that stays where it was."""

import pytest

from chat_client.ui.room.marking import toggled
from chat_client.ui.room.markup import BOLD, CODE, ITALIC
from chat_client.ui.room.timeline.wording import is_emoji_alone


@pytest.fixture
def text(hand):
    return hand.view.composer.text


@pytest.mark.parametrize(
    ("selected", "mark", "marked"),
    [
        ("word", BOLD, "**word**"),
        (" two words ", ITALIC, " *two words* "),
        ("a\n\nb", BOLD, "**a**\n\n**b**"),
        ("x = 1", CODE, "`x = 1`"),
        ("x = 1\ny = 2", CODE, "```\nx = 1\ny = 2\n```"),
        ("", BOLD, ""),
        ("**a**", ITALIC, "***a***"),
    ],
)
def test_marks_around_a_selection(selected, mark, marked):
    """Spaces at the ends stay outside, each line has marks of its own, and the same key takes them off."""
    assert toggled(selected, mark) == marked
    assert toggled(marked, mark) == selected


@pytest.mark.parametrize(("key", "mark"), [("b", "**"), ("i", "*"), ("e", "`")])
def test_keys_mark_and_unmark(hand, text, key, mark):
    """The selection stays on the word, so that the key can be pressed again; Ctrl+Z takes it back."""
    hand.write("one word here")
    text.tag_add("sel", "1.4", "1.8")
    hand.press(f"<Control-{key}>", text)
    assert text.get("1.0", "end-1c") == f"one {mark}word{mark} here"
    text.tag_remove("sel", "1.0", "end")
    text.tag_add("sel", f"1.{4 + len(mark)}", f"1.{8 + len(mark)}")  # the word without its marks
    hand.press(f"<Control-{key}>", text)
    assert text.get("1.0", "end-1c") == "one word here"
    assert text.get("sel.first", "sel.last") == "word"


def test_key_without_a_selection(hand, text):
    """The cursor stands between the marks."""
    hand.write("so ")
    hand.press("<Control-b>", text)
    hand.write("bold")
    assert text.get("1.0", "end-1c") == "so **bold**"


def test_quoted_lines(hand, client, at):
    """Lines after > are shown as a quote, without the sign, with their other marks."""
    room = client.state.rooms["general"]
    client.arrive(room, "jules", "> as **you** said\n> yesterday\nI agree", at())
    hand.settle()
    assert "as you said\nyesterday\nI agree" in hand.timeline()
    assert "".join(hand.tagged("quoted")) == "as you said\nyesterday\n"
    assert hand.tagged("bold") == ["you"]


@pytest.mark.parametrize(
    ("body", "alone"),
    [
        ("🎉", True),
        ("🎉 👍", True),
        ("❤️", True),
        ("🎉!", False),
        ("", False),
        ("12", False),
        ("🎉" * 40, False),
    ],
)
def test_emoji_alone(body, alone):
    """A few emoji and nothing else; many of them are no larger than text."""
    assert is_emoji_alone(body) is alone


def test_emoji_alone_are_larger(hand, client, at):
    """Such a message has the large style."""
    room = client.state.rooms["general"]
    client.arrive(room, "jules", "☕", at())
    client.arrive(room, "jules", "a ☕", at(1))
    hand.settle()
    assert hand.tagged("emoji_alone") == ["☕"]


def test_cursor_stays_in_a_draft(hand, client, text, at):
    """After an edit that is given up, and after another room, the cursor is where it was."""
    client.arrive(client.state.rooms["general"], "zoe", "mine", at())
    hand.write("a draft")
    text.mark_set("insert", "1.3")
    hand.view.start_edit(client.state.rooms["general"].messages[-1])
    assert text.get("1.0", "end-1c") == "mine"
    hand.press("<Escape>", text)
    assert (text.get("1.0", "end-1c"), text.index("insert")) == ("a draft", "1.3")
    hand.open("blabla")
    hand.open("general")
    assert text.index("insert") == "1.3"
