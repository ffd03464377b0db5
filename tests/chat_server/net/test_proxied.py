"""The header in which a proxy says who its client is."""

import ipaddress
import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.net.listener import TELL_EVERY_S, Listener
from chat_server.net.proxied import SIGNATURE, ProxyHeaderError, read_source


def header(source: str | None, *, extra: bytes = b"") -> bytes:
    """Return what a proxy sends for a client's address, or for itself."""
    if source is None:
        return SIGNATURE + b"\x20\x00" + len(extra).to_bytes(2, "big") + extra
    address = ipaddress.ip_address(source)
    family = b"\x11" if address.version == 4 else b"\x21"
    rest = 2 * address.packed + bytes([0x13, 0x88, 0x13, 0x89]) + extra
    return SIGNATURE + b"\x21" + family + len(rest).to_bytes(2, "big") + rest


def read(data: bytes, within_s: float = 5.0) -> tuple[str | None, bytes]:
    """Return the source that bytes name, and what they have left unread."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        source = read_source(ours, within_s)
        assert ours.gettimeout() is None
        return source, b"".join(iter(lambda: ours.recv(4_096), b""))


@pytest.mark.parametrize("source", ["192.0.2.7", "2001:db8::7", None])
@pytest.mark.parametrize("extra", [b"", b"\x04\x00\x03abc"])
def test_source_is_read_and_nothing_behind_it(source: str | None, extra: bytes) -> None:
    """The address is the client's, what a proxy adds is passed over, and the next byte is the client's."""
    assert read(header(source, extra=extra) + b"\x16\x03\x01") == (source, b"\x16\x03\x01")


@pytest.mark.parametrize(
    "data",
    [
        b"PROXY TCP4 192.0.2.7 192.0.2.8 1 2\r\n",
        SIGNATURE + b"\x11\x11\x00\x0c" + bytes(12),
        SIGNATURE + b"\x21\x31\x00\xd8" + bytes(216),
        SIGNATURE + b"\x21\x00\x00\x00",
        SIGNATURE + b"\x21\x11\x00\x04" + bytes(4),
        SIGNATURE + b"\x21\x11\x00\x0b" + bytes(11),
        SIGNATURE + b"\x22\x11\x00\x0c" + bytes(12),
        SIGNATURE + b"\x21\x11\xff\xff" + bytes(12),
    ],
    ids=[
        "version 1",
        "version 1 in binary",
        "a path",
        "no family",
        "too short",
        "half a port",
        "no command",
        "too long",
    ],
)
def test_what_names_no_client_is_refused(data: bytes) -> None:
    """An address must not be guessed: bans and limits hold for it."""
    with pytest.raises(ProxyHeaderError):
        read(data)


def test_proxy_that_says_nothing_is_not_waited_for() -> None:
    """The time for the header is over once, however it dribbles."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(header("192.0.2.7")[:20])
        with pytest.raises(TimeoutError):
            read_source(ours, 0.05)


@given(st.binary(max_size=60), st.integers(0, 30))
def test_any_bytes_end_in_a_clear_error(data: bytes, kept: int) -> None:
    """Whatever comes is a header, or refused as none, or a connection that ended."""
    try:
        source, _ = read(header("192.0.2.7")[:kept] + data)
    except (ProxyHeaderError, ConnectionError):
        return
    assert source is None or ipaddress.ip_address(source)


@pytest.mark.parametrize("refused", [False, True])
def test_client_behind_a_proxy_is_admitted_by_its_own_address(refused: bool) -> None:
    """The listener asks about the client, not about the proxy, and serves the client under its address."""
    asked, served = list[str](), list[str]()

    def admit(address: str) -> bytes | None:
        asked.append(address)
        return b"banned\n" if refused else None

    def serve(sock: socket.socket, address: str) -> None:
        with sock:
            served.append(address)
            sock.sendall(b"hello\n")

    with (
        Listener("127.0.0.1", 0, admit, serve, is_proxy=lambda address: address == "127.0.0.1") as listener,
        socket.create_connection(("127.0.0.1", listener.port), 5) as client,
    ):
        listener.handle_request()
        client.sendall(header("192.0.2.7"))
        said = b"".join(iter(lambda: client.recv(100), b""))
    assert said == (b"banned\n" if refused else b"hello\n")
    assert asked == ["192.0.2.7"]
    assert served == ([] if refused else ["192.0.2.7"])


@pytest.mark.parametrize(("data", "address"), [(header(None), "127.0.0.1"), (b"GET / HTTP/1.1\r\n", None)])
def test_proxy_that_only_looks_is_served_as_itself(
    caplog: pytest.LogCaptureFixture, data: bytes, address: str | None
) -> None:
    """It is asked about no more than once; what sends no header is closed without a word, but in the log."""
    asked, served = list[str](), list[str]()

    def serve(sock: socket.socket, address: str) -> None:
        with sock:
            served.append(address)

    def admit(address: str) -> bytes | None:
        asked.append(address)
        return b"banned\n"

    with (
        Listener("127.0.0.1", 0, admit, serve, is_proxy="127.0.0.1".__eq__) as listener,
        socket.create_connection(("127.0.0.1", listener.port), 5) as client,
    ):
        listener.handle_request()
        client.sendall(data)
        assert client.recv(100) == b""
    assert served == ([address] if address else [])
    assert asked == []
    assert ("a connection from 127.0.0.1, a proxy" in caplog.text) is (address is None)


def test_proxy_without_headers_is_told_of_once_a_minute(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """However many connections it makes."""
    now = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with Listener("127.0.0.1", 0, lambda _: None, lambda *_: None) as listener:
        for passed, lines in ((0.0, 1), (TELL_EVERY_S - 1, 1), (1.0, 2), (1.0, 2)):
            now[0] += passed
            listener._tell_of_proxy("192.0.2.1", ProxyHeaderError("none"))
            assert caplog.text.count("a connection from 192.0.2.1, a proxy") == lines
