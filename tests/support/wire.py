"""A small blocking client of the wire: frames as dictionaries; it imports nothing of the project."""

import itertools
import json
import socket
import ssl
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Frame = dict[str, Any]
TIMEOUT_S = 10.0
RECEIVE_BYTES = 65_536
PASSWORD = "correct horse battery"


class ConnectionEnded(Exception):
    """The server closed the connection."""


class TlsStream:
    """A client's TLS over memory buffers: the socket beneath is read and written by nobody else.

    A socket of :mod:`ssl` reads OpenSSL's error queue, which belongs to the thread: after one connection has
    been closed halfway, OpenSSL 3.5 reports its error at the next read of another one.

    :param raw: connected.
    """

    def __init__(self, raw: socket.socket, context: ssl.SSLContext | None = None) -> None:
        self.raw = raw
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = (context or unverified_tls()).wrap_bio(self._incoming, self._outgoing)
        while not self._shake():
            self._fill()
        self._flush()

    def sendall(self, data: bytes) -> None:
        """Encrypt and send."""
        left = memoryview(data)
        while left:
            left = left[self._tls.write(left) :]
        self._flush()

    def recv(self, size: int) -> bytes:
        """Return what came; nothing at the end, however the other side ended."""
        while True:
            try:
                return self._tls.read(size)
            except ssl.SSLWantReadError:
                if not self._fill():
                    return b""
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    def settimeout(self, timeout: float) -> None:
        """Wait at most this many seconds for a read or a write."""
        self.raw.settimeout(timeout)

    def getpeercert(self) -> bytes:
        """Return the other side's certificate."""
        certificate = self._tls.getpeercert(binary_form=True)
        assert certificate is not None
        return certificate

    def close(self) -> None:
        """Close the socket, without a farewell."""
        self.raw.close()

    def _shake(self) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        return True

    def _fill(self) -> bool:
        """Read from the socket; return whether the other side goes on."""
        data = self.raw.recv(RECEIVE_BYTES)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
        return bool(data)

    def _flush(self) -> None:
        if self._outgoing.pending:
            self.raw.sendall(self._outgoing.read())


class WireClient:
    """One connection. Events that come while a reply is awaited are kept in ``events``."""

    def __init__(self, connection: socket.socket | TlsStream) -> None:
        self.socket = connection
        self.raw = connection.raw if isinstance(connection, TlsStream) else connection
        self.events: deque[Frame] = deque()
        self.token = ""
        self._received = bytearray()
        self._refs = itertools.count(1)

    def close(self) -> None:
        self.socket.close()

    def send_bytes(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send(self, type: str, **fields: Any) -> int:
        """Send one request without waiting for the reply; return its ref."""
        ref = next(self._refs)
        frame = {"type": type, "ref": ref, **fields}
        self.send_bytes(json.dumps(frame, ensure_ascii=False).encode() + b"\n")
        return ref

    def frame(self, timeout: float = TIMEOUT_S) -> Frame:
        """Read the next frame, whatever it is; raise TimeoutError or ConnectionEnded."""
        frame: Frame = json.loads(self.line(timeout))
        return frame

    def received(self, most: int) -> bytes:
        """Take what has come behind the last frame, for what is no frame."""
        found = bytes(self._received[:most])
        del self._received[:most]
        return found

    def line(self, timeout: float = TIMEOUT_S) -> bytes:
        """Read the bytes of the next frame, without their line feed."""
        self.socket.settimeout(timeout)
        while (end := self._received.find(b"\n")) < 0:
            try:
                data = self.socket.recv(RECEIVE_BYTES)
            except (ConnectionError, ssl.SSLEOFError) as error:
                raise ConnectionEnded(str(error)) from error
            if not data:
                raise ConnectionEnded
            self._received += data
        line = bytes(self._received[:end])
        del self._received[: end + 1]
        return line

    def reply(self, ref: int | str | None, timeout: float = TIMEOUT_S) -> Frame:
        """Read up to the reply to *ref* and keep the events before it."""
        while True:
            frame = self.frame(timeout)
            if frame["type"] not in ("ok", "error"):
                self.events.append(frame)
                continue
            assert frame.get("ref") == ref, f"expected the reply to {ref}, got {frame}"
            return frame

    def request(self, type: str, **fields: Any) -> Frame:
        """Send one request and return its reply, ``ok`` or ``error``."""
        return self.reply(self.send(type, **fields))

    def ok(self, type: str, **fields: Any) -> Frame:
        """Send one request that must succeed and return its reply."""
        reply = self.request(type, **fields)
        assert reply["type"] == "ok", f"{type} failed: {reply}"
        return reply

    def error(self, type: str, **fields: Any) -> str:
        """Send one request that must fail and return the error's code."""
        reply = self.request(type, **fields)
        assert reply["type"] == "error", f"{type} succeeded: {reply}"
        return str(reply["code"])

    def event(self, type: str, timeout: float = TIMEOUT_S, **fields: Any) -> Frame:
        """Return the first event of this type with these fields, kept or to come; drop those before it."""
        while True:
            frame = self.events.popleft() if self.events else self.frame(timeout)
            if frame["type"] == type and all(frame.get(name) == value for name, value in fields.items()):
                return frame

    def collect(self, enough: Callable[[list[Frame]], bool], timeout: float = TIMEOUT_S) -> list[Frame]:
        """Read frames until *enough* says so of all of them."""
        frames: list[Frame] = []
        while not enough(frames):
            frames.append(self.events.popleft() if self.events else self.frame(timeout))
        return frames

    def silent(self) -> bool:
        """Whether nothing unread stands before the answer to a ping that is sent now."""
        before = len(self.events)
        self.ok("ping")
        return before == 0 and not self.events

    def register(self, username: str, password: str = PASSWORD, **fields: Any) -> Frame:
        return self._signed_in(self.ok("register", username=username, password=password, **fields))

    def login(self, username: str, password: str = PASSWORD) -> Frame:
        return self._signed_in(self.ok("login", username=username, password=password))

    def resume(self, token: str) -> Frame:
        return self._signed_in(self.ok("resume", token=token))

    def _signed_in(self, reply: Frame) -> Frame:
        self.token = reply["token"]
        return reply

    def wait_closed(self, timeout: float = TIMEOUT_S) -> list[Frame]:
        """Read until the server closes; return the frames that still came."""
        frames = list(self.events)
        self.events.clear()
        try:
            while True:
                frames.append(self.frame(timeout))
        except ConnectionEnded:
            return frames


def connect(
    port: int,
    *,
    tls: bool = True,
    host: str = "127.0.0.1",
    hello: bool = True,
    rcvbuf: int | None = None,
    source: str = "",
) -> WireClient:
    """Connect and, unless *hello* is false, take the server's first frame off the wire.

    :param rcvbuf: the size of the receive buffer in bytes, for a client that is to be slow.
    :param source: the address from which the client comes.
    """
    connection = socket.socket()
    connection.settimeout(TIMEOUT_S)
    if rcvbuf is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    try:
        if source:
            connection.bind((source, 0))
        connection.connect((host, port))
        client = WireClient(TlsStream(connection) if tls else connection)
        if hello:
            frame = client.frame()
            assert frame["type"] == "hello", frame
    except BaseException:
        connection.close()
        raise
    return client


@contextmanager
def connected(port: int, *, tls: bool = True) -> Iterator[WireClient]:
    """A connection for the length of a ``with`` block."""
    client = connect(port, tls=tls)
    try:
        yield client
    finally:
        client.close()


def own_name(client: WireClient) -> str:
    """Return who is signed in, by the server's word."""
    return str(client.ok("profile", display_name="Somebody")["user"]["username"])


def unverified_tls() -> ssl.SSLContext:
    """A client context that takes any certificate: the tests' servers make their own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
