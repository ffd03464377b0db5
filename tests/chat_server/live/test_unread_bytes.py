"""Tests of who gives way when all together leave too much unread."""

from typing import cast

from chat_server.live.session import Session
from chat_server.live.unread_bytes import to_give_way
from chat_server.net.connection import Connection
from tests.chat_server.fakes import ConnectionFake, make_session

PAGE = 1_000


class Unread(ConnectionFake):
    """A connection with some pieces unread."""

    def __init__(self, *pieces: bytes) -> None:
        super().__init__()
        self.pieces = pieces

    @property
    def waiting_bytes(self) -> int:
        return sum(map(len, self.pieces))

    def unread(self) -> list[bytes]:
        return list(self.pieces)


def reader(user_id: int, *pieces: bytes) -> Session:
    """Return a session of a user who has not read these pieces."""
    session = make_session(user_id, f"user-{user_id}")
    session.connection = cast(Connection, Unread(*pieces))
    return session


def page(fill: int) -> bytes:
    """Return a page of its own, shared with nobody."""
    return bytes([fill]) * PAGE


def test_all_stay_within_the_bound() -> None:
    """Nobody goes as long as everything fits."""
    assert to_give_way([reader(1, page(1)), reader(2, page(2))], 2 * PAGE) == []


def test_user_with_most_gives_way_with_all_connections() -> None:
    """Ten connections of one user count together; who left less unread stays."""
    greedy = [reader(1, page(number)) for number in range(10)]
    modest = reader(2, page(10), page(11))
    assert to_give_way([modest, *greedy], 5 * PAGE) == greedy


def test_as_many_go_as_it_takes() -> None:
    """With two users far over the bound, both go, the larger one first."""
    large, larger = reader(1, page(1), page(2), page(3)), reader(2, *map(page, range(4, 9)))
    small = reader(3, page(9))
    assert to_give_way([large, small, larger], 2 * PAGE) == [larger, large]


def test_shared_batch_counts_once() -> None:
    """A thousand readers of one batch hold one piece of memory, and nobody goes."""
    batch = page(1)
    assert to_give_way([reader(number, batch) for number in range(1_000)], 2 * PAGE) == []
