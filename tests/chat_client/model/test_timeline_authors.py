"""Whose a message is: the author's name, or nobody's once the account was erased."""

import pytest

from chat_client.model.timeline import message_state
from chat_protocol.objects import Message


@pytest.mark.parametrize(
    ("message", "author"),
    [
        (Message("r", 1, "jules", "hello", 5), "jules"),
        (Message("r", 1, "former member", "hello", 5, former=True), ""),
        (Message("r", 1, "gone", "hello", 5, former=True), ""),
        (Message("r", 1, "former member", "hello", 5), ""),
    ],
    ids=["author", "erased", "erased by the field alone", "erased, from an older server"],
)
def test_author_of_a_message(message: Message, author: str) -> None:
    """An erased author is told by the field of its own, or as older servers tell it, and has no name."""
    assert message_state(message, "zoe").author == author
