"""The threads of transfers: begun, stopped, tried again, and how far each has come; it knows no message.

The poll starts them and takes what they tell; they touch nothing but their own files and sockets.
"""

import contextlib
import logging
import math
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from chat_client.engine.core import DROPPED, NOT_CONNECTED, RETRIED_LATER, Core, retry_after
from chat_client.model import changes as ch
from chat_client.model.transfer_state import TransferState
from chat_client.net.transfer import Stopped, TransferLine
from chat_client.net.transport import Address, ConnectionFailed
from chat_client.store.attachments import FILE_UNREADABLE
from chat_protocol.errors import ChatError, ErrorCode

RETRY_AFTER_S: Final = 2.0
TOLD_EVERY: Final = 256 * 1024  # bytes between two words about how far a transfer has come
END_WAIT_S: Final = 2.0

Told = Callable[[int], object]
Then = Callable[[], None]
Access = tuple[Address, str]

_log = logging.getLogger("chat.client.files")


@dataclass(slots=True)
class _Running:
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None


class TransferThreads:
    """Run transfers by their keys; each that is known stands in `state.transfers`.

    :param keep_paused: is given what rests, by key and with the bytes that have come, whenever that changes.
    """

    def __init__(self, core: Core, keep_paused: Callable[[Mapping[str, int]], object]) -> None:
        self._core = core
        self._keep_paused = keep_paused
        self._events: queue.SimpleQueue[Then] = queue.SimpleQueue()
        self._running: dict[str, _Running] = {}
        self._paused: dict[str, int] = {}
        self._not_before: dict[str, float] = {}
        #: Called from the threads when there is something to take.
        self.wake: Callable[[], object] = lambda: None

    @property
    def running(self) -> list[str]:
        """The keys of those that have a thread."""
        return list(self._running)

    def tell(self, event: Then) -> None:
        """Have something done by the next poll; from any thread."""
        self._events.put(event)
        self.wake()

    def take(self) -> None:
        """Do what the threads have told."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._events.get_nowait()()

    def note(self, key: str, name: str, size: int, message: str = "", *, asked: bool = True) -> None:
        """Have a transfer shown from now on.

        :param asked: the user has asked for it.
        """
        transfers = self._core.state.transfers
        known = transfers.get(key)
        if known is None:
            done, paused = min(self._paused.get(key, 0), size), key in self._paused
            transfers[key] = TransferState(key, name, size, message, done, paused, asked=asked)
        elif asked and not known.asked:
            known.asked = True
        else:
            return
        self._core.emit(ch.TransferChanged(key))

    def may_start(self, key: str) -> bool:
        """Say whether a transfer is due that is not running."""
        due = self._core.monotonic() >= self._not_before.get(key, -math.inf)
        return due and key not in self._running and key not in self._paused

    def start(
        self,
        key: str,
        bring: Callable[[TransferLine, Told], Then],
        access: Access,
        failed: Callable[[ChatError], None],
    ) -> None:
        """Begin a transfer.

        :param bring: does it, on its thread, and returns what the poll does at the end.
        :param failed: is told by the poll why it has ended.
        """
        running = self._running[key] = _Running()

        def ended(then: Then) -> None:
            if self._running.get(key) is running:
                del self._running[key]
                then()

        def run() -> None:
            try:
                with contextlib.closing(TransferLine(*access, running.stop)) as line:
                    done = bring(line, self._progress(key))
                self.tell(lambda: ended(done))
            except Stopped:
                self.tell(lambda: ended(lambda: None))
            except Exception as error:
                refusal = _as_refusal(error)
                self.tell(lambda: ended(lambda: failed(refusal)))

        running.thread = threading.Thread(target=run, name=f"transfer-{key[:8]}", daemon=True)
        running.thread.start()

    def pause(self, key: str) -> None:
        """Let a transfer rest; what came stays."""
        if (state := self._core.state.transfers.get(key)) is not None:
            state.paused = True
            self._paused[key] = state.done
            self._keep_paused(self._paused)
            self._stop(key)
            self._core.emit(ch.TransferChanged(key))

    def rest(self, paused: Mapping[str, int]) -> None:
        """Have transfers rest from their beginning: those that rested when the program ended."""
        self._paused.update(paused)

    def go_on(self, key: str) -> None:
        """Let a transfer go on that rests, or that waits to be tried again."""
        self._rest_no_more(key)
        self._not_before.pop(key, None)
        if (state := self._core.state.transfers.get(key)) is not None:
            state.paused, state.code = False, ""
            self._core.emit(ch.TransferChanged(key))

    def try_later(self, key: str, error: ChatError) -> bool:
        """Try again later where that makes sense; return False where it does not."""
        if error.code not in RETRIED_LATER:
            return False
        self._not_before[key] = self._core.monotonic() + (retry_after(error) or RETRY_AFTER_S)
        if (state := self._core.state.transfers.get(key)) is not None:
            state.code = error.code
            self._core.emit(ch.TransferChanged(key))
        return True

    def end(self, key: str) -> None:
        """Forget a transfer; its thread ends."""
        self._stop(key)
        self._rest_no_more(key)
        self._not_before.pop(key, None)
        if self._core.state.transfers.pop(key, None) is not None:
            self._core.emit(ch.TransferChanged(key))

    def end_all(self) -> None:
        """Forget all of an account that was left; what rests is kept for its return."""
        self._paused.clear()
        for key in {*self._running, *self._core.state.transfers}:
            self.end(key)
        self._running.clear()
        self._not_before.clear()

    def close(self) -> None:
        """End the threads, as far as the system lets them end soon."""
        threads = [running.thread for running in self._running.values() if running.thread is not None]
        for key in self._running:
            self._stop(key)
        for thread in threads:
            thread.join(END_WAIT_S)

    def _rest_no_more(self, key: str) -> None:
        if self._paused.pop(key, None) is not None:
            self._keep_paused(self._paused)

    def _stop(self, key: str) -> None:
        if (running := self._running.get(key)) is not None:
            running.stop.set()

    def _progress(self, key: str) -> Told:
        told = 0

        def tell(done: int) -> None:
            nonlocal told
            if done - told >= TOLD_EVERY or told == 0:
                told = done
                self.tell(lambda: self._came(key, done))

        return tell

    def _came(self, key: str, done: int) -> None:
        if (state := self._core.state.transfers.get(key)) is not None:
            state.done, state.code = min(done, state.size or done), ""
            self._core.emit(ch.TransferChanged(key))


def _as_refusal(error: Exception) -> ChatError:
    """Return why a transfer has ended; a connection that broke is tried again."""
    if isinstance(error, ChatError):
        # Another connection of the same user is signed in: that this one was not let in holds for the moment.
        transient = error.code in (ErrorCode.INVALID_CREDENTIALS, ErrorCode.INTERNAL)
        return ChatError(DROPPED, error.message) if transient else error
    if isinstance(error, ConnectionFailed):
        return ChatError(DROPPED, error.detail or error.code)
    if isinstance(error, OSError):
        return ChatError(FILE_UNREADABLE, str(error))
    _log.error("a transfer failed", exc_info=error)
    return ChatError(NOT_CONNECTED, repr(error))
