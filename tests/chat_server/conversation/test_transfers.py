"""How a file's bytes are counted, and when a transfer is too slow or is looked at again; no socket."""

from collections.abc import Iterator
from typing import Any, cast

import pytest

from chat_server.conversation import transfers
from chat_server.conversation.transfers import LOOK_EVERY_BYTES, Pace, run_download, run_upload
from chat_server.limits import TRANSFER_LOOK_S, TRANSFER_WINDOW_S
from tests.support.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(100.0)


@pytest.fixture(autouse=True)
def _usual_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own thread does not give way for ever."""
    monkeypatch.setattr(transfers, "give_way", lambda: None)


def test_window_is_as_long_as_it_says(clock: Clock) -> None:
    """What is left of it goes down with the clock, and not below nothing."""
    pace = Pace(10, clock)
    assert pace.left_s == TRANSFER_WINDOW_S
    clock.now += 2
    assert pace.left_s == TRANSFER_WINDOW_S - 2
    clock.now += TRANSFER_WINDOW_S
    assert pace.left_s == 0.0


def test_rate_is_judged_at_the_end_of_a_window_alone(clock: Clock) -> None:
    """Silence in the middle is allowed; at the end the bytes of the whole window count."""
    pace = Pace(10, clock)
    clock.now += TRANSFER_WINDOW_S - 0.001
    assert not pace.is_too_slow()
    pace.passed(int(10 * TRANSFER_WINDOW_S))
    clock.now += 0.001
    assert not pace.is_too_slow()


def test_one_byte_less_than_the_rate_is_too_slow(clock: Clock) -> None:
    """And each window begins with nothing."""
    pace = Pace(10, clock)
    for _ in range(2):
        pace.passed(int(10 * TRANSFER_WINDOW_S))
        clock.now += TRANSFER_WINDOW_S
        assert not pace.is_too_slow()
    pace.passed(int(10 * TRANSFER_WINDOW_S) - 1)
    clock.now += TRANSFER_WINDOW_S
    assert pace.is_too_slow()


def test_bytes_of_a_window_add_up(clock: Clock) -> None:
    """Many small pieces are as good as a large one."""
    pace = Pace(10, clock)
    for _ in range(10):
        pace.passed(int(TRANSFER_WINDOW_S))
    clock.now += TRANSFER_WINDOW_S
    assert not pace.is_too_slow()


def test_rights_are_looked_at_after_so_many_bytes(clock: Clock) -> None:
    """However quick the transfer is; the first look comes at once."""
    pace = Pace(10, clock)
    assert pace.passed(1)
    assert not pace.passed(LOOK_EVERY_BYTES - 1)
    assert pace.passed(1)
    assert not pace.passed(1)


def test_rights_are_looked_at_after_so_long(clock: Clock) -> None:
    """However slow it is."""
    pace = Pace(10, clock)
    assert pace.passed(1)
    clock.now += TRANSFER_LOOK_S - 0.001
    assert not pace.passed(1)
    clock.now += 0.001
    assert pace.passed(1)
    assert not pace.passed(1)


class ConnectionFake:
    """Gives out pieces of a file, and remembers what is done with it."""

    def __init__(self, *pieces: bytes | None) -> None:
        self.pieces = list(pieces)
        self.done: list[str] = []
        self.sent = b""
        self.ending = False
        self.takes = True

    def receive_raw(self, room: memoryview, beside: memoryview, timeout_s: float) -> int | None:
        if not self.pieces:
            raise TimeoutError
        piece = self.pieces.pop(0)
        if piece is None:
            return None
        room[: len(piece)] = piece
        return len(piece)

    def keep_early_data(self) -> bool:
        self.done.append("keep_early_data")
        return True

    def begin_raw(self, announcement: bytes) -> None:
        self.done.append("begin")

    def write_raw(self, data: bytes, timeout_s: float) -> bool:
        self.sent += data if self.takes else b""
        return self.takes

    def end_raw(self) -> None:
        self.done.append("end_raw")

    def end(self, last: bytes = b"") -> None:
        self.done.append("end")


class SessionFake:
    """Remembers the answers."""

    def __init__(self) -> None:
        self.answers: list[str] = []

    def answer(self, ref: object, reply: object) -> None:
        self.answers.append(type(reply).__name__)


class FileFake:
    """A file that comes, or that goes."""

    def __init__(self, size: int, *, may_go_on: bool = True) -> None:
        self.offset, self.size, self.length = 0, size, size
        self.missing = size
        self.data = b""
        self.closed = False
        self._may_go_on = may_go_on
        self._room = memoryview(bytearray(size))

    def room(self) -> memoryview:
        return self._room

    def took(self, count: int) -> None:
        self.data += self._room[:count]
        self.missing -= count

    def pieces(self) -> Iterator[bytes]:
        yield from (b"x" for _ in range(self.length))

    def may_go_on(self) -> bool:
        return self._may_go_on

    def close(self) -> None:
        self.closed = True


def _download(connection: ConnectionFake, file: FileFake, pace: Pace) -> None:
    run_download(cast(Any, connection), 1, cast(Any, file), pace)


def test_download_sent_whole_gives_the_connection_back(clock: Clock) -> None:
    """After the last byte frames may follow."""
    connection, file = ConnectionFake(), FileFake(5)
    _download(connection, file, Pace(0, clock))
    assert (connection.sent, connection.done, file.closed) == (b"xxxxx", ["begin", "end_raw"], True)


def test_download_that_nobody_takes_ends_the_connection(clock: Clock) -> None:
    """Half a file is not followed by a frame."""
    connection, file = ConnectionFake(), FileFake(5)
    connection.takes = False
    _download(connection, file, Pace(0, clock))
    assert (connection.sent, connection.done, file.closed) == (b"", ["begin", "end"], True)


def test_download_of_somebody_who_lost_the_right_ends(clock: Clock) -> None:
    """At the first look, long before the last byte."""
    connection, file = ConnectionFake(), FileFake(5, may_go_on=False)
    _download(connection, file, Pace(0, clock))
    assert (connection.sent, connection.done) == (b"x", ["begin", "end"])


def _upload(connection: ConnectionFake, file: FileFake, pace: Pace) -> list[str]:
    session = SessionFake()
    run_upload(cast(Any, connection), cast(Any, session), 1, cast(Any, file), pace)
    return session.answers


def test_upload_that_stops_ends_the_connection(clock: Clock) -> None:
    """What came is kept for the next try, and no answer says that the file is there."""
    connection, file = ConnectionFake(b"ab", None), FileFake(5)
    assert _upload(connection, file, Pace(0, clock)) == ["UploadReply"]
    assert (file.data, connection.done, file.closed) == (b"ab", ["end"], True)


def test_upload_of_somebody_who_lost_the_right_ends(clock: Clock) -> None:
    """The bytes that came with the look are not kept."""
    connection, file = ConnectionFake(b"ab", b"cde"), FileFake(5, may_go_on=False)
    assert _upload(connection, file, Pace(0, clock)) == ["UploadReply"]
    assert (file.data, connection.done) == (b"", ["end"])


def test_upload_of_a_connection_that_is_ending_takes_nothing_more(clock: Clock) -> None:
    """Somebody else has ended it."""
    connection, file = ConnectionFake(b"ab"), FileFake(5)
    connection.ending = True
    assert _upload(connection, file, Pace(0, clock)) == ["UploadReply"]
    assert file.data == b""
