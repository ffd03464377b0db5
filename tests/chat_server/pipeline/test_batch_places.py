"""Which messages of a batch are to be delivered, and up to where it has filled its rooms."""

import pytest

from chat_protocol.errors import ChatError
from chat_server.pipeline.commit import Batch, Result
from chat_server.pipeline.delivery import _contiguous_tail
from chat_server.storage.core.records import Stored
from tests.chat_server.fakes import make_room, make_session, make_submission


@pytest.mark.parametrize(
    ("delivered", "seqs", "fresh"),
    [
        (0, [1, 2, 3], [1, 2, 3]),
        (1, [2, 3], [2, 3]),
        (2, [2, 3], [3]),
        (3, [2, 3], []),
        (1, [2, 4, 5], [4, 5]),
        (4, [2, 4, 5], [5]),
        (0, [7], [7]),
    ],
)
def test_tail_of_a_batch_is_what_was_not_delivered(delivered: int, seqs: list[int], fresh: list[int]) -> None:
    """From the last one backwards, as far as they stand side by side."""
    room = make_room(1, last_seq=delivered)
    alice = make_session(1, "Alice")
    submissions = [make_submission(alice, room, ref) for ref in range(len(seqs))]
    batch = Batch(submissions, [Stored(1, seq, 0, False) for seq in seqs])
    assert room.delivered_seq == delivered
    found = _contiguous_tail(batch, room, list(range(len(seqs))))
    assert [seqs[index] for index in found] == fresh


def test_batch_says_up_to_where_it_filled_its_rooms() -> None:
    """The last place of each; 0 for a room in which nothing was stored."""
    first, second, third = (make_room(number) for number in (1, 2, 3))
    alice = make_session(1, "Alice")
    rooms = [first, second, first, third]
    results: list[Result] = [
        Stored(1, 7, 0, False),
        Stored(2, 1, 0, False),
        Stored(1, 6, 0, False),
        ChatError("unavailable", "no"),
    ]
    submissions = [make_submission(alice, room, ref) for ref, room in enumerate(rooms)]
    assert Batch(submissions, results).last_seqs() == {1: 7, 2: 1, 3: 0}
