"""The SHA-256 of a file while it is written, on a thread of its own when it is large; it knows no user.

Hashing takes a third of the time of an upload. The thread reads what stands in the file, at its own pace:
given each piece, it and the one that receives and writes would wait for each other eight times a MiB. A short
upload has none.
"""

import hashlib
import os
import queue
import threading
from typing import Final

from chat_server.process import give_way

INLINE_BYTES: Final = 1024 * 1024
TURN_BYTES: Final = 1024 * 1024  # written between two turns of the thread
READ_BYTES: Final = 256 * 1024
Piece = bytes | memoryview


class Digest:
    """A SHA-256 that is fed by one thread; `close` ends what it started.

    :param fd: the file that is written; it stays open until `close`.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._sha = hashlib.sha256()  # the digest thread's as long as there is one, with what it has done
        self._done = 0
        self._written = self._told = 0
        self._ends: queue.Queue[int | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._error: OSError | None = None

    def update(self, piece: Piece) -> None:
        """Add bytes that were just written to the file."""
        self._written += len(piece)
        if self._thread is None and self._written <= INLINE_BYTES:
            self._sha.update(piece)
            self._done = self._told = self._written
        elif self._written - self._told >= TURN_BYTES:
            self._tell()

    def hexdigest(self) -> str:
        """Return the digest of all that was added.

        :raises OSError: when it cannot be read again.
        """
        if self._told < self._written:
            self._tell()
        self._ends.join()
        if self._error is not None:
            raise self._error
        return self._sha.hexdigest()

    def close(self) -> None:
        """End the thread, where there is one."""
        if self._thread is not None:
            self._ends.put(None)
            self._thread.join()
            self._thread = None

    def _tell(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="digest", daemon=True)
            self._thread.start()
        self._told = self._written
        self._ends.put(self._told)

    def _run(self) -> None:
        give_way()
        buffer = memoryview(bytearray(READ_BYTES))
        while (end := self._ends.get()) is not None:
            try:
                self._read_up_to(end, buffer)
            except OSError as error:
                self._error = error
            self._ends.task_done()
        self._ends.task_done()

    def _read_up_to(self, end: int, buffer: memoryview) -> None:
        while self._done < end and self._error is None:
            count = os.preadv(self._fd, [buffer[: min(len(buffer), end - self._done)]], self._done)
            if not count:
                raise OSError("an upload has become shorter while it was read")
            self._sha.update(buffer[:count])
            self._done += count
