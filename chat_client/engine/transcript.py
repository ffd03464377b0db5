"""Saves a conversation as a text file, page by page, as far as the user may read it; it chooses no words."""

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from chat_client.engine.core import NOT_CONNECTED, RETRIED_LATER, Core, failure, retry_after
from chat_client.engine.files import NOT_SAVED
from chat_client.model.changes import FileSaved
from chat_client.model.state import RoomState
from chat_protocol.errors import ChatError
from chat_protocol.limits import HISTORY_MAX
from chat_protocol.message_replies import HistoryPage
from chat_protocol.objects import Message
from chat_protocol.requests import History

REQUEST: Final = "transcript"
RETRY_S: Final = 2.0

#: Gives the text of some messages in a row; what came before them is not told again.
Worded = Callable[[Sequence[Message]], str]


@dataclass(slots=True)
class _Running:
    """One conversation that is being saved; `after` is the seq up to which it was written."""

    room: RoomState
    target: Path
    part: Path
    file: TextIO
    worded: Worded
    after: int = 0
    not_before: float = 0.0
    asked: bool = False


class Transcripts:
    """Write conversations to files, one page of each at a time, over lost connections, too."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._running: list[_Running] = []

    def save(self, room: str, target: Path, heading: str, worded: Worded) -> None:
        """Save all messages of a room that the user may read; the change FileSaved tells the end.

        :param target: the file, which is there once it is whole; it takes the place of another.
        :param heading: stands above the messages.
        """
        known = self._core.room(room)
        if known is None:
            return
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            file = part.open("w", encoding="utf-8", newline="\n")
            file.write(heading)
        except OSError:
            self._fail(room, NOT_SAVED)
            return
        self._running.append(_Running(known, target, part, file, worded))
        self._core.wake()

    @property
    def busy(self) -> bool:
        """Whether a conversation is being saved."""
        return bool(self._running)

    def pump(self) -> None:
        """Ask for the pages that are due."""
        now = self._core.monotonic()
        for running in list(self._running):
            if self._core.online and not running.asked and now >= running.not_before:
                self._ask(running)

    def close(self) -> None:
        """Throw away what is not whole."""
        for running in list(self._running):
            self._drop(running)

    def _ask(self, running: _Running) -> None:
        def answered(page: HistoryPage) -> None:
            running.asked = False
            self._write(running, page)

        def refused(error: ChatError) -> None:
            running.asked = False
            if error.code in RETRIED_LATER or error.code == NOT_CONNECTED:
                running.not_before = self._core.monotonic() + (retry_after(error) or RETRY_S)
            else:
                self._drop(running)
                self._core.emit(failure(REQUEST, error, running.room.key))

        running.asked = True
        request = History(running.room.address, after=running.after, limit=HISTORY_MAX)
        self._core.replies.ask(request, answered, refused)

    def _write(self, running: _Running, page: HistoryPage) -> None:
        try:
            running.file.write(running.worded(page.messages))
            if page.more and page.messages:
                running.after = page.messages[-1].seq
                self._core.wake()
                return
            running.file.close()
            running.part.replace(running.target)
        except OSError:
            self._drop(running)
            self._fail(running.room.key, NOT_SAVED)
            return
        self._running.remove(running)
        self._core.emit(FileSaved("", str(running.target)))

    def _drop(self, running: _Running) -> None:
        self._running.remove(running)
        with contextlib.suppress(OSError):  # a full disk: what is not written is given up anyway
            running.file.close()
        with contextlib.suppress(OSError):
            running.part.unlink()

    def _fail(self, room: str, code: str) -> None:
        self._core.emit(failure(REQUEST, ChatError(code, "The file cannot be written."), room))
