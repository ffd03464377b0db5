"""Lists are cut so that their frame stays within the protocol's limit."""

from chat_protocol.frames import encode_frame
from chat_protocol.limits import FRAME_MAX_BYTES, REACTIONS_MAX
from chat_protocol.objects import Message
from chat_protocol.paging import ENVELOPE_BYTES, fitting, fitting_reactions


def test_fitting_counts_from_the_end_that_matters() -> None:
    """A page is cut at its far end: the oldest of a page backwards, the newest of a page forwards."""
    items = [
        Message("r", 1, "a", char * size, 0) for char, size in (("x", 30_000), ("y", 30_000), ("z", 10_000))
    ]
    assert fitting(items) == 2
    assert fitting(items, newest=True) == 2
    assert fitting(items[:1] * 3) == 2
    assert fitting([]) == 0


def test_longest_message_fits_in_a_frame() -> None:
    """The longest text with the most reactions of the longest names leaves room for the rest of a reply."""
    names = [f"{'𝓍' * 28}{number:04}" for number in range(2000)]
    reactions = fitting_reactions({chr(0x1F600 + n) * 16: names for n in range(REACTIONS_MAX)})
    message = Message(
        "🏠" * 60, 2**53 - 1, names[0], "\x01" * 4000, 0, reply_to=1, edited_at=1, reactions=reactions
    )
    assert len(encode_frame(message.to_frame())) < FRAME_MAX_BYTES - ENVELOPE_BYTES
    assert reactions[chr(0x1F600) * 16][0] == names[0]


def test_few_reactions_are_all_shown() -> None:
    """Nothing is cut where all fits."""
    reactions = {"👍": ("alice", "bob"), "🎉": ("carol",)}
    assert fitting_reactions(reactions) == reactions
