"""No byte is lost, doubled or moved: long chunks to a slow reader, many threads, and TLS that must answer."""

import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_server.limits import PIECE_BYTES
from chat_server.net.connection import Connection
from chat_server.net.encryption import PlainChannel, TlsChannel
from chat_server.net.flusher import Flusher
from tests.chat_server.net.flushing_fake import FlushingFake
from tests.chat_server.net.tls_client import Client
from tests.support.sequencer import run_together

THREADS = 8
FRAMES = 300

# Around the size of a piece, where chunks are cut and joined, and small ones between them.
sizes = st.lists(
    st.one_of(
        st.integers(1, 200),
        st.integers(PIECE_BYTES - 2, PIECE_BYTES + 2),
        st.integers(2 * PIECE_BYTES - 2, 2 * PIECE_BYTES + 2),
        st.integers(PIECE_BYTES + 1, 3 * PIECE_BYTES),
    ),
    min_size=1,
    max_size=8,
)


@pytest.fixture
def flusher() -> Iterator[Flusher]:
    """A flusher at work."""
    made = Flusher()
    made.start()
    yield made
    made.stop()


class Drip:
    """A socket that takes a few bytes at a time, as the kernel's buffer does for a slow reader."""

    def __init__(self, takes: list[int]) -> None:
        self._takes = takes
        self._turn = 0
        self.taken = b""

    def fileno(self) -> int:
        return -1

    def send(self, data: bytes, flags: int) -> int:
        assert flags == socket.MSG_DONTWAIT
        count = self._takes[self._turn % len(self._takes)]
        self._turn += 1
        if count == 0:
            raise BlockingIOError
        self.taken += bytes(data[:count])
        return min(count, len(data))

    def shutdown(self, how: int) -> None:
        pass

    def close(self) -> None:
        pass


def _chunks(lengths: list[int]) -> list[bytes]:
    return [bytes([65 + number % 26]) * (size - 1) + b"\n" for number, size in enumerate(lengths)]


takes = st.lists(st.sampled_from([0, 1, 1000, PIECE_BYTES, 10**6]), min_size=1, max_size=6).filter(
    lambda counts: max(counts) >= 1000
)


@settings(max_examples=60, deadline=None)
@given(lengths=sizes, counts=takes)
def test_chunks_to_a_slow_reader_arrive_whole(lengths: list[int], counts: list[int]) -> None:
    """Whatever the sizes of chunks and of what the kernel takes, the reader has every byte in order."""
    drip, flushing = Drip(counts), FlushingFake()
    connection = Connection(cast(socket.socket, drip), PlainChannel(), flushing, backlog_max_bytes=10**9)
    chunks = _chunks(lengths)
    for chunk in chunks:
        connection.write(chunk)
    flushing.flush_all()
    assert drip.taken == b"".join(chunks)
    assert connection.waiting_bytes == 0


@settings(max_examples=30, deadline=None)
@given(lengths=sizes, counts=takes)
def test_chunks_over_tls_to_a_slow_reader_arrive_whole(
    context: ssl.SSLContext, lengths: list[int], counts: list[int]
) -> None:
    """Records that the kernel takes in parts are decrypted into exactly what was written, up to the end."""
    channel, client, drip, flushing = TlsChannel(context), Client(), Drip(counts), FlushingFake()
    client.shake_hands(channel)
    connection = Connection(cast(socket.socket, drip), channel, flushing, backlog_max_bytes=10**9)
    chunks = _chunks(lengths)
    for chunk in chunks:
        connection.write(chunk)
    connection.end(b"bye\n")
    flushing.flush_all()
    client.incoming.write(drip.taken)
    assert client.read_all() == b"".join(chunks) + b"bye\n"


@pytest.mark.parametrize("encrypted", [False, True])
def test_long_chunks_through_a_full_socket_arrive_whole(
    context: ssl.SSLContext, flusher: Flusher, encrypted: bool
) -> None:
    """Several chunks over 64 KiB that wait behind each other for a real socket lose nothing on the way."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(10)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    channel: PlainChannel = PlainChannel()
    client = Client()
    if encrypted:
        channel = TlsChannel(context)
        client.shake_hands(channel)
    connection = Connection(ours, channel, flusher, backlog_max_bytes=10**9)
    chunks = _chunks([100_000, 70_000, 10, 200_000, 65_536, 65_537, 5])
    for chunk in chunks:
        connection.write(chunk)
    connection.end(b"bye\n")
    received = b""
    while part := theirs.recv(65_536):
        received += part
    if encrypted:
        client.incoming.write(received)
        received = client.read_all()
    assert received == b"".join(chunks) + b"bye\n"
    theirs.close()
    connection.close()


def test_tls_answers_while_data_waits(context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """TLS's own answer goes behind the ciphertext that waits, not into its middle."""
    channel, client, flushing = TlsChannel(context), Client(), FlushingFake()
    client.shake_hands(channel)
    sock = _ReadingDrip(b"")
    connection = Connection(cast(socket.socket, sock), channel, flushing, backlog_max_bytes=10**9)
    connection.write(b"x" * 5_000 + b"\n")  # the kernel takes 100 bytes of it
    monkeypatch.setattr(channel, "answer", lambda: channel.seal(b"(answer)"))
    client.tls.write(b"hello\n")
    sock.incoming = client.outgoing.read()
    assert connection.receive() == b"hello\n"
    monkeypatch.setattr(channel, "answer", lambda: b"")
    connection.write(b"after\n")
    sock.takes = 10**6
    flushing.flush_all()
    client.incoming.write(sock.taken)
    assert client.read_all() == b"x" * 5_000 + b"\n(answer)after\n"


class _ReadingDrip:
    """A socket that takes few bytes at first, and has some to read."""

    def __init__(self, incoming: bytes) -> None:
        self.incoming = incoming
        self.takes = 100
        self.taken = b""

    def fileno(self) -> int:
        return -1

    def send(self, data: bytes, flags: int) -> int:
        count, self.takes = min(self.takes, len(data)), 0 if self.takes < 10**6 else self.takes
        if not count:
            raise BlockingIOError
        self.taken += bytes(data[:count])
        return count

    def recv(self, size: int) -> bytes:
        return self.incoming


def test_frames_of_many_threads_stay_intact(flusher: Flusher) -> None:
    """Eight threads hammer one connection: each frame arrives whole, each thread's frames in order."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(10)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    connection = Connection(ours, PlainChannel(), flusher, backlog_max_bytes=10**9)
    received: list[bytes] = []
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        run_together(
            lambda: _read_to_end(theirs, received),
            lambda: _hammer_and_end(connection),
            wait_s=30,
        )
    finally:
        sys.setswitchinterval(interval)
    lines = b"".join(received).splitlines()
    assert len(lines) == THREADS * FRAMES + 1
    assert lines.pop() == b"bye"
    for who in range(THREADS):
        own = [line for line in lines if line.startswith(b"%d:" % who)]
        assert own == [_frame(who, number)[:-1] for number in range(FRAMES)]
    theirs.close()
    connection.close()


def _frame(who: int, number: int) -> bytes:
    return b"%d:%d:" % (who, number) + b"abcdefghij" * (number % 97) + b"\n"


def _hammer_and_end(connection: Connection) -> None:
    def hammer(who: int) -> None:
        for number in range(FRAMES):
            connection.write(_frame(who, number))

    start = [threading.Thread(target=hammer, args=(who,)) for who in range(THREADS)]
    for thread in start:
        thread.start()
    for thread in start:
        thread.join()
    connection.end(b"bye\n")


def _read_to_end(sock: socket.socket, received: list[bytes]) -> None:
    while part := sock.recv(3_000):
        received.append(part)


def test_client_may_leave_as_much_unread_as_is_allowed() -> None:
    """One byte more, and it is given up."""
    connection = Connection(
        cast(socket.socket, Drip([0])), PlainChannel(), FlushingFake(), backlog_max_bytes=10
    )
    connection.write(b"on the wire")
    connection.write(b"0123456789")
    assert not connection.slow
    connection.write(b"x")
    assert connection.slow
