"""Reading far above the newest message: what is told of what arrives meanwhile."""

import pytest

from chat_client.ui.room.timeline.loaded_range import MESSAGES_MAX

COUNT = MESSAGES_MAX * 3


@pytest.fixture
def above(client, hand, at):
    """A long room, read in full, that shows its beginning."""
    room = client.state.rooms["general"]
    for number in range(COUNT):
        client.write(room, "jules", f"message {number}", at(number / 60))
    room.read_seq = room.last_seq
    hand.open("blabla")
    hand.open("general")
    hand.view.jump(2)
    hand.settle()
    return room


def test_only_what_arrives_is_counted(hand, client, above, at):
    """Messages further below that are not news are not told as such."""
    for number in range(2):
        client.arrive(above, "jules", "news", at(90 + number))
        hand.settle()
    assert "2 new messages" in hand.view.timeline.jump_button.button.cget("text")


def test_new_line_stands_before_what_is_unread(hand, client, above, at):
    """What arrives while nobody looks puts no "new" line into what was read long ago."""
    hand.app.attention.in_front = False
    seq = client.arrive(above, "jules", "news", at(90)).seq
    hand.settle()
    assert hand.view.timeline.portion.new_from == seq
