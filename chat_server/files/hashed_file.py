"""Writes the bytes that come to a file and takes their SHA-256, on a thread of its own when they are many.

Writing and hashing cost as much as receiving and decrypting. So they go on beside it: who receives fills one
block while the thread writes and hashes another, and no byte is copied or read again for that. A short upload
has no thread. A process that is killed loses the blocks in memory: that much is asked for again. It knows no
user.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import threading
from io import FileIO
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from chat_server.process import give_way

INLINE_BYTES: Final = 1024 * 1024
BLOCK_BYTES: Final = 512 * 1024  # large enough that the two threads seldom meet, small enough for a cache
BLOCKS: Final = 4  # of one upload: one is filled, one is written, two are for a thread that had to wait
SYNC_BYTES: Final = 4 * 1024 * 1024
Filled = tuple[memoryview, int]  # a block, and how much of it counts


class HashedFile:
    """A file that one thread appends to; `close` ends what it started.

    :param path: where it is; it goes on behind what is there.
    :param size: how many bytes it may have; what is there beyond that is cut off.
    :raises BlockingIOError: when another server of a cluster writes to it.
    """

    def __init__(self, path: Path, size: int) -> None:
        self._file: FileIO = path.open("a+b", buffering=0)
        # The thread's while it has blocks, otherwise the caller's.
        self._sha = hashlib.sha256()
        self._written = 0
        self._told = 0  # up to where the disk was told to write
        self._error: OSError | None = None
        # The caller's.
        self._block_bytes = min(BLOCK_BYTES, size)
        self._block = self._new_block()
        self._filled = 0
        self._idle: list[memoryview] = []
        self._made = 1
        self._size = size
        self._thread: threading.Thread | None = None
        self._full: SimpleQueue[Filled | None] = SimpleQueue()
        self._free: SimpleQueue[memoryview] = SimpleQueue()
        try:
            _lock(self._file)
            self._take_up()
        except BaseException:
            self._file.close()
            raise
        self.come = self._written

    def _take_up(self) -> None:
        self._file.seek(0)
        while count := self._file.readinto(self._block[: self._size - self._written]):
            self._sha.update(self._block[:count])
            self._written += count
        self._file.truncate()

    def room(self) -> memoryview:
        """Return where the next bytes are put; it is empty when all have come."""
        return self._block[self._filled : self._filled + self._size - self.come]

    def took(self, count: int) -> None:
        """Add bytes that were put into the room.

        :raises OSError: when the disk did not take them, or earlier ones.
        """
        self.come += count
        self._filled += count
        if self.come <= INLINE_BYTES:
            self._write_here()
        elif self._filled == self._block_bytes:
            self._pass_on()
        self._check()

    def flush(self) -> None:
        """Write what is left.

        :raises OSError: when the disk did not take it, or earlier bytes.
        """
        self._wait_for_thread()
        self._write_here()
        self._check()
        if os.fstat(self._file.fileno()).st_size != self._written:
            raise OSError(errno.EIO, "somebody else wrote to an upload")  # its bytes are not those hashed

    def hexdigest(self) -> str:
        """Write what is left and return the digest of all bytes.

        :raises OSError: when the disk did not take them.
        """
        self.flush()
        return self._sha.hexdigest()

    def sync(self) -> None:
        """Bring what was written to the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Stop; what has come stays, as far as the disk takes it."""
        if self._thread is not None:
            self._full.put(None)
            self._thread.join()
            self._thread = None
        if not self._file.closed:
            self._write_here()
            self._file.close()

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _write_here(self) -> None:
        self._write(self._block[: self._filled])
        self._filled = 0

    def _pass_on(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="file-writer", daemon=True)
            self._thread.start()
        self._full.put((self._block, self._filled))
        self._block, self._filled = self._next_block(), 0

    def _next_block(self) -> memoryview:
        if self._idle:
            return self._idle.pop()
        if self._made < BLOCKS:
            self._made += 1
            return self._new_block()
        return self._free.get()

    def _new_block(self) -> memoryview:
        return memoryview(bytearray(self._block_bytes))

    def _wait_for_thread(self) -> None:
        """Wait until every block but the one in hand is idle."""
        while len(self._idle) < self._made - 1:
            self._idle.append(self._free.get())

    # -- the thread, or who waited for it ---------------------------------------------------------

    def _run(self) -> None:
        give_way()
        while (filled := self._full.get()) is not None:
            block, count = filled
            self._write(block[:count])
            self._free.put(block)

    def _write(self, piece: memoryview) -> None:
        """Write and hash, or note the first error; after one, nothing more is written."""
        if self._error is not None:
            return
        try:
            left = piece
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            self._error = error
            return
        self._written += len(piece)
        self._begin_to_sync()
        self._sha.update(piece)

    def _begin_to_sync(self) -> None:
        """Have the disk write what has come while more comes, where the system can be told so."""
        if self._written - self._told < SYNC_BYTES or not hasattr(os, "posix_fadvise"):
            return
        with contextlib.suppress(OSError):
            os.posix_fadvise(
                self._file.fileno(), self._told, self._written - self._told, os.POSIX_FADV_DONTNEED
            )
        self._told = self._written


def _lock(file: FileIO) -> None:
    """Keep a file for this process, until it is closed; where the file system knows no locks, go without."""
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        pass
