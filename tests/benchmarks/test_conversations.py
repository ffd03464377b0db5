"""A connection is handed on clean, but for what a server of a cluster tells whenever it likes."""

import pytest

from benchmarks.connection import Connection, Target
from benchmarks.conversations import Refused, Talk

SERVERS = b'{"type":"servers","servers":["192.0.2.1:5000"]}\n'


@pytest.mark.parametrize(
    ("unread", "clean"),
    [(b"", True), (SERVERS, True), (SERVERS + SERVERS[:9], False), (b'{"type":"message"}\n', False)],
)
def test_connection_is_handed_on_clean(unread: bytes, clean: bool) -> None:
    """Half a frame, or one that its next owner would count, must not be lost."""
    talk = Talk(connection := Connection(Target("127.0.0.1", 1, tls=False)))
    talk._received += unread
    if clean:
        assert talk.release() is connection
    else:
        with pytest.raises(Refused):
            talk.release()
    connection.close()
