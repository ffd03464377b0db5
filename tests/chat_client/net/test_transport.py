"""Connecting: who the server is, before a byte of the protocol is sent."""

import queue
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from chat_client.net import transport
from chat_client.net.events import Connected, Disconnected, FingerprintUnknown, NetworkEvent
from chat_client.net.network import Connection
from chat_client.net.tls import fingerprint_of
from chat_client.net.transport import Address, ConnectionFailed, open_stream

TIMEOUT_S = 10.0
Events = queue.Queue[NetworkEvent]


class TlsServer:
    """Accepts TLS connections and greets; counts what it was told before the greeting was answered."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.received = bytearray()
        self._context = context
        self._thread = threading.Thread(target=self._serve, name="tls-server")
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self._greet(connection)
                except OSError:
                    continue

    def _greet(self, connection: socket.socket) -> None:
        connection.settimeout(TIMEOUT_S)
        stream = self._context.wrap_socket(connection, server_side=True) if self._context else connection
        with stream:
            stream.sendall(b'{"type":"hello"}\n' if self._context else b"HTTP/1.0 400 Bad Request\r\n\r\n")
            while data := stream.recv(1000):
                self.received += data

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(TIMEOUT_S)


@pytest.fixture
def tls_server(tls_files: tuple[Path, Path]) -> Iterator[TlsServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*map(str, tls_files))
    server = TlsServer(context)
    yield server
    server.close()


@pytest.fixture
def fingerprint(tls_files: tuple[Path, Path]) -> str:
    return fingerprint_of(ssl.PEM_cert_to_DER_cert(tls_files[0].read_text()))


def attempt(address: Address) -> list[NetworkEvent]:
    """Connect, close as soon as something was reported, return all that was reported."""
    events: Events = queue.Queue()
    connection = Connection(1, address, events)
    connection.start()
    found = [events.get(timeout=TIMEOUT_S)]
    connection.close()
    connection.join(TIMEOUT_S)
    while not events.empty():
        found.append(events.get())
    return found


def test_first_contact_reports_the_fingerprint_and_sends_nothing(
    tls_server: TlsServer, fingerprint: str
) -> None:
    """A certificate that the system does not know is shown, before a byte of the protocol."""
    found = attempt(Address("127.0.0.1", tls_server.port))
    assert found[0] == FingerprintUnknown(1, fingerprint)
    assert isinstance(found[1], Disconnected)
    assert not tls_server.received


def test_pinned_fingerprint_connects(tls_server: TlsServer, fingerprint: str) -> None:
    """The known certificate needs no question."""
    found = attempt(Address("127.0.0.1", tls_server.port, fingerprint=fingerprint))
    assert found[0] == Connected(1, True, fingerprint)


def test_announced_fingerprint_connects(tls_server: TlsServer, fingerprint: str) -> None:
    """The certificate that the pinned server has announced needs no question either, and is named."""
    found = attempt(Address("127.0.0.1", tls_server.port, False, "AA" * 32, fingerprint))
    assert found[0] == Connected(1, True, fingerprint)


@pytest.mark.parametrize("pinned", ["AA" * 32, ""])
def test_neither_pinned_nor_announced_gets_no_byte(tls_server: TlsServer, pinned: str) -> None:
    """Someone in between during an announced renewal is refused; without a pin an announcement is none."""
    found = attempt(Address("127.0.0.1", tls_server.port, False, pinned, "BB" * 32))
    assert not any(isinstance(event, Connected) for event in found)
    assert not tls_server.received


def test_announced_fingerprint_needs_a_pin(tls_server: TlsServer, fingerprint: str) -> None:
    """At first contact the user is asked, whatever is left in a file."""
    found = attempt(Address("127.0.0.1", tls_server.port, False, "", fingerprint))
    assert found[0] == FingerprintUnknown(1, fingerprint)
    assert not tls_server.received


def test_changed_fingerprint_is_refused_and_nothing_is_sent(tls_server: TlsServer, fingerprint: str) -> None:
    """Another certificate than the pinned one ends the attempt, and is named."""
    (event,) = attempt(Address("127.0.0.1", tls_server.port, fingerprint="AA" * 32))
    assert isinstance(event, Disconnected)
    assert (event.code, event.fingerprint) == ("fingerprint_changed", fingerprint)
    assert not tls_server.received


def test_certificate_that_the_system_trusts_needs_no_question(
    tls_server: TlsServer, tls_files: tuple[Path, Path], fingerprint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the certificate in the system's store there is nothing to ask."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tls_files[0]))
    found = attempt(Address("localhost", tls_server.port))
    assert found[0] == Connected(1, True, fingerprint)


def test_server_without_tls_is_named_as_such() -> None:
    """A web server or a plain one at the port is told from one that is down."""
    server = TlsServer(None)
    (event,) = attempt(Address("127.0.0.1", server.port))
    server.close()
    assert isinstance(event, Disconnected)
    assert event.code == "not_tls"


def test_port_without_server_is_unreachable() -> None:
    """Nobody listens: a clear code, with the system's words."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (event,) = attempt(Address("127.0.0.1", port, insecure=True))
    assert isinstance(event, Disconnected)
    assert event.code == "unreachable"
    assert event.detail


@pytest.mark.parametrize("host", ["x" * 300, "no such host", "host.invalid"])
def test_host_that_does_not_exist_is_unreachable(host: str) -> None:
    """A mistyped host is a clear code too, whatever was typed."""
    (event,) = attempt(Address(host, 5000))
    assert isinstance(event, Disconnected)
    assert event.code == "unreachable"


def test_plain_tcp_beyond_this_machine_is_refused() -> None:
    """Without TLS a password would cross the network in the clear."""
    with pytest.raises(ConnectionFailed) as refused:
        open_stream(Address("192.0.2.1", 5000, insecure=True))
    assert refused.value.code == "insecure_refused"


def test_small_frames_are_sent_at_once(tls_server: TlsServer, fingerprint: str) -> None:
    """On a plain and on an encrypted stream: nothing is held back for more to send."""
    for address in (
        Address("127.0.0.1", tls_server.port, insecure=True),
        Address("127.0.0.1", tls_server.port, fingerprint=fingerprint),
    ):
        stream, encrypted = open_stream(address)
        assert isinstance(stream, socket.socket)
        assert encrypted is not address.insecure
        assert stream.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
        stream.close()


@pytest.mark.parametrize("pinned", ["AB", ""])
def test_stream_over_tls_is_said_to_be_encrypted(monkeypatch: pytest.MonkeyPatch, pinned: str) -> None:
    """With a pin nobody else is asked about the certificate; without one, whoever the system trusts."""
    stream = object()
    monkeypatch.setattr(transport, "_tcp", lambda _address: None)
    monkeypatch.setattr(transport, "_pinned", lambda _address: stream if pinned else None)
    monkeypatch.setattr(transport, "_handshake", lambda *_arguments: None if pinned else stream)
    assert open_stream(Address("chat.example", 5000, fingerprint=pinned)) == (stream, True)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (ssl.SSLCertVerificationError("nobody vouches"), ssl.SSLCertVerificationError),
        (TimeoutError("slow"), ConnectionFailed),
        (ValueError("no such name"), ConnectionFailed),
    ],
)
def test_stream_whose_handshake_fails_is_closed(error: Exception, raised: type[Exception]) -> None:
    """Whatever comes of it: a certificate that nobody vouches for may still be the pinned one."""

    def refuse(*_arguments: object, **_options: object) -> None:
        raise error

    near, far = socket.socketpair()
    with far, pytest.raises(raised):
        transport._handshake(near, cast(ssl.SSLContext, SimpleNamespace(wrap_socket=refuse)), "chat.example")
    assert near.fileno() == -1
