"""IPv6 addresses as people write them."""

import socket
from collections.abc import Callable

from tests.support.server import ServerProcess

Start = Callable[..., ServerProcess]


def test_host_in_brackets(server_process: Start) -> None:
    """The server listens and greets; the line has one pair of brackets."""
    server = server_process("--host", "[::1]", tls=False)
    assert server.host == "[::1]"
    with socket.create_connection(("::1", server.port), 10) as sock:
        assert b'"hello"' in sock.recv(4_096)


def test_link_local_address_is_bound_on_its_card(server_process: Start) -> None:
    """A link-local address, which is none without its network card, is listened on, where there is one."""
    for address, card in link_local()[:1]:
        server = server_process("--host", f"[{address}%{card}]")
        with socket.socket(socket.AF_INET6) as sock:
            sock.settimeout(10)
            sock.connect((address, server.port, 0, socket.if_nametoindex(card)))


def link_local() -> list[tuple[str, str]]:
    """Return this machine's link-local addresses with their network cards."""
    try:
        with open("/proc/net/if_inet6", encoding="ascii") as stream:
            rows = [line.split() for line in stream]
    except OSError:
        return []
    return [
        (socket.inet_ntop(socket.AF_INET6, bytes.fromhex(row[0])), row[5]) for row in rows if row[3] == "20"
    ]
