"""How a client's socket is set up and waited for; it must not know what goes over it."""

import select
import socket

from chat_server.limits import KEEPALIVE_IDLE_S, KEEPALIVE_INTERVAL_S, KEEPALIVE_PROBES


def wait_for(fd: int, event: int, timeout_s: float) -> bool:
    """Return whether a socket became ready, or ended, in so many seconds."""
    poll = select.poll()
    poll.register(fd, event)
    return bool(poll.poll(timeout_s * 1000))


def receive_into(sock: socket.socket, place: memoryview, timeout_s: float) -> int:
    """Wait for bytes and put them into a place; return how many, 0 when the other side has ended.

    :raises TimeoutError: when nothing has come in so many seconds.
    """
    if not wait_for(sock.fileno(), select.POLLIN, timeout_s):
        raise TimeoutError
    try:
        return sock.recv_into(place)
    except OSError:  # reset by the peer: an end like any other
        return 0


def configure_socket(sock: socket.socket) -> None:
    """Block, send at once, and notice a peer that died (tcp(7))."""
    sock.setblocking(True)  # some systems pass on that the listening socket does not
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", KEEPALIVE_IDLE_S),
        ("TCP_KEEPINTVL", KEEPALIVE_INTERVAL_S),
        ("TCP_KEEPCNT", KEEPALIVE_PROBES),
        ("TCP_USER_TIMEOUT", 1000 * (KEEPALIVE_IDLE_S + KEEPALIVE_PROBES * KEEPALIVE_INTERVAL_S)),
    ):
        if hasattr(socket, option):  # not every system has all of them
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
