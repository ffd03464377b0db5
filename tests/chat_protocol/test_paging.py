"""Lists are cut so that their frame stays within the protocol's limit."""

import pytest

from chat_protocol.frames import encode_frame
from chat_protocol.limits import FRAME_MAX_BYTES, REACTIONS_MAX
from chat_protocol.objects import Message
from chat_protocol.paging import ENVELOPE_BYTES, REACTIONS_BYTES, fitting, fitting_encoded, fitting_reactions


def test_fitting_counts_from_the_end_that_matters() -> None:
    """A page is cut at its far end: the oldest of a page backwards, the newest of a page forwards."""
    items = [
        Message("r", 1, "a", char * size, 0) for char, size in (("x", 40_000), ("y", 30_000), ("z", 1_000))
    ]
    assert fitting(items) == fitting(items, newest=False) == 1
    assert fitting(items, newest=True) == 2
    assert fitting(items[1:] * 3) == 4
    assert fitting([]) == 0


def test_fitting_leaves_room_for_the_rest_of_the_reply() -> None:
    """What would just fill a frame by itself is cut."""
    half = Message("r", 1, "a", "x" * (FRAME_MAX_BYTES // 2 - 200), 0)
    assert FRAME_MAX_BYTES - ENVELOPE_BYTES < 2 * len(encode_frame(half.to_frame())) < FRAME_MAX_BYTES
    assert fitting([half, half]) == 1


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


@pytest.mark.parametrize("newest", [True, False])
def test_fitting_fills_the_frame(newest: bool) -> None:
    """Each item costs its bytes and a comma, and the last byte may be used."""
    room = FRAME_MAX_BYTES - ENVELOPE_BYTES
    items = [b"x" * 99] * (room // 100 - 1)
    rest = room - 100 * len(items)
    assert fitting_encoded([*items, b"x" * (rest - 1)], newest=newest) == len(items) + 1
    assert fitting_encoded([*items, b"x" * rest], newest=newest) == len(items)


def test_reactions_are_cut_at_their_limit() -> None:
    """A name costs its bytes and three more; an emoji of which no name fits is left out."""
    name = "x" * 97
    many = {"👍": [name] * 400, "🎉": ["a"]}
    shown = fitting_reactions(many)
    assert {emoji: len(names) for emoji, names in shown.items()} == {"👍": REACTIONS_BYTES // 100}
    exact = {"👍": [name] * (REACTIONS_BYTES // 100), "🎉": ["x" * (REACTIONS_BYTES % 100 - 3)]}
    assert {emoji: len(names) for emoji, names in fitting_reactions(exact).items()} == {
        "👍": REACTIONS_BYTES // 100,
        "🎉": 1,
    }
