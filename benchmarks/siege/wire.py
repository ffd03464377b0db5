"""One connection to the server over asyncio, from a source address of one's choice; it must not know why."""

import asyncio
import json
import socket
import ssl
from collections.abc import Callable
from typing import Any

from tests.support.wire import unverified_tls

Frame = dict[str, Any]

REPLY_MAX_S = 30.0
_tls = unverified_tls()


class Ended(Exception):
    """The server closed the connection, or never took it."""


class Refusal(Exception):
    """The server answered with an `error`."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame.get("message", ""))
        self.code = str(frame.get("code"))
        self.wait_s = float(frame.get("retry_after") or 0.0)


class Wire(asyncio.Protocol):
    """Requests and their replies; each other line goes to `heard`.

    :param heard: takes the line of an event.
    """

    def __init__(self, heard: Callable[[bytes], object] | None = None) -> None:
        self.closed = asyncio.get_running_loop().create_future()
        self.lines = 0
        self._heard = heard
        self._rest = b""
        self._replies: asyncio.Queue[Frame] = asyncio.Queue()
        self._transport: asyncio.Transport | None = None

    # -- called by asyncio ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        self.lines += len(lines)
        for line in lines:
            if line.startswith((b'{"type":"ok"', b'{"type":"error"', b'{"type":"hello"')):
                self._replies.put_nowait(json.loads(line))
            elif self._heard is not None:
                self._heard(line)

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)

    # -- called by its owner ----------------------------------------------------------------------

    @property
    def transport(self) -> asyncio.Transport:
        assert self._transport is not None
        return self._transport

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.transport.write(data)

    async def reply(self) -> Frame:
        """The next reply, or the greeting.

        :raises Ended: when the connection ends first, or nothing comes for half a minute.
        """
        if self._replies.empty():
            waiting = asyncio.ensure_future(self._replies.get())
            await asyncio.wait(
                (waiting, self.closed), timeout=REPLY_MAX_S, return_when=asyncio.FIRST_COMPLETED
            )
            if not waiting.done():
                waiting.cancel()
                raise Ended
            return waiting.result()
        return self._replies.get_nowait()

    async def ask(self, type: str, **fields: Any) -> Frame:
        """The `ok` of a request.

        :raises Refusal: for an `error`.
        """
        self.send(json.dumps({"type": type, "ref": 1, **fields}).encode() + b"\n")
        frame = await self.reply()
        if frame["type"] == "error":
            raise Refusal(frame)
        return frame

    def cut(self) -> None:
        """Close at once."""
        self.transport.abort()


async def connect(
    port: int,
    source: str,
    *,
    tls: bool = True,
    heard: Callable[[bytes], object] | None = None,
    receive_bytes: int | None = None,
) -> Wire:
    """A connection from a loopback address; with TLS, the greeting is read.

    :param receive_bytes: the size of the socket's buffer, for a client that is not going to read.
    :raises Ended: when the server does not take it.
    """
    loop = asyncio.get_running_loop()
    raw = socket.socket()
    raw.setblocking(False)
    try:
        # The port is chosen at the connect: thousands of connections may share one address.
        raw.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT, which Python 3.11 has no name for
        raw.bind((source, 0))
        if receive_bytes is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        async with asyncio.timeout(REPLY_MAX_S):
            await loop.sock_connect(raw, ("127.0.0.1", port))
            _, wire = await loop.create_connection(lambda: Wire(heard), sock=raw, **_encryption(tls))
    except (OSError, ssl.SSLError, TimeoutError) as error:
        raw.close()
        raise Ended(str(error)) from error
    if tls:
        try:
            frame = await wire.reply()
        except Ended:
            wire.cut()
            raise
        if frame["type"] != "hello":
            wire.cut()
            raise Refusal(frame)
    return wire


def _encryption(tls: bool) -> dict[str, Any]:
    return {"ssl": _tls, "server_hostname": "", "ssl_handshake_timeout": REPLY_MAX_S} if tls else {}
