"""The word below one's own message that the other one has read."""

from chat_client.model import changes as ch


def test_read_is_shown_below_ones_own_newest_message(hand, client, at):
    """It stands there while the newest message is the user's own and was read, and nobody types."""
    room = client.add_direct("jules")
    hand.main.open_room(room.key)
    client.arrive(room, client.state.username, "psst", at(0))
    hand.settle()
    label = hand.view.typing
    assert "Read" not in label.words
    room.receipt_seq = room.last_seq
    client.tell(ch.RoomChanged(room.key))
    hand.settle()
    assert label.words == "✓ Read"
    client.arrive(room, "jules", "yes", at(1))
    hand.settle()
    assert label.words == ""
