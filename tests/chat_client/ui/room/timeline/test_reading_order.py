"""Messages that are read from the right, in the real window; copying gives them as they were written."""

import pytest

from chat_client.model import changes as ch

HEBREW = "שלום לכולם, see https://example.org/a today"
ARABIC = "السلام عليكم"


@pytest.fixture
def general(client):
    return client.state.rooms["general"]


def selected(hand) -> str:
    """Select the whole timeline, and give what another program would paste with the middle button."""
    hand.paper.tag_add("sel", "1.0", "end")
    return hand.app.root.selection_get(selection="PRIMARY", type="UTF8_STRING")


def test_message_is_shown_in_reading_order(hand, client, general, at):
    """Hebrew stands reversed and at the right, Arabic is joined; what follows from the left is as it was."""
    client.arrive(general, "jules", HEBREW, at(0))
    client.arrive(general, "jules", ARABIC, at(1))
    client.arrive(general, "jules", "plain", at(2))
    hand.settle()
    shown = hand.timeline()
    assert "םלוכל םולש" in shown
    assert "ﻢﻜﻴﻠﻋ ﻡﻼﺴﻟﺍ" in shown
    assert "".join(hand.tagged("from_right")).count("\n") == 2
    assert hand.tagged("link") == ["https://example.org/a"]


def test_copying_gives_what_was_written(hand, client, general, at):
    """The copy of a message, of a selection and of part of one are in the order of the original."""
    client.arrive(general, "jules", HEBREW, at(0))
    client.arrive(general, "jules", ARABIC, at(1))
    hand.settle()
    assert HEBREW in selected(hand)
    assert ARABIC in selected(hand)
    hand.press("<Control-c>", hand.paper)
    assert ARABIC in hand.app.root.clipboard_get(type="UTF8_STRING")
    hand.paper.tag_remove("sel", "1.0", "end")
    hand.press("<Up>", hand.paper)
    hand.press("<c>", hand.paper)
    assert hand.app.root.clipboard_get(type="UTF8_STRING") == ARABIC


def test_long_message_wraps_in_order(hand, client, general, at):
    """The first words of a long paragraph stand on its first line, and it is broken again with the width."""
    words = [f"מילה{number}" for number in range(80)]
    client.arrive(general, "jules", " ".join(words), at(0))
    hand.settle()
    first = next(line for line in hand.timeline().split("\n") if "הלימ" in line)
    assert "הלימ0" not in first  # digits keep their own order behind the letters that are read first
    assert first.rstrip().endswith("הלימ")
    lines = hand.timeline().count("\n")
    hand.app.root.geometry("760x700")
    hand.until(lambda: hand.timeline().count("\n") > lines)
    assert " ".join(words) in selected(hand).replace("\n", "")


def test_names_are_in_reading_order(hand, client, general, at):
    """A displayed name stands in reading order in the list of members and above a message."""
    client.add_person("dana", "דנה כהן")
    general.members.append("dana")
    client.arrive(general, "dana", "hi", at(0))
    client.tell(ch.MembersChanged("general"))
    hand.settle()
    assert any("ןהכ הנד" in text for text in hand.members())
    assert "ןהכ הנד" in "".join(hand.tagged("author"))


def test_what_is_written_is_sent_as_it_was_written(hand, client):
    """The composer changes no order: what is sent is what was typed."""
    hand.write("שלום")
    hand.press("<Return>", hand.view.composer.text)
    assert client.called("outbox.send") == [("general", "שלום", None)]
