"""Tests of the delivery: who gets which frames, in which order, in how many writes."""

import pytest

from chat_protocol.errors import ChatError
from chat_protocol.objects import Room
from chat_protocol.room_events import RoomEvent
from chat_server.measurements import Measurements
from chat_server.pipeline.batches import BatchQueue
from chat_server.pipeline.catch_up import Elsewhere
from chat_server.pipeline.commit import Batch, Result
from chat_server.pipeline.delivery import RANGE_MAX, Delivery
from chat_server.storage.core.records import Stored
from tests.chat_server.fakes import ConnectionFake, frames_of, make_room, make_submission
from tests.chat_server.pipeline.delivering import Office, seqs_of
from tests.support.sequencer import Sequencer


@pytest.fixture
def office() -> Office:
    """An empty office."""
    return Office()


def test_batch_costs_a_reader_one_write(office: Office) -> None:
    """Three messages reach a reader in one write, in the order of their seqs."""
    room = make_room(1)
    alice, bob = office.enter(1, "Alice", room), office.enter(2, "Bob", room)
    submissions = [make_submission(alice, room, ref) for ref in (1, 2, 3)]
    office.delivery.deliver(Batch(submissions, [Stored(1, seq, 0, False) for seq in (1, 2, 3)]))
    assert seqs_of(bob) == [("message", 1), ("message", 2), ("message", 3)]
    connection = bob.connection
    assert isinstance(connection, ConnectionFake)
    assert len(connection.writes) == 1


def test_sender_gets_oks_among_the_messages_of_others(office: Office) -> None:
    """A sender sees its own places as `ok`s, between the messages of the others, in order."""
    room = make_room(1)
    alice, bob = office.enter(1, "Alice", room), office.enter(2, "Bob", room)
    batch = Batch(
        [make_submission(alice, room, 7), make_submission(bob, room, 8), make_submission(alice, room, 9)],
        [Stored(1, seq, 0, False) for seq in (1, 2, 3)],
    )
    office.delivery.deliver(batch)
    assert seqs_of(alice) == [("ok", 1), ("message", 2), ("ok", 3)]
    assert seqs_of(bob) == [("message", 1), ("ok", 2), ("message", 3)]
    assert [frame.get("ref") for frame in frames_of(alice)] == [7, None, 9]


def test_other_sessions_of_the_sender_get_the_message(office: Office) -> None:
    """What one says at one desk is seen at the other."""
    room = make_room(1)
    desk, laptop = office.enter(1, "Alice", room), office.enter(1, "Alice", room)
    office.delivery.deliver(Batch([make_submission(desk, room, 1)], [Stored(1, 1, 0, False)]))
    assert (seqs_of(desk), seqs_of(laptop)) == ([("ok", 1)], [("message", 1)])


def test_repeat_is_answered_and_not_delivered(office: Office) -> None:
    """A message that was stored before reaches nobody a second time."""
    room = make_room(1, last_seq=4)
    alice, bob = office.enter(1, "Alice", room), office.enter(2, "Bob", room)
    results = [Stored(1, 5, 0, False), Stored(1, 2, 0, True)]
    office.delivery.deliver(
        Batch([make_submission(alice, room, 1), make_submission(alice, room, 2)], results)
    )
    assert seqs_of(alice) == [("ok", 5), ("ok", 2)]
    assert seqs_of(bob) == [("message", 5)]


def test_refused_message_is_answered_in_its_place(office: Office) -> None:
    """An error stands where its request stood, and the others are delivered."""
    room = make_room(1)
    alice, bob = office.enter(1, "Alice", room), office.enter(2, "Bob", room)
    results: list[Result] = [Stored(1, 1, 0, False), ChatError("unavailable", "no"), Stored(1, 2, 0, False)]
    office.delivery.deliver(Batch([make_submission(alice, room, ref) for ref in (1, 2, 3)], results))
    assert [frame["type"] for frame in frames_of(alice)] == ["ok", "error", "ok"]
    assert [frame["ref"] for frame in frames_of(alice)] == [1, 2, 3]
    assert seqs_of(bob) == [("message", 1), ("message", 2)]


def test_sender_of_several_rooms_gets_replies_in_the_order_of_requests(office: Office) -> None:
    """Replies follow the requests also when a batch mixes rooms."""
    one, two = make_room(1, "One"), make_room(2, "Two")
    alice, bob = office.enter(1, "Alice", one, two), office.enter(2, "Bob", one, two)
    batch = Batch(
        [make_submission(alice, two, 1), make_submission(alice, one, 2), make_submission(bob, two, 3)],
        [Stored(2, 1, 0, False), Stored(1, 1, 0, False), Stored(2, 2, 0, False)],
    )
    office.delivery.deliver(batch)
    assert [(f["type"], f["room"], f["seq"]) for f in frames_of(alice)] == [
        ("ok", "Two", 1),
        ("ok", "One", 1),
        ("message", "Two", 2),
    ]
    assert sorted((f["type"], f["room"], f["seq"]) for f in frames_of(bob)) == [
        ("message", "One", 1),
        ("message", "Two", 1),
        ("ok", "Two", 2),
    ]


def test_private_message_has_each_sides_name_of_the_room(office: Office) -> None:
    """Each side sees the conversation under the other's name, and nobody else sees it."""
    room = make_room(9, "", {1: "Alice", 2: "Bob"})
    alice, bob, eve = office.enter(1, "Alice"), office.enter(2, "Bob"), office.enter(3, "Eve")
    office.delivery.deliver(Batch([make_submission(alice, room, 1)], [Stored(9, 1, 0, False)]))
    assert frames_of(alice)[0]["room"] == "@Bob"
    assert frames_of(bob)[0]["room"] == "@Alice"
    assert frames_of(eve) == []


def test_first_private_message_has_the_conversation_ahead_of_it(office: Office) -> None:
    """Both sides are told of the conversation when its first message is delivered, once, and not before."""
    room = make_room(1, "", {1: "Alice", 2: "Bob"})
    names = {1: "@Bob", 2: "@Alice"}
    room.introductions = {user_id: RoomEvent(Room(name, "direct")) for user_id, name in names.items()}
    alice, bob = office.enter(1, "Alice"), office.enter(2, "Bob")
    refused = make_submission(alice, room, 1)
    office.delivery.deliver(Batch([refused], [ChatError("internal", "no")]))
    assert frames_of(bob) == []
    assert not room.begun
    for seq in (1, 2):
        said = make_submission(alice, room, seq + 1)
        office.delivery.deliver(Batch([said], [Stored(1, seq, 0, False)]))
    assert [(frame["type"], frame["room"]) for frame in frames_of(bob)] == [
        ("room", "@Alice"),
        ("message", "@Alice"),
        ("message", "@Alice"),
    ]
    assert [frame["type"] for frame in frames_of(alice)] == ["error", "room", "ok", "ok"]
    assert room.begun
    assert (alice.partners, bob.partners) == ({2: "Bob"}, {1: "Alice"})


def test_hole_before_a_batch_is_filled_from_storage(office: Office) -> None:
    """Messages that another server stored, or whose commit's answer was lost, are read and sent first."""
    room = make_room(1, last_seq=9)
    alice, bob = office.enter(1, "Alice", room), office.enter(2, "Bob", room)
    office.delivery.deliver(Batch([make_submission(alice, room, 1)], [Stored(1, 10, 0, False)]))
    office.delivery.deliver(Batch([make_submission(alice, room, 2)], [Stored(1, 13, 0, False)]))
    assert office.missing_calls == [(1, 10, 12)]
    assert seqs_of(bob) == [("message", seq) for seq in (10, 11, 12, 13)]
    assert seqs_of(alice) == [("ok", 10), ("message", 11), ("message", 12), ("ok", 13)]


def test_hole_that_cannot_be_read_is_handed_in_again(office: Office) -> None:
    """No reader sees it: they get all of it later, and the sender its answer at once."""
    room, again = make_room(1, last_seq=9), list[Elsewhere]()
    alice, bob = office.enter(1, "Alice", room), office.enter(2, "Bob", room)
    office.delivery.on_unread = again.append
    office.is_down = True
    office.delivery.deliver(Batch([make_submission(alice, room, 1)], [Stored(1, 12, 0, False)]))
    office.delivery.deliver_elsewhere(again[0])
    assert (seqs_of(alice), seqs_of(bob), again) == ([("ok", 12)], [], [Elsewhere(room, 9, 12)] * 2)
    office.is_down = False
    office.delivery.deliver_elsewhere(again[1])
    assert seqs_of(bob) == [("message", 10), ("message", 11), ("message", 12)]


def test_late_answer_is_delivered_once_and_in_its_place(office: Office) -> None:
    """A message whose commit's answer was lost comes with what follows it; its sender's `ok` comes later."""
    room = make_room(1, last_seq=9)
    alice, bob, carol = (office.enter(n, name, room) for n, name in ((1, "Alice"), (2, "Bob"), (3, "Carol")))
    office.delivery.deliver(Batch([make_submission(alice, room, 1)], [Stored(1, 10, 0, False)]))
    # 11 was committed and its answer lost; 12 and 13 come first, then Alice repeats 11.
    batch = Batch(
        [make_submission(bob, room, 2), make_submission(bob, room, 3)],
        [Stored(1, 12, 0, False), Stored(1, 13, 0, False)],
    )
    office.delivery.deliver(batch)
    office.delivery.deliver(Batch([make_submission(alice, room, 4)], [Stored(1, 11, 0, False)]))
    assert seqs_of(carol) == [("message", seq) for seq in (10, 11, 12, 13)]
    assert seqs_of(alice)[-1] == ("ok", 11)
    assert seqs_of(bob) == [("message", 10), ("message", 11), ("ok", 12), ("ok", 13)]
    office.delivery.deliver(Batch([make_submission(bob, room, 5)], [Stored(1, 14, 0, False)]))
    assert seqs_of(carol)[-1] == ("message", 14)
    assert office.missing_calls == [(1, 10, 11)]


@pytest.mark.parametrize(
    "seqs", [(12, 11, 13), (13, 11, 14), (11, 13), (14, 11), (13, 12, 11), (11, 13, 12, 14), (11, 12, 15, 16)]
)
def test_late_answers_among_new_messages_keep_the_order(office: Office, seqs: tuple[int, ...]) -> None:
    """In whatever order lost answers come back, readers see each seq once, ascending, and no hole."""
    room = make_room(1, last_seq=9)
    alice, bob = office.enter(1, "Alice", room), office.enter(2, "Bob", room)
    office.delivery.deliver(Batch([make_submission(alice, room, 0)], [Stored(1, 10, 0, False)]))
    submissions = [make_submission(alice, room, ref) for ref in range(1, len(seqs) + 1)]
    office.delivery.deliver(Batch(submissions, [Stored(1, seq, 0, False) for seq in seqs]))
    office.delivery.deliver(Batch([make_submission(alice, room, 99)], [Stored(1, max(seqs) + 1, 0, False)]))
    assert seqs_of(bob) == [("message", seq) for seq in range(10, max(seqs) + 2)]
    refs = [frame["ref"] for frame in frames_of(alice) if frame["type"] == "ok"]
    assert refs == [*range(len(seqs) + 1), 99]


def test_sender_that_left_the_room_gets_its_reply_alone(office: Office) -> None:
    """Who left while the message was on its way still learns that it was stored."""
    room = make_room(1)
    alice = office.enter(1, "Alice", room)
    bob = office.enter(2, "Bob", room)
    office.registry.leave(1, 1)
    batch = Batch(
        [make_submission(bob, room, 1), make_submission(alice, room, 2)],
        [Stored(1, 1, 0, False), Stored(1, 2, 0, False)],
    )
    office.delivery.deliver(batch)
    assert seqs_of(alice) == [("ok", 2)]


def test_answers_are_counted_even_when_delivery_fails(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client's thread that waits for its replies never waits for ever."""
    room = make_room(1)
    alice = office.enter(1, "Alice", room)
    alice.submitted(1)
    monkeypatch.setattr(office.registry, "in_room", lambda room_id: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        office.delivery.deliver(Batch([make_submission(alice, room, 1)], [Stored(1, 1, 0, False)]))
    alice.wait_until_answered()


def test_new_messages_behind_late_answers_are_delivered(office: Office) -> None:
    """In one batch a late answer stands before new messages: these reach the readers at once."""
    room = make_room(1, last_seq=9)
    alice, bob = office.enter(1, "Alice", room), office.enter(2, "Bob", room)
    office.delivery.deliver(Batch([make_submission(alice, room, 1)], [Stored(1, 10, 0, False)]))
    batch = Batch(
        [make_submission(alice, room, ref) for ref in (2, 3, 4)],
        [Stored(1, 8, 0, False), Stored(1, 11, 0, False), Stored(1, 12, 0, False)],
    )
    office.delivery.deliver(batch)
    assert seqs_of(bob) == [("message", seq) for seq in (10, 11, 12)]
    assert [frame["ref"] for frame in frames_of(alice)] == [1, 2, 3, 4]
    assert office.missing_calls == []


def test_batches_that_wait_are_written_as_one(office: Office) -> None:
    """What was committed while the thread was busy costs a reader one write."""
    room = make_room(1)
    alice, bob = office.enter(1, "Alice", room), office.enter(2, "Bob", room)
    queue = BatchQueue[Batch | Elsewhere](10)
    measurements = Measurements()
    delivery = Delivery(office.registry, queue, office.missing, measurements=measurements)
    for seq in (1, 2, 3):
        queue.put([Batch([make_submission(alice, room, seq)], [Stored(1, seq, 0, False)])])
    queue.close()
    delivery.start()
    assert delivery.stop(5)
    assert seqs_of(bob) == [("message", seq) for seq in (1, 2, 3)]
    connection = bob.connection
    assert isinstance(connection, ConnectionFake)
    assert len(connection.writes) == 1
    assert delivery.delivered == 6
    times = measurements.delivery_s.read()
    assert (times.count, 0 <= times.sum < 60) == (1, True)


@pytest.mark.logged_errors
def test_batch_that_fails_does_not_end_the_thread(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch after one that could not be delivered is, and what that one held is read before it."""
    room = make_room(1)
    alice, bob = office.enter(1, "Alice", room), office.enter(2, "Bob", room)
    queue, turn = BatchQueue[Batch | Elsewhere](10), Sequencer()
    delivery = Delivery(office.registry, queue, office.missing)
    deliver = delivery.deliver

    def fail_once(batch: Batch) -> None:
        monkeypatch.setattr(delivery, "deliver", deliver)
        with turn(0):
            pass
        raise ZeroDivisionError

    monkeypatch.setattr(delivery, "deliver", fail_once)
    delivery.start()
    queue.put([Batch([make_submission(alice, room, 1)], [Stored(1, 1, 0, False)])])
    with turn(1):
        queue.put([Batch([make_submission(alice, room, 2)], [Stored(1, 2, 0, False)])])
    queue.close()
    assert delivery.stop(5)
    assert seqs_of(bob) == [("message", 1), ("message", 2)]


def test_what_another_server_stored_is_read_and_written_once(office: Office) -> None:
    """Everyone in the room gets it in order, also who sends here; what was delivered is not read again."""
    room = make_room(1)
    alice, bob = office.enter(1, "Alice", room), office.enter(2, "Bob", room)
    office.delivery.deliver(Batch([make_submission(alice, room, 1)], [Stored(1, 1, 0, False)]))
    for upto in (3, 2, 4, 4):
        office.delivery.deliver_elsewhere(Elsewhere(room, 0, upto))
    assert office.missing_calls == [(1, 1, 3), (1, 3, 4)]
    assert seqs_of(bob) == [("message", seq) for seq in (1, 2, 3, 4)]
    assert seqs_of(alice) == [("ok", 1), *(("message", seq) for seq in (2, 3, 4))]


def test_batch_after_what_another_server_stored_fills_the_gap(office: Office) -> None:
    """A batch that overtook the look at the room brings what lies before it; the look then finds nothing."""
    room = make_room(1)
    alice, bob = office.enter(1, "Alice", room), office.enter(2, "Bob", room)
    office.delivery.deliver_elsewhere(Elsewhere(room, 0, 1))
    office.delivery.deliver(Batch([make_submission(alice, room, 1)], [Stored(1, 3, 0, False)]))
    office.delivery.deliver_elsewhere(Elsewhere(room, 0, 3))
    assert seqs_of(bob) == [("message", seq) for seq in (1, 2, 3)]


def test_room_without_readers_is_not_read(office: Office) -> None:
    """Whoever comes later is told its last seq at the sign-in, and gets what comes after it."""
    room = make_room(1)
    office.delivery.deliver_elsewhere(Elsewhere(room, 0, 5_000))
    bob = office.enter(2, "Bob", room)
    office.delivery.deliver_elsewhere(Elsewhere(room, 0, 5_001))
    assert office.missing_calls == [(1, 5_000, 5_001)]
    assert seqs_of(bob) == [("message", 5_001)]


def test_long_absence_is_read_in_parts(office: Office) -> None:
    """No range is larger than what one read may cost."""
    room = make_room(1)
    bob = office.enter(2, "Bob", room)
    office.delivery.deliver_elsewhere(Elsewhere(room, 0, RANGE_MAX + 1))
    assert office.missing_calls == [(1, 0, RANGE_MAX), (1, RANGE_MAX, RANGE_MAX + 1)]
    assert [seq for _, seq in seqs_of(bob)] == list(range(1, RANGE_MAX + 2))
    assert office.delivery.delivered == RANGE_MAX + 1
    office.enter(3, "Carol", room)
    office.delivery.deliver_elsewhere(Elsewhere(room, 0, RANGE_MAX + 4))
    assert office.delivery.delivered == RANGE_MAX + 1 + 2 * 3


def test_what_cannot_be_read_is_left_to_the_next_look(office: Office) -> None:
    """During an outage nothing counts as delivered."""
    room = make_room(1)
    bob = office.enter(2, "Bob", room)
    office.is_down = True
    office.delivery.deliver_elsewhere(Elsewhere(room, 0, 2))
    assert seqs_of(bob) == []
    office.is_down = False
    office.delivery.deliver_elsewhere(Elsewhere(room, 0, 2))
    assert seqs_of(bob) == [("message", 1), ("message", 2)]


def test_private_conversation_is_read_for_each_of_the_two(office: Office) -> None:
    """Each sees it under the other's name; it begins with what announces it, and only from the seq on."""
    direct = make_room(7, "", {1: "Alice", 2: "Bob"})
    event = RoomEvent(Room("@Alice", "direct", "", "joined", 0, 0, 1))
    direct.introductions = {2: event}
    bob = office.enter(2, "Bob")
    office.delivery.deliver_elsewhere(Elsewhere(direct, 0, 1))
    assert [frame["type"] for frame in frames_of(bob)] == ["room", "message"]
    assert frames_of(bob)[1]["as"] == 2
    other = make_room(8, "", {1: "Alice", 2: "Bob"})
    office.delivery.deliver_elsewhere(Elsewhere(other, 40, 41))
    assert office.missing_calls[-1] == (8, 40, 41)


def test_private_conversation_goes_on_behind_what_its_readers_know(office: Office) -> None:
    """Ahead of the first batch comes what others stored since the sign-ins, in whatever order it is told."""
    alice, bob = office.enter(1, "Alice"), office.enter(2, "Bob")
    alice.direct_seqs, bob.direct_seqs = {7: 5, 8: 5}, {7: 3, 8: 3}
    own = make_room(7, "", {1: "Alice", 2: "Bob"})
    office.delivery.deliver(Batch([make_submission(alice, own, 1)], [Stored(7, 6, 0, False)]))
    assert office.missing_calls == [(7, 3, 5)]
    office.delivery.deliver_elsewhere(Elsewhere(own, 4, 6))
    assert [seq for _, seq in seqs_of(bob)] == [4, 5, 6]
    others = make_room(8, "", {1: "Alice", 2: "Bob"})
    office.delivery.deliver_elsewhere(Elsewhere(others, 5, 6))
    office.delivery.deliver_elsewhere(Elsewhere(others, 4, 6))
    assert [seq for _, seq in seqs_of(bob)[3:]] == [4, 5, 6]
    forgotten = make_room(8, "", {1: "Alice", 2: "Bob"})
    office.delivery.deliver_elsewhere(Elsewhere(forgotten, 4, 7))
    assert [seq for _, seq in seqs_of(bob)[3:]] == [4, 5, 6, 7]


def test_order_of_batches_and_of_what_came_from_elsewhere(office: Office) -> None:
    """Each is delivered in its turn: batches that stand side by side in one write, no further."""
    room = make_room(1)
    alice, bob = office.enter(1, "Alice", room), office.enter(2, "Bob", room)
    queue = BatchQueue[Batch | Elsewhere](10)
    delivery = Delivery(office.registry, queue, office.missing)
    own = [Batch([make_submission(alice, room, seq)], [Stored(1, seq, 0, False)]) for seq in (1, 2, 4)]
    queue.put([*own[:2], Elsewhere(room, 0, 3), *own[2:]])
    queue.close()
    delivery.start()
    assert delivery.stop(5)
    assert seqs_of(bob) == [("message", seq) for seq in (1, 2, 3, 4)]
    connection = bob.connection
    assert isinstance(connection, ConnectionFake)
    assert len(connection.writes) == 3
