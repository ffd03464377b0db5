"""Counts which files of the program an action goes through, and how many ways lead from one into another."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from tests.support.filemap import ROOT

PACKAGES = tuple(f"{ROOT / name}/" for name in ("chat_protocol", "chat_server", "chat_client"))

BY_THE_CLOCK = ("timer", "indexer")  # threads whose work belongs to no action


@dataclass(slots=True)
class Passage:
    """What was gone through while it was open.

    Each way from a function into one of another file counts once: how often a client is woken meanwhile, and
    polls, is the machine's choice.
    """

    files: set[str] = field(default_factory=set)
    ways: set[tuple[CodeType, CodeType]] = field(default_factory=set)

    @property
    def calls(self) -> int:
        """From how many functions of the program into how many of another file it went."""
        return len(self.ways)

    def told(self) -> list[str]:
        """Each way in words."""
        return [f"{_told(caller)} -> {_told(called)}" for caller, called in self.ways]


def _told(code: CodeType) -> str:
    return f"{Path(code.co_filename).relative_to(ROOT)}:{code.co_qualname}"


class Profiler:
    """Watches the calls of all threads that start after it, while a passage is open."""

    def __init__(self) -> None:
        self._passage: Passage | None = None
        self._arrived: Callable[[], object] = lambda: False

    @contextmanager
    def watching(self) -> Iterator["Profiler"]:
        """Watch this thread, and those that start within the `with` block."""
        threading.setprofile(self._called)
        sys.setprofile(self._called)
        try:
            yield self
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    @contextmanager
    def passage(self, arrived: Callable[[], object]) -> Iterator[Passage]:
        """Count until something has arrived in this thread, which is seen at its next call.

        Not until the end of the ``with`` block: what the arrival causes in turn would run beside the way
        out of it, and count or not as the threads happen to take turns.
        """
        thread = threading.current_thread()
        self._arrived = lambda: threading.current_thread() is thread and arrived()
        self._passage = found = Passage()
        try:
            yield found
        finally:
            self._passage = None

    def _called(self, frame: FrameType, event: str, argument: Any) -> None:
        passage = self._passage
        if passage is None or event != "call":
            return
        file = frame.f_code.co_filename
        if not file.startswith(PACKAGES) or threading.current_thread().name in BY_THE_CLOCK:
            return
        if self._arrived():
            self._passage = None
            return
        passage.files.add(file)
        caller = frame.f_back
        if caller is None or caller.f_code.co_filename == file:
            return
        if caller.f_code.co_filename.startswith(PACKAGES):
            passage.ways.add((caller.f_code, frame.f_code))
