"""Whether the other one has read what the user said last."""

import pytest

from chat_client.model.receipts import read_by_partner
from chat_client.model.state import MessageState, RoomState


@pytest.mark.parametrize(
    ("authors", "receipt", "pending", "read"),
    [
        (["jules", "zoe"], 2, False, True),
        (["jules", "zoe"], 3, False, True),
        (["jules", "zoe"], 1, False, False),
        (["zoe", "jules"], 2, False, False),
        (["jules", "zoe"], 2, True, False),
        ([], 2, False, False),
        (["jules", "jules", "zoe"], 3, False, True),
    ],
)
def test_newest_message_was_read(authors: list[str], receipt: int, pending: bool, read: bool) -> None:
    """It is the user's own, nothing waits behind it, and the other one has come that far."""
    room = RoomState("@jules", "@jules")
    room.messages = [
        MessageState(seq, author, "x", seq, mine=author == "zoe") for seq, author in enumerate(authors, 1)
    ]
    room.pending = [MessageState(None, "zoe", "x", 9, mine=True)] * pending
    room.receipt_seq = receipt
    assert read_by_partner(room) is read


def test_room_that_is_gone_was_read_by_nobody() -> None:
    """A view may still show it."""
    assert read_by_partner(None) is False
