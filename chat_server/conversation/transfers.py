"""The bytes of files behind their requests and replies, on the client's own thread; it must not know who may.

A transfer whose right has ceased, that is too slow or whose connection is to end, ends the connection:
nothing tells the rest of its bytes from frames.
"""

import time
from collections.abc import Callable
from typing import Final

from chat_protocol.message_replies import DownloadReply, UploadReply
from chat_protocol.request import Ref
from chat_server.limits import RAW_BYTES, TRANSFER_LOOK_S, TRANSFER_WINDOW_S
from chat_server.live.session import Session
from chat_server.net.connection import Connection
from chat_server.net.wire import reply_frame
from chat_server.process import give_way
from chat_server.services.files.downloads import Outgoing
from chat_server.services.files.files import uploaded
from chat_server.services.files.uploads import Incoming

LOOK_EVERY_BYTES: Final = 1024 * 1024
Transfer = Incoming | Outgoing


class Pace:
    """When to look again whether a transfer may go on, and whether it is too slow.

    :param per_second: bytes that have to come in a second, on the average of a window.
    """

    def __init__(self, per_second: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._least = per_second * TRANSFER_WINDOW_S
        self._window_ends = self._look_at = monotonic()
        self._look_bytes = self._window_bytes = 0
        self._begin_window()

    @property
    def left_s(self) -> float:
        """How many seconds are left of the window."""
        return max(0.0, self._window_ends - self._monotonic())

    def passed(self, count: int) -> bool:
        """Count bytes; return whether it is time to look."""
        self._window_bytes += count
        self._look_bytes += count
        now = self._monotonic()
        if self._look_bytes < LOOK_EVERY_BYTES and now < self._look_at:
            return False
        self._look_bytes, self._look_at = 0, now + TRANSFER_LOOK_S
        return True

    def is_too_slow(self) -> bool:
        """Return whether too few bytes came in the window that has ended; begins the next one."""
        if self._monotonic() < self._window_ends:
            return False
        slow = self._window_bytes < self._least
        self._begin_window()
        return slow

    def _begin_window(self) -> None:
        self._window_ends, self._window_bytes = self._monotonic() + TRANSFER_WINDOW_S, 0


def run_upload(connection: Connection, session: Session, ref: Ref, incoming: Incoming, pace: Pace) -> None:
    """Ask for the bytes that are missing, take them, and tell what the file is.

    :raises ChatError: what is wrong with the file; other errors, too, pass. The connection is of no use then.
    """
    give_way()
    beside = memoryview(bytearray(RAW_BYTES))
    try:
        session.answer(ref, UploadReply(offset=incoming.offset))
        while incoming.missing:
            count = _next(connection, incoming, beside, pace)
            if count is None:
                connection.end()
                return
            incoming.took(count)
        session.answer(ref, uploaded(incoming.finish()))
        connection.keep_early_data()
    finally:
        incoming.close()


def _next(connection: Connection, incoming: Incoming, beside: memoryview, pace: Pace) -> int | None:
    """Return how many bytes came into the file's room; None when there is nothing more to wait for."""
    try:
        count = connection.receive_raw(incoming.room(), beside, min(pace.left_s, TRANSFER_LOOK_S))
    except TimeoutError:
        count = 0
    if count is None or connection.ending or pace.is_too_slow():
        return None
    return count if not pace.passed(count) or incoming.may_go_on() else None


def run_download(connection: Connection, ref: Ref, outgoing: Outgoing, pace: Pace) -> None:
    """Tell how much follows, and send it."""
    give_way()
    try:
        connection.begin_raw(reply_frame(ref, DownloadReply(outgoing.size, outgoing.length)))
        sent = 0
        for piece in outgoing.pieces():
            if not connection.write_raw(piece, TRANSFER_WINDOW_S) or pace.is_too_slow():
                break
            sent += len(piece)
            if pace.passed(len(piece)) and not outgoing.may_go_on():
                break
        if sent < outgoing.length:
            connection.end()
        else:
            connection.end_raw()
    finally:
        outgoing.close()
