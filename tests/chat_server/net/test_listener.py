"""The listening socket: what accepted sockets are set to, who is refused, and addresses as they are kept."""

import contextlib
import socket

import pytest

from chat_server.limits import KEEPALIVE_IDLE_S, KEEPALIVE_INTERVAL_S, KEEPALIVE_PROBES
from chat_server.net.listener import Listener, plain_address
from chat_server.net.sockets import configure_socket
from tests.support.sequencer import Sequencer


def test_accepted_socket_sends_at_once_and_notices_a_dead_peer() -> None:
    """TCP_NODELAY and keep-alive are on, with the server's own times."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        configure_socket(sock)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) != 0
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == KEEPALIVE_IDLE_S
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL) == KEEPALIVE_INTERVAL_S
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) == KEEPALIVE_PROBES
        patience_ms = 1000 * (KEEPALIVE_IDLE_S + KEEPALIVE_PROBES * KEEPALIVE_INTERVAL_S)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == patience_ms


def test_listener_gives_each_client_a_configured_socket() -> None:
    """The socket that a client's thread gets has the settings, and its address is the plain one."""
    turn, seen = Sequencer(), list[tuple[int, str]]()

    def serve(sock: socket.socket, address: str) -> None:
        with turn(0), sock:
            seen.append((sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), address))

    with Listener("127.0.0.1", 0, lambda address: None, serve) as listener:
        with socket.create_connection(("127.0.0.1", listener.port), 5):
            listener.handle_request()
        with turn(1):
            assert seen[0][0] != 0
            assert seen[0][1] == "127.0.0.1"


@pytest.mark.parametrize("last_words", [b"banned\n", b""])
def test_listener_refuses_with_its_last_words(last_words: bytes) -> None:
    """Who is not admitted is told why, if there is something to tell, and no thread is started."""

    def serve(sock: socket.socket, address: str) -> None:
        raise AssertionError("served although refused")

    with (
        Listener("127.0.0.1", 0, lambda address: last_words, serve) as listener,
        socket.create_connection(("127.0.0.1", listener.port), 5) as client,
    ):
        listener.handle_request()
        assert client.recv(100) == last_words
        assert not client.recv(100)


def test_known_address_is_served_before_a_crowd() -> None:
    """Of those who came at the same time, who is known has a thread first; nobody is left behind."""
    order: list[str] = []

    class Recorded(Listener):
        def _start(self, sock: socket.socket, address: str) -> None:
            order.append(address)
            sock.close()

    def admit(address: str) -> bytes | None:
        return b"" if address == "127.0.0.3" else None

    with (
        Recorded("127.0.0.1", 0, admit, lambda *_: None, known="127.0.0.9".__eq__) as listener,
        contextlib.ExitStack() as clients,
    ):
        for source in ("127.0.0.2", "127.0.0.3", "127.0.0.2", "127.0.0.9", "127.0.0.4"):
            clients.enter_context(
                socket.create_connection(("127.0.0.1", listener.port), 5, source_address=(source, 0))
            )
        listener.service_actions()
        assert order == ["127.0.0.9", "127.0.0.2", "127.0.0.2", "127.0.0.4"]
        listener.service_actions()
        assert len(order) == 4


@pytest.mark.logged_errors
def test_next_client_is_accepted_when_admission_fails() -> None:
    """A mistake costs the client that it was made with; who stands behind is served."""
    served: list[str] = []

    def admit(address: str) -> bytes | None:
        if address == "127.0.0.2":
            raise LookupError("a mistake")
        return None

    class Recorded(Listener):
        def _start(self, sock: socket.socket, address: str) -> None:
            served.append(address)
            sock.close()

    with Recorded("127.0.0.1", 0, admit, lambda *_: None) as listener, contextlib.ExitStack() as clients:
        for source in ("127.0.0.2", "127.0.0.3"):
            clients.enter_context(
                socket.create_connection(("127.0.0.1", listener.port), 5, source_address=(source, 0))
            )
        listener.service_actions()
    assert served == ["127.0.0.3"]


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_plain_address_has_one_form(address: str, plain: str) -> None:
    """The same client has the same address, whichever socket it came through."""
    assert plain_address(address) == plain
