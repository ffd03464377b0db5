"""Guests are found by the size of their address group, whatever came and went."""

import random

from chat_server.live.guests import Guests
from tests.chat_server.fakes import FakeSession


def test_oldest_of_the_largest_group_gives_way() -> None:
    """Without guests nobody does; a group that shrinks is the largest no more."""
    guests = Guests()
    assert guests.oldest_of_largest() is None
    first, second, other = (
        FakeSession(address="192.0.2.1"),
        FakeSession(address="192.0.2.1"),
        FakeSession(address="192.0.2.2"),
    )
    for session in (other, first, second):
        guests.add(session)
    assert guests.oldest_of_largest() is first
    guests.remove(first)
    guests.remove(first)
    assert guests.oldest_of_largest() is other
    guests.remove(other)
    guests.remove(second)
    assert guests.oldest_of_largest() is None
    assert (guests._of, guests._by_size) == ({}, {})  # there are more addresses than memory


def test_largest_group_is_the_largest_after_any_coming_and_going() -> None:
    """Compared with a count over all, a thousand times."""
    chance, guests, there = random.Random(7), Guests(), list[FakeSession]()
    for _ in range(1_000):
        if there and chance.random() < 0.4:
            guests.remove(there.pop(chance.randrange(len(there))))
        else:
            there.append(FakeSession(address=f"192.0.2.{chance.randrange(20)}"))
            guests.add(there[-1])
        addresses = [session.address for session in there]
        found = guests.oldest_of_largest()
        if found is None:
            assert not there
        else:
            assert addresses.count(found.address) == max(map(addresses.count, addresses))
            assert found is there[addresses.index(found.address)]
