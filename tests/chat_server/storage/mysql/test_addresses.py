"""Several servers of one database: which is used, which comes next, and what a dead one costs."""

from collections.abc import Callable

import pytest

from chat_server.storage.core.urls import MysqlAddress, parse_url
from chat_server.storage.mysql.addresses import DEAD_S, Addresses
from chat_server.storage.mysql.errors import ConnectionLost


class FakeConnection:
    """A connection that knows where it leads."""

    def __init__(self, address: MysqlAddress) -> None:
        self.address = address
        self.closed = False

    def close(self) -> None:
        self.closed = True


class Bench:
    """Three servers of which some are down, and a clock; a server that hangs costs `hang_s`."""

    def __init__(self) -> None:
        address = parse_url("mysql://chat@127.0.0.1:1,127.0.0.1:2,127.0.0.1:3/chat")
        assert isinstance(address, MysqlAddress)
        self.now = 100.0
        self.down: set[int] = set()
        self.hang_s = 0.0
        self.tried: list[int] = []
        self.while_connecting: Callable[[], None] = lambda: None
        self.made: list[FakeConnection] = []
        self.addresses: Addresses[FakeConnection] = Addresses(address.each(), monotonic=lambda: self.now)

    def connect(self, address: MysqlAddress) -> FakeConnection:
        self.tried.append(address.port)
        act, self.while_connecting = self.while_connecting, lambda: None
        act()
        if address.port in self.down:
            self.now += self.hang_s
            raise ConnectionLost(f"no answer from {address.port}")
        self.made.append(FakeConnection(address))
        return self.made[-1]

    def open(self) -> FakeConnection:
        self.tried.clear()
        return self.addresses.open(self.connect)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_first_address_is_used_while_it_works(bench: Bench) -> None:
    """In peace all servers write on the same one."""
    assert [bench.open().address.port for _ in range(3)] == [1, 1, 1]


def test_next_address_on_failure_and_no_way_back(bench: Bench) -> None:
    """What worked last is tried first, though an earlier address is well again."""
    old = bench.open()
    bench.down = {1}
    new = bench.open()
    assert (new.address.port, bench.tried) == (2, [1, 2])
    assert bench.addresses.is_left(old)
    assert not bench.addresses.is_left(new)
    bench.down = set()
    bench.now += 10 * DEAD_S
    assert (bench.open().address.port, bench.tried) == (2, [2])
    bench.down = {2}
    assert (bench.open().address.port, bench.tried) == (1, [2, 1])


def test_dead_address_is_remembered(bench: Bench) -> None:
    """Nobody else waits for it; after a while it may be tried again."""
    bench.down = {1, 2}
    assert bench.open().address.port == 3
    bench.down = {1, 2, 3}
    with pytest.raises(ConnectionLost, match="from 3"):
        bench.open()
    assert bench.tried == [3]
    bench.down = {2, 3}
    bench.now += DEAD_S
    assert bench.open().address.port == 1


def test_request_waits_for_one_address_that_hangs(bench: Bench) -> None:
    """After a time-out the next address has a try, and the one after that is another request's."""
    bench.down, bench.hang_s = {1, 2}, 2.0
    with pytest.raises(ConnectionLost, match="from 1"):
        bench.open()
    assert bench.tried == [1, 2]
    assert (bench.open().address.port, bench.tried) == (3, [3])


def test_all_are_dead(bench: Bench) -> None:
    """Each request then tries one, in turn, so that the first that is back is found."""
    bench.down = {1, 2, 3}
    tried = []
    for _ in range(4):
        with pytest.raises(ConnectionLost):
            bench.open()
        tried += bench.tried
        bench.now += 0.1
    assert tried == [1, 2, 3, 1, 2, 3]
    bench.down = {2, 3}
    assert bench.open().address.port == 1


def test_connection_that_was_overtaken_is_not_used(bench: Bench) -> None:
    """While one request connected, another had found the server dead and moved on: both use the next."""
    late = bench.addresses

    def others_move() -> None:
        bench.down = {1}
        assert late.open(bench.connect).address.port == 2
        bench.down = set()

    bench.while_connecting = others_move
    assert bench.open().address.port == 2
    assert [(each.address.port, each.closed) for each in bench.made] == [(2, False), (1, True), (2, False)]


def test_server_that_answers_one_request_is_not_dead(bench: Bench) -> None:
    """While that one connected, others had found it dead last of all: the next one tries it first."""
    bench.open()

    def all_fail() -> None:
        bench.down = {1, 2, 3}
        for _ in range(2):
            with pytest.raises(ConnectionLost):
                bench.addresses.open(bench.connect)
            bench.now += 0.1
        bench.down = set()

    bench.while_connecting = all_fail
    assert bench.open().address.port == 1
    assert (bench.open().address.port, bench.tried) == (1, [1])
