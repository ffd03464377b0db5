"""One file's way over a connection of its own, up or down; it knows no outbox and no view.

For a thread of its own. Whoever started it may stop it through the event that it was given.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar, cast

from chat_client.net.transport import Address, ConnectionFailed, open_stream
from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.frames import encode_frame
from chat_protocol.limits import PREVIEW_MAX_BYTES
from chat_protocol.objects import File
from chat_protocol.request import Request
from chat_protocol.requests import Download, Quiet, Resume, Upload

PIECE_BYTES: Final = 64 * 1024
LINE_MAX_BYTES: Final = 8 * 1024 * 1024  # of a reply, as everywhere in the client
PATIENCE_S: Final = 90.0  # without any byte; a server may have each file looked at before it answers
_LOOK_EVERY_S: Final = 0.2  # whether to stop

Told = Callable[[int], object]
_T = TypeVar("_T")


class Stopped(Exception):
    """The transfer was to stop: what came so far is kept on the side where it came to."""


class TransferLine:
    """A signed-in connection that is told no events.

    :param stop: set from any thread to end what waits.
    :raises ConnectionFailed: it cannot be made (later: it has ended).
    :raises ChatError: the server does not let the user in (later: refuses a request).
    :raises Stopped: `stop` was set.
    """

    def __init__(self, address: Address, token: str, stop: threading.Event) -> None:
        self._stop = stop
        self._ref = 0
        self._received = bytearray()
        stream, _encrypted = open_stream(address)
        self._stream = cast(socket.socket, stream)
        self._stream.settimeout(_LOOK_EVERY_S)
        try:
            self.request(Resume(token))
            self.request(Quiet())
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the connection."""
        self._stream.close()

    def request(self, request: Request) -> dict[str, Any]:
        """Ask, and return the reply."""
        self._ref += 1
        self._send(encode_frame(request.to_frame(self._ref)))
        return self.reply()

    def reply(self) -> dict[str, Any]:
        """Return the next reply to the last request."""
        while True:
            frame = json.loads(self._line())
            if frame.get("type") == "end":
                raise ConnectionFailed("dropped", str(frame.get("reason") or "the server ends it"))
            if frame.get("ref") != self._ref:
                continue  # an event
            if frame.get("type") == "error":
                known = {"type", "ref", "code", "message"}
                extra = {name: value for name, value in frame.items() if name not in known}
                raise ChatError(
                    str(frame.get("code") or ErrorCode.INTERNAL), str(frame.get("message") or ""), **extra
                )
            return cast(dict[str, Any], frame)

    def send_bytes(self, pieces: Iterable[bytes], told: Told) -> None:
        """Send raw bytes; a refusal that has come meanwhile is raised in place of the broken connection."""
        sent = 0
        for piece in pieces:
            try:
                self._send(piece)
            except ConnectionFailed:
                self.reply()  # raises what the server had to say, or that it has gone
                raise
            sent += len(piece)
            told(sent)

    def receive_bytes(self, count: int) -> Iterable[bytes]:
        """Give as many raw bytes as are to come, piece by piece."""
        while count:
            if not self._received:
                self._receive()
            piece = bytes(self._received[:count])
            del self._received[:count]
            count -= len(piece)
            yield piece

    def _line(self) -> bytes:
        searched = 0
        while (end := self._received.find(b"\n", searched)) < 0:
            searched = len(self._received)
            if searched > LINE_MAX_BYTES:
                raise ConnectionFailed("not_chat", "the server sends an endless line")
            self._receive()
        line = bytes(self._received[:end])
        del self._received[: end + 1]
        return line

    def _receive(self) -> None:
        data = self._patiently(lambda: self._stream.recv(PIECE_BYTES))
        if not data:
            raise ConnectionFailed("dropped", "the server has closed the connection")
        self._received += data

    def _send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            sent = self._patiently(partial(self._stream.send, rest))
            rest = rest[sent:]

    def _patiently(self, act: Callable[[], _T]) -> _T:
        give_up_at = time.monotonic() + PATIENCE_S
        while True:
            if self._stop.is_set():
                raise Stopped
            try:
                return act()
            except TimeoutError as error:
                if time.monotonic() >= give_up_at:
                    raise ConnectionFailed("silent", str(error)) from error
            except OSError as error:
                raise ConnectionFailed("dropped", str(error)) from error


def upload(line: TransferLine, request: Upload, path: Path, preview: bytes, told: Told) -> File:
    """Bring a file to the server, from where the server has it already; return it as the server names it.

    :param told: called with the number of bytes that have arrived or are on their way.
    :raises OSError: the file cannot be read.
    """
    reply = line.request(request)
    if "file" not in reply:
        offset = int(reply["offset"])
        told(offset)
        with path.open("rb") as source:
            line.send_bytes(_pieces(source, preview, request.size, offset), lambda sent: told(offset + sent))
        reply = line.reply()
    return File.from_frame(reply["file"])


def _pieces(source: BinaryIO, preview: bytes, size: int, offset: int) -> Iterable[bytes]:
    source.seek(min(offset, size))
    left = size - min(offset, size)
    while left:
        piece = source.read(min(PIECE_BYTES, left))
        if not piece:
            raise OSError(f"{source.name} has become shorter")
        left -= len(piece)
        yield piece
    if rest := preview[max(0, offset - size) :]:
        yield rest


def download(
    line: TransferLine, file: str, part: Path, told: Told, *, size: int | None = None, preview: bool = False
) -> None:
    """Bring a file into `part`, behind what stands there already; when it returns, all is there.

    :param size: what the message has said of it; a server that gives another size is not listened to.
    :raises OSError: the disk refuses.
    :raises ChatError: the server refuses, or gives more or less than it has said.
    """
    with part.open("ab") as target:
        there = target.tell()
        reply = line.request(Download(file, offset=there, preview=preview))
        whole, length = int(reply["size"]), int(reply["length"])
        if (size is not None and whole != size) or (preview and whole > PREVIEW_MAX_BYTES):
            target.truncate(0)
            raise ChatError(ErrorCode.NO_SUCH_FILE, f"The server has another file of {whole} bytes there.")
        if there + length != whole or length < 0:
            target.truncate(0)
            raise ConnectionFailed("dropped", "the server gives another file than before")
        for piece in line.receive_bytes(length):
            target.write(piece)
            there += len(piece)
            told(there)
