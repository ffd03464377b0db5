"""The link that the chaos of a cluster cuts: nothing passes, nothing is lost, nothing is closed."""

import socket
from collections.abc import Iterator

import pytest

from tests.chaos.link import Link
from tests.support.mariadb import free_port

SILENT_S = 0.2
PATIENCE_S = 10.0


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE_S)
        yield server


def test_what_was_under_way_comes_when_it_is_mended(listener: socket.socket) -> None:
    """As behind a pulled cable: both ends wait, and then go on."""
    link = Link(listener.getsockname()[1])
    near = socket.create_connection(("127.0.0.1", link.port), PATIENCE_S)
    far, _ = listener.accept()
    far.settimeout(PATIENCE_S)
    try:
        near.sendall(b"one")
        assert far.recv(100) == b"one"
        link.cut()
        far.sendall(b"two")
        near.settimeout(SILENT_S)
        with pytest.raises(TimeoutError):
            near.recv(100)
        link.mend()
        near.settimeout(PATIENCE_S)
        assert near.recv(100) == b"two"
        far.close()
        assert near.recv(100) == b""
    finally:
        near.close()
        far.close()
        link.close()


def test_nobody_behind_it() -> None:
    """Whoever connects while the program behind it is down is told so at once."""
    link = Link(free_port())
    try:
        with socket.create_connection(("127.0.0.1", link.port), PATIENCE_S) as near:
            assert near.recv(100) == b""
    finally:
        link.close()
