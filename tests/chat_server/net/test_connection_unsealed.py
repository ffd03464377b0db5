"""Writers meet a channel that takes nothing: before the handshake is over, and after what was no TLS."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator

import pytest

from chat_server.net.connection import Connection
from chat_server.net.encryption import TlsChannel
from tests.chat_server.net.flushing_fake import FlushingFake
from tests.chat_server.net.tls_client import Client

_FORGED = b"\x17\x03\x03\x00\x20" + b"x" * 32  # the form of a record, which nobody has encrypted


@pytest.fixture
def sockets() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The server's end and the client's."""
    ours, theirs = socket.socketpair()
    ours.settimeout(10)
    theirs.settimeout(10)
    yield ours, theirs
    ours.close()
    theirs.close()


Sockets = tuple[socket.socket, socket.socket]


def _read_to_end(sock: socket.socket, client: Client) -> None:
    while received := sock.recv(65_536):
        client.incoming.write(received)


@pytest.mark.parametrize("raw", [False, True])
def test_bytes_that_are_no_tls_stop_no_writer(
    context: ssl.SSLContext, sockets: Sockets, *, raw: bool
) -> None:
    """Before the client's thread has left, others write to it: nothing is raised, and the client is told."""
    ours, theirs = sockets
    channel, client = TlsChannel(context), Client()
    client.shake_hands(channel)
    connection = Connection(ours, channel, FlushingFake())
    theirs.sendall(_FORGED)
    assert connection.receive() is None
    if raw:
        assert not connection.write_raw(b"some of a file", 10)
    else:
        connection.write(b"what somebody else says\n")
    connection.end(b"bye\n")
    _read_to_end(theirs, client)
    with pytest.raises(ssl.SSLError, match=r"(?i)bad.record.mac"):
        client.tls.read(100)


@pytest.mark.parametrize("said", [False, True], ids=["silent", "after the client's hello"])
def test_end_in_the_middle_of_the_handshake(context: ssl.SSLContext, sockets: Sockets, *, said: bool) -> None:
    """A shutdown or a ban raises nothing then; the client's thread wakes and leaves."""
    ours, theirs = sockets
    connection = Connection(ours, TlsChannel(context), FlushingFake())
    outcome: list[bool] = []
    shaking = threading.Thread(target=lambda: outcome.append(connection.handshake()))
    if said:
        theirs.sendall(Client().go_on())
    shaking.start()
    if said:
        assert theirs.recv(1)  # the server's hello: from now on it waits for the client's last word
    connection.end(b"bye\n")
    shaking.join(10)
    assert outcome == [False]


def test_last_frame_comes_behind_the_handshakes_last_bytes(context: ssl.SSLContext, sockets: Sockets) -> None:
    """Somebody else ends the connection in the moment in which both have agreed.

    In TLS 1.2 the server has the handshake's last word (RFC 5246, 7.3).
    """
    ours, theirs = sockets
    client = Client(ssl.TLSVersion.TLSv1_2)
    connection = Connection(ours, TlsChannel(context), FlushingFake())

    class EndingTurns(contextlib.AbstractContextManager[None]):
        """Turns at work, after the last of which somebody else ends the connection."""

        count = 0

        def __exit__(self, *_: object) -> None:
            self.count += 1
            if self.count == 3:  # nothing, the client's hello, the client's last word
                connection.end(b"bye\n")

    theirs.sendall(client.go_on())
    shaking = threading.Thread(target=connection.handshake, args=(EndingTurns(),))
    shaking.start()
    client.incoming.write(theirs.recv(65_536))
    theirs.sendall(client.go_on())
    shaking.join(10)
    _read_to_end(theirs, client)
    client.tls.do_handshake()
    assert client.read_all() == b"bye\n"
