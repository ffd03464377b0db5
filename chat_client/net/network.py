"""One connection to a server on its own thread: bytes and TLS inside, typed events and frames outside.

It knows no room and no password, and decides nothing: whether to connect again is the business of link.py.
The thread alone touches the socket; other threads put frames into a queue and wake it, so `send` never waits.
"""

import contextlib
import logging
import queue
import selectors
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from chat_client.net.events import Connected, Disconnected, FingerprintUnknown, FrameReceived, NetworkEvent
from chat_client.net.transport import Address, ConnectionFailed, Stream, open_stream, shown_by
from chat_protocol.errors import ChatError
from chat_protocol.frames import FrameDecoder, decode_object, encode_frame

_log = logging.getLogger("chat.client.network")

PING_AFTER_S = 10.0  # of silence
SILENT_AFTER_S = 25.0  # a dead server is noticed within 30 s
RECEIVE_BYTES = 256 * 1024
# Longer than any frame of the protocol: a generous answer is no reason to hang up, endless rubbish is.
LINE_MAX_BYTES = 8 * 1024 * 1024
EVENTS_WAITING_MAX = 10_000  # past it the thread stops reading, and the server ends the connection
READS_AT_ONCE_MAX = 16  # then the outgoing side has its turn
LINGER_S = 1.0  # how long `close` waits for the system to take the last frames
PING_REF = "ping"


class Connection:
    """One attempt and, when it succeeds, one connection; never used again after its end.

    :param number: names the connection in its events, so that late ones can be told from new ones.
    :param events: where its events go.
    :param opener: makes the stream (replaced in tests).
    :param monotonic: seconds that never go back.
    """

    def __init__(
        self,
        number: int,
        address: Address,
        events: queue.Queue[NetworkEvent],
        *,
        opener: Callable[[Address], tuple[Stream, bool]] = open_stream,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.number = number
        self._address = address
        self._events = events
        self._opener = opener
        self._monotonic = monotonic
        self._outgoing: deque[bytes] = deque()  # appended by any thread, emptied by this one's
        self._closing = threading.Event()
        self._woken, self._wake = socket.socketpair()
        self._woken.setblocking(False)
        self._wake.setblocking(False)
        self._wake_lock = threading.Lock()  # guards _wake against its closing
        self._backlog = b""
        self._more_to_read = False
        self._close_by = 0.0
        self._decoder = FrameDecoder(LINE_MAX_BYTES)
        self._thread = threading.Thread(target=self._run, name=f"network-{number}", daemon=True)

    # Any thread

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def send(self, frame: dict[str, Any]) -> None:
        """Queue a frame; it is lost when the connection ends first."""
        self._outgoing.append(encode_frame(frame))
        self._wake_up()

    def close(self) -> None:
        """End the connection once the queued frames are handed to the system, or at once if it is not up."""
        self._closing.set()
        self._wake_up()

    def join(self, timeout_s: float) -> None:
        """Wait for the end of the thread."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _wake_up(self) -> None:
        with self._wake_lock:
            if self._wake.fileno() >= 0:
                try:
                    self._wake.send(b"\0")
                except BlockingIOError:
                    return  # as many wake-ups wait already as the system keeps

    # The connection's own thread

    def _run(self) -> None:
        stream: Stream | None = None
        try:
            stream, encrypted = self._opener(self._address)
            if self._closing.is_set():
                raise ConnectionFailed("closed")
            stream.setblocking(False)
            self._put(Connected(self.number, encrypted, shown_by(stream)))
            self._converse(stream)
        except ConnectionFailed as failure:
            self._report(failure)
        except Exception as error:
            _log.exception("connection %d failed", self.number)
            self._report(ConnectionFailed("dropped", repr(error)))
        finally:
            self._release(stream)

    def _report(self, failure: ConnectionFailed) -> None:
        with contextlib.suppress(ConnectionFailed):  # nobody listens any more
            if failure.code == "fingerprint_unknown":
                self._put(FingerprintUnknown(self.number, failure.fingerprint))
            self._put(Disconnected(self.number, failure.code, failure.detail, failure.fingerprint))

    def _release(self, stream: Stream | None) -> None:
        if stream is not None:
            stream.close()
        with self._wake_lock:
            self._wake.close()
        self._woken.close()

    def _converse(self, stream: Stream) -> None:
        """Move bytes both ways until one side ends it."""
        heard = asked = self._monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(self._woken, selectors.EVENT_READ)
            selector.register(stream, selectors.EVENT_READ)
            while True:
                blocked = self._write(stream)
                self._end_if_closing()
                selector.modify(stream, selectors.EVENT_READ | (selectors.EVENT_WRITE if blocked else 0))
                selector.select(self._patience(heard))
                self._drain_wake_ups()
                heard_now, now = self._read(stream), self._monotonic()
                if heard_now:
                    heard = now
                elif now - heard >= SILENT_AFTER_S:
                    raise ConnectionFailed("silent", f"nothing was heard for {now - heard:.0f} s")
                elif now - max(heard, asked) >= PING_AFTER_S:
                    asked = now
                    self._outgoing.append(encode_frame({"type": "ping", "ref": PING_REF}))

    def _patience(self, heard: float) -> float:
        """Return for how long to wait: never past the next thing to do about silence."""
        if self._more_to_read:
            return 0.0
        if self._closing.is_set():
            return LINGER_S / 10
        return min(PING_AFTER_S / 2, max(0.0, heard + SILENT_AFTER_S - self._monotonic()))

    def _end_if_closing(self) -> None:
        if not self._closing.is_set():
            return
        now = self._monotonic()
        self._close_by = self._close_by or now + LINGER_S
        if now >= self._close_by or not (self._backlog or self._outgoing):
            raise ConnectionFailed("closed")

    def _write(self, stream: Stream) -> bool:
        """Hand queued bytes to the system; return True when it takes no more for now."""
        while self._backlog or self._outgoing:
            if not self._backlog:
                self._backlog = b"".join(self._outgoing.popleft() for _ in range(len(self._outgoing)))
            try:
                # The same bytes again after a refusal: OpenSSL insists on it.
                self._backlog = self._backlog[stream.send(self._backlog) :]
            except (BlockingIOError, ssl.SSLWantWriteError):
                return True
            except ssl.SSLWantReadError:
                return False
            except OSError as error:
                raise ConnectionFailed("dropped", str(error)) from error
        return False

    def _read(self, stream: Stream) -> bool:
        """Apply all that has arrived; return False when that was nothing."""
        self._more_to_read = False
        for attempt in range(READS_AT_ONCE_MAX):
            try:
                data = stream.recv(RECEIVE_BYTES)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return attempt > 0
            except OSError as error:
                raise ConnectionFailed("dropped", str(error)) from error
            if not data:
                raise ConnectionFailed("dropped", "the server has closed the connection")
            self._take(data)
        # A TLS object may hold bytes that the selector does not know of.
        self._more_to_read = True
        return True

    def _take(self, data: bytes) -> None:
        for line in self._decoder.feed(data):
            try:
                frame = decode_object(line)
            except ChatError as error:
                raise ConnectionFailed("not_chat", "the server does not speak the protocol") from error
            if frame.get("ref") != PING_REF:
                self._put(FrameReceived(self.number, frame))
        if self._decoder.too_large:
            raise ConnectionFailed("not_chat", "the server sends an endless line")

    def _drain_wake_ups(self) -> None:
        try:
            while self._woken.recv(4096):
                pass
        except BlockingIOError:
            return

    def _put(self, event: NetworkEvent) -> None:
        """Hand an event over; wait while too many wait already, unless nobody will take them any more."""
        while True:
            try:
                self._events.put(event, timeout=0.1)
                return
            except queue.Full:
                if self._closing.is_set():
                    raise ConnectionFailed("closed") from None
