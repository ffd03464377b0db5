"""Delivery of several rooms in one batch, and of private conversations: what of one room touches another."""

import pytest

from chat_server.pipeline.catch_up import Elsewhere
from chat_server.pipeline.commit import Batch
from chat_server.storage.core.records import Stored
from tests.chat_server.fakes import make_room, make_submission
from tests.chat_server.pipeline.delivering import Office, seqs_of


@pytest.fixture
def office() -> Office:
    """An empty office."""
    return Office()


def test_hole_in_one_room_keeps_no_other_back(office: Office) -> None:
    """Its readers get their messages later; those of the next room in the batch get theirs now."""
    one, two = make_room(1, "One", last_seq=9), make_room(2, "Two")
    again = list[Elsewhere]()
    alice, bob, eve = office.enter(1, "Alice"), office.enter(2, "Bob", one), office.enter(3, "Eve", two)
    office.delivery.on_unread = again.append
    office.is_down = True
    batch = Batch(
        [make_submission(alice, one, 1), make_submission(alice, two, 2)],
        [Stored(1, 12, 0, False), Stored(2, 1, 0, False)],
    )
    office.delivery.deliver(batch)
    assert again == [Elsewhere(one, 9, 12)]
    assert (seqs_of(alice), seqs_of(bob), seqs_of(eve)) == ([("ok", 12), ("ok", 1)], [], [("message", 1)])
    assert office.delivery.delivered == 1


def test_nothing_is_handed_in_again_that_was_delivered(office: Office) -> None:
    """Neither what follows what is known, nor what was read."""
    room, again = make_room(1, last_seq=9), list[Elsewhere]()
    alice = office.enter(1, "Alice", room)
    office.delivery.on_unread = again.append
    for seq in (10, 13):
        office.delivery.deliver(Batch([make_submission(alice, room, seq)], [Stored(1, seq, 0, False)]))
    office.delivery.deliver_elsewhere(Elsewhere(room, 0, 15))
    assert again == []


def test_each_reader_of_each_room_is_counted(office: Office) -> None:
    """Also those who sent some of it themselves."""
    one, two = make_room(1, "One"), make_room(2, "Two")
    alice = office.enter(1, "Alice", one, two)
    office.enter(2, "Bob", one, two), office.enter(3, "Carol", two)
    batch = Batch(
        [make_submission(alice, two, 1), make_submission(alice, one, 2), make_submission(alice, two, 3)],
        [Stored(2, 1, 0, False), Stored(1, 1, 0, False), Stored(2, 2, 0, False)],
    )
    office.delivery.deliver(batch)
    assert office.delivery.delivered == 3 * 2 + 2 * 1


def test_place_in_a_private_conversation_is_each_reader_s(office: Office) -> None:
    """It is written down where the conversation may be forgotten; what one was never told is read first."""
    room = make_room(9, "", {1: "Alice", 2: "Bob"})
    alice, bob = office.enter(1, "Alice"), office.enter(2, "Bob")
    alice.direct_seqs, bob.direct_seqs = {9: 1}, {}
    office.delivery.deliver(Batch([make_submission(alice, room, 1)], [Stored(9, 2, 0, False)]))
    assert office.missing_calls == [(9, 0, 1)]
    assert seqs_of(bob) == [("message", 1), ("message", 2)]
    assert alice.direct_seqs == bob.direct_seqs == {9: 2}
    office.delivery.deliver_elsewhere(Elsewhere(room, 0, 3))
    assert alice.direct_seqs == bob.direct_seqs == {9: 3}
