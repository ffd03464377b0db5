"""One non-blocking connection to the server, plain or TLS; it must not know what the bytes mean."""

import socket
import ssl
from collections.abc import Generator
from dataclasses import dataclass
from select import EPOLLIN, EPOLLOUT
from typing import TypeAlias

TLS_RECORD_MAX_BYTES = 16_384

# A conversation that waits: it yields the epoll events it needs before it can go on.
Waiting: TypeAlias = Generator[int, None, None]


class ConnectionLost(Exception):
    """The server closed the connection or never took it."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the server listens; its processes and its database's, where they are known."""

    host: str
    port: int
    tls: bool
    pids: tuple[int, ...] = ()
    database_pids: tuple[int, ...] = ()


class Connection:
    """A plain TCP connection. All clients run in one thread, so nothing here ever blocks.

    :param quick_acks: acknowledge what comes at once, for a server that leaves Nagle's algorithm on: it would
        wait up to 40 ms for a delayed acknowledgement (tcp(7), TCP_QUICKACK).
    """

    def __init__(self, target: Target, rcvbuf: int | None = None, *, quick_acks: bool = False) -> None:
        self._target = target
        self._quick_acks = quick_acks
        self._tcp = socket.socket()
        self._tcp.setblocking(False)
        self._tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if rcvbuf is not None:
            self._tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)

    def fileno(self) -> int:
        return self._tcp.fileno()

    def open(self) -> Waiting:
        """Connect."""
        self._tcp.connect_ex((self._target.host, self._target.port))
        yield EPOLLOUT
        error = self._tcp.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise ConnectionLost(f"connect: error {error}")

    def read_into(self, view: memoryview) -> int:
        """Read what is there, up to the size of *view*; return the number of bytes, 0 for none.

        :raises ConnectionLost: at the end of the stream.
        """
        try:
            count = self._tcp.recv_into(view)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise ConnectionLost(str(error)) from error
        if not count:
            raise ConnectionLost("closed by the server")
        if self._quick_acks:  # for the next one only, says the kernel
            self._tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return count

    def write(self, data: bytes) -> None:
        """Send all of *data*: a window of messages is far smaller than a socket's buffer.

        :raises ConnectionLost: when the buffer is full all the same, or the connection is gone.
        """
        try:
            sent = self._tcp.send(data)
        except OSError as error:
            raise ConnectionLost(str(error)) from error
        if sent != len(data):
            raise ConnectionLost("the send buffer is full: the server does not read")

    def close(self) -> None:
        self._tcp.close()

    def cut(self) -> None:
        """Close at once and impolitely, as a network that fails does: the server gets a reset."""
        self._tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._tcp.close()


class TlsConnection(Connection):
    """The same over TLS."""

    def __init__(self, target: Target, context: ssl.SSLContext, rcvbuf: int | None = None) -> None:
        super().__init__(target, rcvbuf)
        self._context = context
        self._tls: ssl.SSLSocket | None = None

    def open(self) -> Waiting:
        """Connect and shake hands."""
        yield from super().open()
        self._tls = self._context.wrap_socket(self._tcp, do_handshake_on_connect=False)
        # The wrapper owns the descriptor now.
        self._tcp = self._tls
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                yield EPOLLIN
            except ssl.SSLWantWriteError:
                yield EPOLLOUT
            except OSError as error:
                raise ConnectionLost(str(error)) from error
            else:
                return

    def read_into(self, view: memoryview) -> int:
        assert self._tls is not None
        total = 0
        # One call gives one record at most. A short one counts as the last: were it not, epoll would say so.
        while not total or len(view) - total >= TLS_RECORD_MAX_BYTES:
            try:
                count = self._tls.recv_into(view[total:], TLS_RECORD_MAX_BYTES)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                break
            except OSError as error:
                raise ConnectionLost(str(error)) from error
            if not count:
                if total:
                    break
                raise ConnectionLost("closed by the server")
            total += count
            if count < TLS_RECORD_MAX_BYTES and not self._tls.pending():
                break
        return total


def connection_factory(target: Target) -> "type[Connection] | TlsFactory":
    """What makes connections to the target: all TLS connections share one context."""
    return TlsFactory() if target.tls else Connection


class TlsFactory:
    """Makes TLS connections that take any certificate: the server under measurement made its own."""

    def __init__(self) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._context.check_hostname = False
        self._context.verify_mode = ssl.CERT_NONE

    def __call__(self, target: Target, rcvbuf: int | None = None) -> TlsConnection:
        return TlsConnection(target, self._context, rcvbuf)
