"""The SHA-256 of bytes as they come, on a thread of its own when there are many; it knows no file.

Hashing takes a third of the time of an upload. The thread is beside the one that receives and writes: a short
upload has none.
"""

import hashlib
import queue
import threading
from typing import Final

from chat_server.process import give_way

INLINE_BYTES: Final = 1024 * 1024
WAITING_PIECES: Final = 8
Piece = bytes | memoryview


class Digest:
    """A SHA-256 that is fed by one thread; `close` ends what it started."""

    def __init__(self) -> None:
        self._sha = hashlib.sha256()  # the digest thread's as long as there is one
        self._inline_left = INLINE_BYTES
        self._pieces: queue.Queue[Piece | None] = queue.Queue(WAITING_PIECES)
        self._thread: threading.Thread | None = None

    def update(self, piece: Piece) -> None:
        """Add bytes, which must not change afterwards."""
        if self._inline_left > 0:
            self._inline_left -= len(piece)
            self._sha.update(piece)
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="digest", daemon=True)
            self._thread.start()
        self._pieces.put(piece)

    def hexdigest(self) -> str:
        """Return the digest of all that was added."""
        self._pieces.join()
        return self._sha.hexdigest()

    def close(self) -> None:
        """End the thread, where there is one."""
        if self._thread is not None:
            self._pieces.put(None)
            self._thread.join()
            self._thread = None
            self._inline_left = INLINE_BYTES

    def _run(self) -> None:
        give_way()
        while (piece := self._pieces.get()) is not None:
            self._sha.update(piece)
            self._pieces.task_done()
        self._pieces.task_done()
