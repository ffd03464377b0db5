"""The check of what listeners receive, however the bytes are cut."""

import random

import pytest

from benchmarks.stream import ListenerCheck, RoomStream, SeqCheck


def frames(*seqs: int) -> bytes:
    """The `message` events with these seqs."""
    return b"".join(b'{"type":"message","room":"A","seq":%d,"body":"hello"}\n' % seq for seq in seqs)


def feed(check: ListenerCheck, data: bytes, size: int) -> None:
    """Give *data* to the check in pieces of *size* bytes."""
    for start in range(0, len(data), size):
        check.feed(memoryview(data[start : start + size]))


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_listeners_same_bytes(size: int) -> None:
    """Listeners whose bytes agree have the same messages, in whatever pieces those came."""
    stream = RoomStream()
    first, second = ListenerCheck(stream), ListenerCheck(stream)
    data = frames(*range(5, 50))
    feed(first, data, 13)
    feed(second, data, size)
    assert (first.messages, second.messages, stream.messages) == (45, 45, 45)
    assert stream.seqs.holes == stream.seqs.repeats == stream.out_of_order == 0


def test_listeners_take_turns_ahead() -> None:
    """Whoever is ahead extends the common stream, and the others are compared with it."""
    stream = RoomStream()
    checks = [ListenerCheck(stream) for _ in range(5)]
    data = frames(*range(1, 200))
    places = [0] * len(checks)
    random_pieces = random.Random(7)
    while min(places) < len(data):
        index = random_pieces.randrange(len(checks))
        end = min(len(data), places[index] + random_pieces.randrange(1, 500))
        checks[index].feed(memoryview(data[places[index] : end]))
        places[index] = end
    assert [check.messages for check in checks] == [199] * len(checks)


def test_listener_misses_a_message() -> None:
    """A message that one listener lacks is a hole at this listener and a missing delivery."""
    stream = RoomStream()
    whole, short = ListenerCheck(stream), ListenerCheck(stream)
    feed(whole, frames(1, 2, 3, 4, 5), 50)
    feed(short, frames(1, 2, 4, 5), 33)
    assert (whole.messages, whole.faults) == (5, 0)
    assert (short.messages, short.faults) == (4, 1)


def test_listener_gets_a_message_twice() -> None:
    """A message that one listener gets twice is a fault of this listener."""
    stream = RoomStream()
    whole, twice = ListenerCheck(stream), ListenerCheck(stream)
    feed(whole, frames(1, 2, 3), 50)
    feed(twice, frames(1, 2, 2, 3), 50)
    assert twice.faults == 1


def test_listener_gets_another_event() -> None:
    """An event that only one listener gets changes nothing for the messages it counts."""
    stream = RoomStream()
    plain, other = ListenerCheck(stream), ListenerCheck(stream)
    feed(plain, frames(1, 2, 3), 50)
    feed(other, frames(1) + b'{"type":"notice","text":"hello"}\n' + frames(2, 3), 50)
    assert (other.messages, other.faults) == (3, 0)


def test_stream_has_a_hole() -> None:
    """A seq that nobody got is a hole of the stream."""
    stream = RoomStream()
    check = ListenerCheck(stream)
    feed(check, frames(1, 2, 4), 50)
    assert (stream.seqs.holes, check.messages) == (1, 3)


def test_seqs_out_of_step() -> None:
    """An own answer that comes a little late among the messages is no hole; a repeat is one fault."""
    check = SeqCheck()
    check.take([10, 11, 13, 14, 12])
    assert (check.holes, check.repeats, check.seen) == (0, 0, 5)
    check.take([14])
    assert check.repeats == 1
