"""The listening socket: what accepted sockets are set to, who is refused, and addresses as they are kept."""

import contextlib
import errno
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from chat_server.limits import KEEPALIVE_IDLE_S, KEEPALIVE_INTERVAL_S, KEEPALIVE_PROBES
from chat_server.net import listener as listener_module
from chat_server.net.listener import GATHER_S, PAUSE_S, TELL_EVERY_S, Listener, plain_address
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


def test_clients_are_taken_behind_messages() -> None:
    """Messages pass before each client that is taken, and before each stranger who gets a thread."""
    order: list[str] = []

    class Recorded(Listener):
        def _start(self, sock: socket.socket, address: str) -> None:
            order.append("served")
            sock.close()

    def admit(address: str) -> bytes | None:
        order.append("admitted")
        return None

    with Recorded(
        "127.0.0.1", 0, admit, lambda *_: None, give_way=lambda: order.append("gave way")
    ) as listener:
        for _ in range(2):
            socket.create_connection(("127.0.0.1", listener.port), 5).close()
        listener.service_actions()
    taken, served = ["gave way", "admitted"], ["gave way", "served"]
    assert order == [*taken, *taken, "gave way", *served, *served]


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


def test_known_address_that_comes_while_a_crowd_is_served_does_not_wait_for_all_of_it() -> None:
    """After each stranger's thread it is looked who has come meanwhile."""
    order: list[str] = []
    clients = contextlib.ExitStack()

    def come(source: str) -> None:
        clients.enter_context(
            socket.create_connection(("127.0.0.1", listener.port), 5, source_address=(source, 0))
        )

    class Recorded(Listener):
        def _start(self, sock: socket.socket, address: str) -> None:
            order.append(address)
            if len(order) == 1:
                come("127.0.0.9")
            sock.close()

    listener = Recorded("127.0.0.1", 0, lambda _: None, lambda *_: None, known="127.0.0.9".__eq__)
    with listener, clients:
        for source in ("127.0.0.2", "127.0.0.3", "127.0.0.4"):
            come(source)
        listener.service_actions()
    assert order == ["127.0.0.2", "127.0.0.9", "127.0.0.3", "127.0.0.4"]


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


class Exhausted(Listener):
    """One whose process has no file left for the first clients."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.refused: list[int] = []  # the error of each try to accept, in their order; then it succeeds

    @property
    def keeps_spare(self) -> bool:
        return self._spare is not None


@pytest.fixture
def exhausted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Exhausted]:
    """It tells why, and sleeps on the list of its pauses."""
    accept = socketserver.TCPServer.get_request

    def get_request(self: Exhausted) -> tuple[socket.socket, Any]:
        if self.refused:
            raise OSError(self.refused.pop(0), "no")
        return accept(self)

    monkeypatch.setattr(socketserver.TCPServer, "get_request", get_request)
    with Exhausted("127.0.0.1", 0, lambda _: None, lambda *_: None, full=lambda: b"full\n") as listener:
        yield listener


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


@pytest.mark.logged_errors
@pytest.mark.parametrize("code", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
def test_client_without_a_file_is_told_so(exhausted: Exhausted, pauses: list[float], code: int) -> None:
    """By the file that is kept for it, which is there again for the next."""
    assert exhausted.keeps_spare
    exhausted.refused = [code]
    with socket.create_connection(("127.0.0.1", exhausted.port), 5) as client:
        exhausted.handle_request()
        assert client.recv(100) == b"full\n"
        assert client.recv(100) == b""
    assert exhausted.keeps_spare
    assert pauses == []


@pytest.mark.logged_errors
def test_listener_pauses_where_not_even_that_file_helps(exhausted: Exhausted, pauses: list[float]) -> None:
    """The socket stays ready, and would keep the thread running; so it does without the file."""
    exhausted.refused = [errno.EMFILE, errno.EMFILE]
    with socket.create_connection(("127.0.0.1", exhausted.port), 5) as client:
        exhausted.handle_request()
        assert pauses == [PAUSE_S]
        exhausted._drop_spare()
        exhausted.refused = [errno.EMFILE]
        exhausted.handle_request()
        assert client.recv(100) == b"full\n"
    assert pauses == [PAUSE_S] * 2
    assert exhausted.keeps_spare


@pytest.mark.logged_errors
def test_lack_of_files_is_told_once_a_minute(
    exhausted: Exhausted,
    pauses: list[float],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """However many clients come."""
    now = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    for passed, lines in ((0.0, 1), (TELL_EVERY_S - 1, 1), (1.0, 2), (1.0, 2)):
        now[0] += passed
        exhausted._out_of_files(OSError(errno.EMFILE, "no"))
        assert caplog.text.count("clients are turned away") == lines


def test_error_of_one_client_costs_no_file(exhausted: Exhausted, pauses: list[float]) -> None:
    """One who has gone meanwhile is passed over in silence."""
    exhausted.refused = [errno.ECONNABORTED]
    assert not exhausted._take()
    assert exhausted.keeps_spare
    assert pauses == []
    exhausted.server_close()
    assert not exhausted.keeps_spare


@pytest.mark.logged_errors
def test_client_without_a_thread_has_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """His connection is closed, as that of one who has gone; the others stay."""

    def fail(_self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    def gone(_sock: socket.socket) -> None:
        raise OSError(errno.EINVAL, "gone")

    with Listener("127.0.0.1", 0, lambda _: None, lambda *_: None) as listener:
        where: tuple[tuple[Any, str, Any], ...] = (
            (threading.Thread, "start", fail),
            (listener_module, "configure_socket", gone),
        )
        for owner, name, failing in where:
            with monkeypatch.context() as patch:
                patch.setattr(owner, name, failing)
                with socket.create_connection(("127.0.0.1", listener.port), 5) as client:
                    listener.handle_request()
                    assert client.recv(100) == b""


def test_listener_takes_both_families_at_an_address_of_ipv6() -> None:
    """Where the system allows it; the client's address is the plain one."""
    turn, seen = Sequencer(), list[str]()

    def serve(sock: socket.socket, address: str) -> None:
        with turn(0), sock:
            seen.append(address)

    with Listener("::", 0, lambda _: None, serve) as listener:
        assert listener.address_family == socket.AF_INET6
        with socket.create_connection(("127.0.0.1", listener.port), 5):
            listener.handle_request()
        with turn(1):
            assert seen == ["127.0.0.1"]


def test_some_who_are_turned_away_let_the_next_gather(pauses: list[float]) -> None:
    """For a moment, once a burst; nobody waits where all may enter."""
    admitted = [None, b"", None]
    with (
        Listener("127.0.0.1", 0, lambda _: admitted.pop(0), lambda sock, _: sock.close()) as listener,
        contextlib.ExitStack() as clients,
    ):
        for expected in ([], [GATHER_S], [GATHER_S]):
            clients.enter_context(socket.create_connection(("127.0.0.1", listener.port), 5))
            listener.service_actions()
            assert pauses == expected
