"""Tests of one connection: order, back-pressure, the slow reader, TLS, the end."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import pytest

from chat_server.net import connection as connection_module
from chat_server.net.connection import Connection
from chat_server.net.encryption import PlainChannel, TlsChannel
from chat_server.net.flusher import Flusher
from tests.chat_server.net.flushing_fake import FlushingFake


class Ends:
    """A connection and the client's end of it."""

    def __init__(self, channel: PlainChannel | None = None, limit: int = 1_000_000) -> None:
        ours, self.theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self.flushing = FlushingFake()
        self.connection = Connection(
            ours, channel or PlainChannel(), self.flushing, last_words=b"too slow\n", backlog_max_bytes=limit
        )
        self.theirs.settimeout(5)

    def read(self, size: int) -> bytes:
        """Read exactly so many bytes, letting the connection write on meanwhile."""
        data = b""
        while len(data) < size:
            data += self.theirs.recv(size - len(data))
            self.flushing.flush_once()
        return data

    def read_to_end(self) -> bytes:
        """Read until the server has closed its side."""
        data = b""
        while part := self.theirs.recv(65536):
            data += part
            self.flushing.flush_once()
        return data

    def close(self) -> None:
        self.theirs.close()
        self.connection.close()


@pytest.fixture
def ends() -> Iterator[Ends]:
    """A plain connection."""
    made = Ends()
    yield made
    made.close()


def test_write_sends_at_once(ends: Ends) -> None:
    """What the kernel takes goes out in the call, without the flusher."""
    ends.connection.write(b"bonjour\n")
    assert ends.theirs.recv(100) == b"bonjour\n"
    assert ends.flushing.watched == []


def test_full_socket_makes_no_writer_wait(ends: Ends) -> None:
    """A megabyte to a client that does not read returns at once; it arrives whole and in order later."""
    lines = [f"{number:0999d}\n".encode() for number in range(900)]
    for line in lines:
        ends.connection.write(line)
    assert ends.flushing.watched == [ends.connection]
    assert ends.read(900_000) == b"".join(lines)


def test_chunk_longer_than_a_piece_arrives_whole(ends: Ends) -> None:
    """A batch of 700 kB is cut into pieces on the way and nowhere else."""
    data = bytes(range(256)) * 2800
    ends.connection.write(data)
    ends.connection.write(b"after\n")
    assert ends.read(len(data) + 6) == data + b"after\n"


def test_held_events_come_after_the_answer(ends: Ends) -> None:
    """What others write during a sign-in is sent behind its reply."""
    ends.connection.hold()
    ends.connection.write(b"event 1\n")
    ends.connection.write(b"event 2\n")
    ends.connection.answer(b"ok\n")
    ends.connection.write(b"event 3\n")
    assert ends.read(27) == b"ok\nevent 1\nevent 2\nevent 3\n"


def test_slow_reader_is_told_and_its_backlog_dropped() -> None:
    """Past the limit the backlog shrinks to the last frame, and later writes are dropped."""
    ends = Ends(limit=100_000)
    for _ in range(200):
        ends.connection.write(b"x" * 999 + b"\n")
    assert ends.connection.slow
    assert ends.connection.waiting_bytes < 10_000
    ends.connection.write(b"never\n")
    received = ends.read_to_end()
    assert received.endswith(b"x\ntoo slow\n")
    assert b"never" not in received
    assert set(received[: -len(b"too slow\n")].split(b"\n")) <= {b"x" * 999, b""}
    ends.close()


def test_slow_reader_in_the_middle_of_a_long_chunk_gets_it_whole() -> None:
    """Frames are not cut in two: the chunk that has begun is finished before the last words."""
    ends = Ends(limit=400_000)
    chunk = b"y" * 500_000 + b"\n"
    ends.connection.write(chunk)
    ends.connection.write(b"z" * 200_000 + b"\n")
    assert ends.connection.slow
    unread = sum(map(len, ends.connection.unread()))
    assert ends.connection.waiting_bytes == unread + len(ends.connection._wire)
    assert ends.read_to_end() == chunk + b"too slow\n"
    ends.close()


def test_end_sends_the_last_frame_and_closes_the_sending_side(ends: Ends) -> None:
    """The last frame comes behind what waits, then the end; a second end does nothing."""
    ends.connection.write(b"a" * 50_000)
    ends.connection.end(b"shutdown\n")
    ends.connection.end(b"again\n")
    ends.connection.write(b"late\n")
    assert ends.read_to_end() == b"a" * 50_000 + b"shutdown\n"
    assert len(ends.flushing.lingering) == 1


def test_write_to_a_client_that_left_is_no_error(ends: Ends) -> None:
    """The reader's own thread notices the end; writers do not."""
    ends.theirs.close()
    for _ in range(3):
        ends.connection.write(b"anybody?\n")
    assert ends.connection.receive() is None


def test_tls_carries_both_ways_and_in_order(context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over TLS a large batch and small frames arrive whole, and what the client says is read."""
    monkeypatch.setattr(
        "chat_server.net.connection.LINGER_S", 60.0
    )  # on a busy machine five megabytes take long
    ours, theirs = socket.socketpair()
    theirs.settimeout(5)
    flusher = Flusher()
    flusher.start()
    connection = Connection(ours, TlsChannel(context), flusher)
    client = ssl.create_default_context()
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    wrapped: list[ssl.SSLSocket] = []
    shaking = threading.Thread(target=lambda: wrapped.append(client.wrap_socket(theirs)))
    shaking.start()
    assert connection.handshake()
    shaking.join()
    data = bytes(range(256)) * 20_000
    connection.write(data)
    connection.write(b"small\n")
    wrapped[0].sendall(b"hello\n")
    assert connection.receive() == b"hello\n"
    connection.end(b"bye\n")
    received = b""
    while part := wrapped[0].recv(65536):
        received += part
    assert received == data + b"small\nbye\n"
    flusher.stop()
    connection.close()
    wrapped[0].close()


@pytest.mark.parametrize(
    "rubbish", [b"GET / HTTP/1.1\r\n\r\n", b"\x00" * 100, b"\x16\x03\x01\xff\xff" + b"A" * 200]
)
def test_handshake_with_rubbish_fails_cleanly(context: ssl.SSLContext, rubbish: bytes) -> None:
    """Something that does not speak TLS is turned away without an exception."""
    ends = Ends(TlsChannel(context))
    ends.theirs.sendall(rubbish)
    ends.theirs.shutdown(socket.SHUT_WR)
    assert not ends.connection.handshake()
    ends.close()


def test_client_is_told_why_its_handshake_failed() -> None:
    """The channel's last word is sent: an alert names the versions, or the certificate, that were refused."""

    class Refusing(PlainChannel):
        def handshake(self, received: bytes) -> bool:
            error = ssl.SSLError()
            error.reason = "NO_SHARED_CIPHER"
            raise error

        def answer(self) -> bytes:
            return b"alert"

    ends = Ends(Refusing())
    assert not ends.connection.handshake()
    assert ends.theirs.recv(9) == b"alert"
    ends.close()


def test_handshake_cut_short_fails_cleanly(context: ssl.SSLContext) -> None:
    """A client that leaves in the middle of the handshake is no error."""
    ends = Ends(TlsChannel(context))
    ends.theirs.close()
    assert not ends.connection.handshake()
    ends.close()


def test_request_waits_until_the_last_answer_is_read(ends: Ends) -> None:
    """A client with unread pages gets no further ones: whoever would write them waits for it to read."""
    ends.connection.write(b"p" * 300_000)
    ends.connection.write(b"q" * 100)
    waits = threading.Thread(target=ends.connection.wait_until_read, args=(1_000,))
    waits.start()
    assert ends.read(200_000) == b"p" * 200_000
    waits.join(0)
    assert waits.is_alive()
    ends.read(100_100)
    waits.join(5)
    assert not waits.is_alive()


@pytest.mark.parametrize(
    "end", [Connection.give_up, Connection.end, Connection.close], ids=lambda end: end.__name__
)
def test_waiting_for_a_reader_ends_with_its_connection(end: Callable[[Connection], None]) -> None:
    """Nobody waits for a client that is being ended."""
    ends = Ends()
    ends.connection.write(b"p" * 300_000)
    waits = threading.Thread(target=ends.connection.wait_until_read, args=(1_000,))
    waits.start()
    end(ends.connection)
    waits.join(5)
    assert not waits.is_alive()
    ends.theirs.close()


def test_client_that_has_to_give_way_is_told(ends: Ends) -> None:
    """What it has begun to get stays whole, then it is told why; a second time changes nothing."""
    ends.connection.write(b"p" * 300_000)
    ends.connection.write(b"lost")
    assert len(ends.connection.unread()) == 2
    ends.connection.give_up()
    ends.connection.give_up()
    assert ends.read_to_end() == b"p" * 300_000 + b"too slow\n"


def test_events_wait_for_the_last_byte_of_a_file(ends: Ends) -> None:
    """Between the bytes of a file stands no frame; what was told meanwhile comes behind them."""
    ends.connection.begin_raw(b"announced\n")
    ends.connection.write(b"event\n")
    assert ends.connection.write_raw(b"12", 1)
    ends.connection.write(b"another\n")
    assert ends.connection.write_raw(b"34", 1)
    ends.connection.end_raw()
    ends.connection.write(b"last\n")
    assert ends.read(33) == b"announced\n1234event\nanother\nlast\n"


def test_end_in_the_middle_of_a_file(ends: Ends) -> None:
    """The connection ends without a frame, which would be taken for some of the bytes."""
    ends.connection.begin_raw(b"announced\n")
    assert ends.connection.write_raw(b"12", 1)
    ends.connection.write(b"event\n")
    ends.connection.end(b"killed\n")
    assert not ends.connection.write_raw(b"34", 1)
    assert ends.read_to_end() == b"announced\n12"


def test_end_before_a_file_is_announced(ends: Ends) -> None:
    """Who is told of the end is not told that bytes follow."""
    ends.connection.end(b"killed\n")
    ends.connection.begin_raw(b"announced\n")
    assert not ends.connection.write_raw(b"12", 1)
    assert ends.read_to_end() == b"killed\n"


def test_reader_that_takes_no_bytes_of_a_file(ends: Ends) -> None:
    """A transfer waits for its reader, and no longer than it was told to."""
    ends.connection.begin_raw(b"announced\n")
    data = bytes(1_000_000)
    assert not ends.connection.write_raw(data, 0.05)
    reader = threading.Thread(target=ends.read_to_end)
    reader.start()
    assert ends.connection.write_raw(b"more", 5)
    ends.connection.end()
    reader.join(5)
    assert not reader.is_alive()


def test_raw_bytes_over_tls(context: ssl.SSLContext) -> None:
    """The bytes of a file arrive as they were, in both directions, however large the pieces."""
    ends = Ends(TlsChannel(context))
    client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_context.check_hostname, client_context.verify_mode = False, ssl.CERT_NONE
    data = bytes(range(256)) * 4_000
    received = bytearray()

    def client() -> None:
        with client_context.wrap_socket(ends.theirs) as tls:
            tls.sendall(data)
            while len(received) < len(data):
                received.extend(tls.recv(100_000))

    thread = threading.Thread(target=client)
    thread.start()
    assert ends.connection.handshake()
    found = bytearray(ends.connection.receive() or b"")  # what came with the handshake
    room, beside = memoryview(bytearray(70_000)), memoryview(bytearray(50_000))
    while len(found) < len(data):
        found += room[: ends.connection.receive_raw(room[: len(data) - len(found)], beside, 5) or 0]
    ends.connection.begin_raw(b"")
    for start in range(0, len(data), 128 * 1024):
        assert ends.connection.write_raw(data[start : start + 128 * 1024], 5)
    thread.join(5)
    assert found == bytes(received) == data
    ends.connection.close()


def test_plain_bytes_come_as_they_are(ends: Ends) -> None:
    """Without encryption, what the client has written is what is read."""
    ends.theirs.sendall(b"hello\n")
    assert ends.connection.receive() == b"hello\n"
    ends.theirs.shutdown(socket.SHUT_WR)
    assert ends.connection.receive() is None


def test_reader_is_woken_when_a_write_finds_the_client_gone(ends: Ends) -> None:
    """A socket that takes no bytes any more gives none either: its thread must not wait for them."""
    ends.theirs.shutdown(socket.SHUT_RD)  # what is written breaks the pipe, and nothing comes to be read
    ends.connection.write(b"x")
    assert ends.connection.receive() is None


def test_connection_of_a_client_that_left_keeps_nothing(ends: Ends) -> None:
    """Neither what could not be sent nor what is written later, and nobody waits for the client."""
    ends.theirs.close()
    for data in (b"x" * 100_000, b"more"):
        ends.connection.write(data)
        assert ends.connection.waiting_bytes == 0
    assert ends.flushing.watched == []
    assert not ends.connection.wait_until_read()


@pytest.mark.parametrize("dead", [True, False])
def test_end_while_a_file_waits_for_its_reader(
    ends: Ends, monkeypatch: pytest.MonkeyPatch, dead: bool
) -> None:
    """Bytes that were kept back are not sent after it; the transfer is told that it has ended."""
    ends.connection.begin_raw(b"announced\n")
    waits: list[float] = []

    def wait(fd: int, events: int, timeout_s: float) -> bool:
        waits.append(timeout_s)
        if dead:
            ends.connection.give_up()
        else:
            ends.connection.end()
        return True

    monkeypatch.setattr(connection_module, "wait_for", wait)
    assert ends.connection.write_raw(bytes(5_000_000), 7.0) is False
    assert waits == [7.0]
