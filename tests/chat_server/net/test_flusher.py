"""The flusher: it ends those that linger, in the order of their deadlines, and survives a socket's fault."""

import socket
from collections.abc import Iterator

import pytest

from chat_server.net.connection import Connection
from chat_server.net.encryption import PlainChannel
from chat_server.net.flusher import Flusher
from tests.support.clock import Clock


class Desk:
    """A flusher whose turns the test takes itself, and connections with their other ends."""

    def __init__(self) -> None:
        self.clock = Clock(50.0)
        self.flusher = Flusher(self.clock)
        self._sockets: list[socket.socket] = []

    def connect(self) -> tuple[Connection, socket.socket]:
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        theirs.setblocking(False)
        self._sockets += [ours, theirs]
        return Connection(ours, PlainChannel(), self.flusher), theirs

    def close(self) -> None:
        for sock in self._sockets:
            sock.close()
        self.flusher.start()
        self.flusher.stop()
        assert self.flusher._epoll.closed


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A flusher without its thread."""
    made = Desk()
    yield made
    made.close()


def _is_at_its_end(sock: socket.socket) -> bool:
    try:
        while sock.recv(65_536):
            pass
    except BlockingIOError:
        return False
    return True


def test_flusher_ends_who_lingers(desk: Desk) -> None:
    """A client that does not read its last frame is cut off at its deadline, and not before."""
    connection, theirs = desk.connect()
    desk.flusher.linger(connection, 5)
    desk.flusher._turn()
    desk.clock.now += 4.9
    assert desk.flusher._patience() == pytest.approx(0.1)
    desk.flusher._wake()
    desk.flusher._turn()
    assert not _is_at_its_end(theirs)
    desk.clock.now += 0.1
    assert desk.flusher._patience() == 0
    desk.flusher._turn()
    assert _is_at_its_end(theirs)
    assert desk.flusher._patience() is None


def test_flusher_ends_the_earliest_first(desk: Desk) -> None:
    """A later call with an earlier deadline is not kept waiting by the one before it."""
    slow, slow_end = desk.connect()
    quick, quick_end = desk.connect()
    desk.flusher.linger(slow, 30)
    desk.flusher.linger(quick, 2)
    desk.clock.now += 2
    desk.flusher._turn()
    assert (_is_at_its_end(quick_end), _is_at_its_end(slow_end)) == (True, False)
    assert desk.flusher._patience() == 28


def test_flusher_does_not_sleep_over_a_new_deadline(desk: Desk) -> None:
    """A deadline that came during a turn is looked at before the next wait."""
    connection, _ = desk.connect()
    desk.flusher.linger(connection, 5)
    assert desk.flusher._patience() == 0


def test_flusher_writes_on_and_watches_the_same_socket_again(desk: Desk) -> None:
    """What did not fit comes with the turns after it, however often the socket is full in between."""
    connection, theirs = desk.connect()
    data = bytes(range(250)) * 200
    connection.write(data)
    received = b""
    while len(received) < len(data):
        try:
            received += theirs.recv(1_000_000)
        except BlockingIOError:
            desk.flusher._turn()
    assert received == data


def test_flusher_forgets_a_closed_connection_alone(desk: Desk) -> None:
    """A number of a closed socket that was given out again belongs to the new connection."""
    old, _ = desk.connect()
    new, _ = desk.connect()
    desk.flusher.watch(new)
    old.fd = new.fd
    desk.flusher.forget(old)
    assert desk.flusher._watched == {new.fd: new}
    desk.flusher.forget(new)
    assert desk.flusher._watched == {}


@pytest.mark.logged_errors
def test_flusher_survives_a_fault(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected error of one turn is logged, and the turns after it come."""
    turns: list[int] = []

    def turn() -> None:
        turns.append(1)
        if len(turns) == 2:
            desk.flusher._stopping = True
        raise ZeroDivisionError

    monkeypatch.setattr(desk.flusher, "_turn", turn)
    desk.flusher._run()
    assert len(turns) == 2


def test_closed_connection_is_watched_no_more(desk: Desk) -> None:
    """Its number may be another connection's at once."""
    connection, _ = desk.connect()
    desk.flusher.watch(connection)
    connection.close()
    assert desk.flusher._watched == {}


def test_flusher_knows_whether_anybody_is_behind(desk: Desk) -> None:
    """From the first byte that a socket does not take until its client has read on, or is gone."""
    reader, theirs = desk.connect()
    other, _ = desk.connect()
    assert not desk.flusher.is_behind()
    reader.write(b"x" * 500_000)
    assert desk.flusher.is_behind()
    while desk.flusher.is_behind():
        assert theirs.recv(65_536)
        desk.flusher._turn()
    other.write(b"x" * 500_000)
    assert desk.flusher.is_behind()
    other.close()
    assert not desk.flusher.is_behind()
