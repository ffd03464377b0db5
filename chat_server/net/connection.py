"""One client's socket and what waits to be written to it; it must not know what the bytes mean.

`receive` runs on the client's own thread, `write` and `end` on any, `flush` on the flusher.
"""

import contextlib
import logging
import select
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final, TypeVar

from chat_server.limits import (
    BACKLOG_MAX_BYTES,
    LINGER_S,
    PIECE_BYTES,
    RECEIVE_LARGE_BYTES,
    RECEIVE_SMALL_BYTES,
    SLOW_LINGER_S,
    UNREAD_BEFORE_REQUEST_BYTES,
)
from chat_server.net.encryption import PlainChannel
from chat_server.net.flushing import Flushing
from chat_server.net.sockets import receive_into, wait_for

_log = logging.getLogger("chat.connection")
_NOTHING = memoryview(b"")
NO_TURNS: Final = nullcontext()
_T = TypeVar("_T")


class Connection:
    """A socket that never makes a writer wait.

    :param sock: a blocking stream socket; writers pass MSG_DONTWAIT.
    :param channel: the encryption, or none.
    :param flushing: who is told when the kernel's buffer is full.
    :param last_words: the frame sent to a client whose backlog has grown past the limit.
    """

    def __init__(
        self,
        sock: socket.socket,
        channel: PlainChannel,
        flushing: Flushing,
        *,
        last_words: bytes = b"",
        backlog_max_bytes: int = BACKLOG_MAX_BYTES,
    ) -> None:
        self._sock = sock
        self._flushing = flushing
        self._last_words = last_words
        self._backlog_max_bytes = backlog_max_bytes
        self._early = b""  # the client's own thread's
        self.fd = sock.fileno()

        # Guards all below, and the channel: an encryption state may not be used by two threads at once.
        self._lock = threading.Lock()
        self._channel = channel
        self._wire = _NOTHING  # encrypted, not yet taken by the kernel
        self._current = _NOTHING  # the rest of a chunk longer than a piece
        self._backlog: list[bytes] = []  # not a deque: an empty one takes 600 bytes, ten thousand times
        self._backlog_bytes = 0
        self._held: list[bytes] | None = None
        self._raw = False  # bytes of a file are under way: frames wait, and none is put between them
        self._ending = False  # the last frame is queued; what is written after it is dropped
        self._dead = False  # the socket is of no use any more
        self._caught_up: threading.Event | None = None  # set when little is unread; made when waited for
        self._caught_up_bytes: int  # what counts as little, with that event
        self.slow = False

    # -- the client's own thread ------------------------------------------------------------------

    def handshake(self, turns: AbstractContextManager[object] = NO_TURNS) -> bool:
        """Agree on keys with the other side; False when it went away or does not speak TLS.

        :param turns: entered for each piece of work, and never while waiting for the other side.
        """
        received = b""
        while True:
            with turns:
                done = self._open(self._channel.handshake, received)
            if done is None:
                return False
            if done:
                return self.keep_early_data()
            if not (received := self._receive()):
                return False

    def keep_early_data(self) -> bool:
        """Keep what came in one piece with the handshake or a file's end: nothing would wake us for it.

        :return: whether the channel goes on.
        """
        early = self._open(self._channel.open, b"")
        self._early = early or b""
        return early is not None

    def receive(self) -> bytes | None:
        """Wait for bytes of the client; None when it has ended. May return b"" (half a TLS record)."""
        if self._early:
            early, self._early = self._early, b""
            return early
        received = self._receive()
        return self._open(self._channel.open, received) if received else None

    def receive_raw(self, room: memoryview, beside: memoryview, timeout_s: float) -> int | None:
        """Wait for some of a file's bytes and put them into a room; what has no place there is kept.

        :param beside: where the socket's bytes are put if they are not yet the client's.
        :return: how many; may be 0 (half a TLS record), None when the client has ended.
        :raises TimeoutError: when nothing has come in so many seconds.
        """
        count = self._open(self._channel.open_into, _NOTHING, room)
        if count != 0:
            return count
        inbox = self._channel.inbox(room, beside)
        received = receive_into(self._sock, inbox, timeout_s)
        return self._open(self._channel.open_into, inbox[:received], room) if received else None

    def _open(self, read: Callable[..., _T], *arguments: memoryview | bytes) -> _T | None:
        """Return what the channel makes of bytes; send its own answer or alert. None when it has ended."""
        with self._lock:
            try:
                return read(*arguments)
            except ssl.SSLError as error:
                _log.debug("%s has ended, or sends what is no TLS: %s", self.fd, error.reason or error)
                return None
            finally:
                self._send_own_locked()

    def begin_raw(self, announcement: bytes) -> None:
        """Send the frame behind which the bytes of a file come, and keep back what others write.

        In one step: whatever ends the connection says so before the frame, or not at all.
        """
        with self._lock:
            if self._ending or self._dead:
                return
            self._raw = True
            self._held = self._held or []
            self._write_locked(announcement)

    def write_raw(self, data: bytes, timeout_s: float) -> bool:
        """Send some of a file's bytes and wait until the kernel has them.

        :return: False when the connection has ended, or took nothing in so many seconds.
        """
        with self._lock:
            if self._is_over_locked():
                return False
            self._pump_locked()  # what the flusher has not written yet
            waiting = self._wire or self._backlog or self._current
            if not waiting:
                self._keep_wire_locked(self._seal_locked(data))
        if waiting:
            return wait_for(self.fd, select.POLLOUT, timeout_s) and self.write_raw(data, timeout_s)
        while self._wire:
            if not wait_for(self.fd, select.POLLOUT, timeout_s):
                return False
            with self._lock:
                if self._is_over_locked():
                    return False
                self._keep_wire_locked(self._wire)
        with self._lock:
            return not self._is_over_locked()

    def end_raw(self) -> None:
        """Send what was kept back, after the last byte of a file."""
        with self._lock:
            self._raw = False
            held, self._held = self._held, None
            if held and not self._ending and not self._dead:
                self._write_locked(b"".join(held))

    def _receive(self) -> bytes:
        """Wait for bytes, and return all that the kernel has: a burst is stored in one piece, not in two."""
        try:
            received = self._sock.recv(RECEIVE_SMALL_BYTES)
            if len(received) == RECEIVE_SMALL_BYTES:
                with contextlib.suppress(OSError):  # nothing more; or an end, which the next call meets
                    received += self._sock.recv(RECEIVE_LARGE_BYTES, socket.MSG_DONTWAIT)
        except OSError:  # reset by the peer, or timed out by TCP_USER_TIMEOUT: an end like any other
            return b""
        return received

    def wait_until_read(self, most: int = UNREAD_BEFORE_REQUEST_BYTES) -> bool:
        """Wait until the client has at most so many bytes to read, or is being ended.

        Called before a request is begun: who does not read the answers to earlier ones gets no more of them.

        :return: whether anybody is there to read an answer.
        """
        with self._lock:
            if self._backlog_bytes <= most or self._ending or self._dead:
                return not self._dead
            self._caught_up = caught_up = threading.Event()
            self._caught_up_bytes = most
        caught_up.wait()
        return not self._dead

    def close(self) -> None:
        """Close the socket; only the client's own thread does this, when it has stopped reading."""
        with self._lock:
            self._die_locked()
            self._flushing.forget(self)
        self._sock.close()

    # -- any thread -------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Send `data`, or keep it until the kernel takes it; never wait, never raise."""
        with self._lock:
            if self._ending or self._dead:
                return
            if self._held is not None:
                self._held.append(data)
            else:
                self._write_locked(data)

    def hold(self) -> None:
        """Keep back what others write until `answer`: the reply to a sign-in comes before any event."""
        with self._lock:
            if self._held is None:
                self._held = []

    def answer(self, data: bytes) -> None:
        """Send a reply, and after it what was held back."""
        with self._lock:
            if self._ending or self._dead:
                return
            held, self._held = self._held, None
            self._write_locked(b"".join((data, *held)) if held else data)

    def end(self, last: bytes = b"") -> None:
        """Send `last` after what waits, then close the sending side; a second call does nothing."""
        with self._lock:
            if self._ending or self._dead:
                return
            held, self._held = self._held or [], None
            if not self._raw:  # what would be read as some of a file's bytes is not sent
                self._backlog.extend((*held, last))
            self._ending = True
            self._flushing.linger(self, LINGER_S)
            self._pump_locked()
            self._wake_reader_locked()

    def abandon(self, how: int = socket.SHUT_RDWR) -> None:
        """Shut the socket down, which wakes its reader; `close` would not."""
        with contextlib.suppress(OSError):  # the peer was faster
            self._sock.shutdown(how)

    def flush(self) -> None:
        """Write on, on the flusher's thread, now that the socket takes bytes again."""
        with self._lock:
            if not self._dead:
                self._pump_locked()
            self._wake_reader_locked()

    def give_up(self) -> None:
        """End a client that has left too much unread."""
        with self._lock:
            if not self._ending and not self._dead:
                self._give_up_locked()

    def unread(self) -> list[bytes | memoryview]:
        """Return the pieces that the client has not read; connections may share them."""
        with self._lock:
            return [self._current, *self._backlog]

    @property
    def ending(self) -> bool:
        """Whether the last frame is queued; once true, always true, and so read without the lock."""
        return self._ending

    @property
    def waiting_bytes(self) -> int:
        """How much the client has not read yet; an approximate snapshot, read without the lock."""
        return self._backlog_bytes + len(self._wire)

    # -- under the lock ---------------------------------------------------------------------------

    def _write_locked(self, data: bytes) -> None:
        if self._wire or self._backlog or self._current:  # the flusher is at it
            self._backlog.append(data)
            self._backlog_bytes += len(data)
            if self._backlog_bytes > self._backlog_max_bytes:
                self._give_up_locked()
        elif len(data) <= PIECE_BYTES:
            self._send_wire_locked(self._seal_locked(data))
        else:
            self._current = memoryview(data)
            self._backlog_bytes += len(data)
            self._pump_locked()

    def _pump_locked(self) -> None:
        """Send until nothing is left or the kernel's buffer is full; then the flusher goes on."""
        if self._wire and not self._send_wire_locked(self._wire):
            return
        while piece := self._next_piece_locked():
            if not self._send_wire_locked(self._seal_locked(piece)):
                return
        if self._ending and not self._dead:
            self._send_locked(self._channel.farewell())
            self.abandon(socket.SHUT_WR)

    def _seal_locked(self, data: bytes | memoryview) -> bytes | memoryview:
        """Return what goes on the wire; where the channel takes no more, nothing, and the client ends."""
        try:
            return self._channel.seal(data)
        except ssl.SSLError:
            self._die_locked()
            self.abandon()
            return _NOTHING

    def _send_own_locked(self) -> None:
        """Send what the channel itself has to say, behind what it has sealed."""
        answer = self._channel.answer()
        if answer and not self._dead:
            self._send_wire_locked(bytes(self._wire) + answer)

    def _send_wire_locked(self, wire: bytes | memoryview) -> bool:
        """Return whether the kernel took everything."""
        sent = self._send_locked(wire)
        if sent == len(wire):
            self._wire = _NOTHING
            return True
        if not self._dead:
            self._wire = memoryview(wire)[sent:]
            self._flushing.watch(self)
        return False

    def _is_over_locked(self) -> bool:
        return self._ending or self._dead

    def _keep_wire_locked(self, wire: bytes | memoryview) -> None:
        """Send what the kernel takes and keep the rest, without the flusher: its writer waits itself."""
        sent = self._send_locked(wire)
        self._wire = _NOTHING if self._dead else memoryview(wire)[sent:]

    def _next_piece_locked(self) -> bytes | memoryview:
        if self._current:
            piece, self._current = self._current[:PIECE_BYTES], self._current[PIECE_BYTES:]
            self._backlog_bytes -= len(piece)
            return piece
        count = size = 0
        for chunk in self._backlog:
            if count and size + len(chunk) > PIECE_BYTES:
                break
            count += 1
            size += len(chunk)
        parts = self._backlog[:count]
        del self._backlog[:count]
        if size > PIECE_BYTES:
            self._current = memoryview(parts[0])
            return self._next_piece_locked()
        self._backlog_bytes -= size
        return parts[0] if count == 1 else b"".join(parts)

    def _send_locked(self, data: bytes | memoryview) -> int:
        if not data:
            return 0
        try:
            return self._sock.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 0
        except OSError:
            self._die_locked()
            self.abandon()
            return 0

    def _wake_reader_locked(self) -> None:
        if self._caught_up is not None and (
            self._backlog_bytes <= self._caught_up_bytes or self._ending or self._dead
        ):
            self._caught_up.set()
            self._caught_up = None

    def _give_up_locked(self) -> None:
        """Drop what a slow client has not read; the chunk that it is in the middle of stays whole."""
        self._backlog.clear()
        last_words = b"" if self._raw else self._last_words
        self._backlog.append(last_words)
        self._backlog_bytes = len(self._current) + len(last_words)
        self._ending = True
        self.slow = True
        self._flushing.linger(self, SLOW_LINGER_S)
        self._wake_reader_locked()

    def _die_locked(self) -> None:
        self._dead = True
        self._backlog.clear()
        self._backlog_bytes = 0
        self._wire = self._current = _NOTHING
        self._held = None
        self._wake_reader_locked()
