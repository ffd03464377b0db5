"""Pictures of messages: brought while they are wanted, and checked before they are decoded; shows none."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from chat_client.engine.core import Core
from chat_client.engine.files import FileTransfers
from chat_client.model.changes import PictureChanged
from chat_client.model.pictures import Fault, PictureRefused, Size, check_picture, check_size
from chat_client.model.state import ClientState
from chat_protocol.errors import ChatError
from chat_protocol.objects import File

AT_A_TIME_MAX: Final = 2
FILE_MAX_BYTES: Final = 64 * 1024 * 1024
END_WAIT_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Picture:
    """What was found out about a picture.

    :param path: the file, which may be decoded; None where there is a fault.
    """

    path: Path | None = None
    fault: Fault | None = None


class PictureLoader:
    """`client.pictures`: what is wanted is brought and checked, the latest wish first.

    Each result is a `PictureChanged`; then `found` has it.

    :param wake: asks for a poll, from any thread.
    """

    def __init__(self, core: Core, files: FileTransfers, wake: Callable[[], object]) -> None:
        self._core, self._files, self._wake = core, files, wake
        self._results: queue.SimpleQueue[tuple[ClientState, File, Picture]] = queue.SimpleQueue()
        self._threads: set[threading.Thread] = set()
        self._state = core.state
        self._wanted: dict[str, File] = {}
        self._busy: set[str] = set()
        self._found: dict[str, Picture] = {}

    def want(self, file: File) -> None:
        """Ask for a picture; nothing happens where the answer is known or on its way."""
        if self.found(file) is not None or file.id in self._busy:
            return
        self._wanted.pop(file.id, None)
        self._wanted[file.id] = file
        self._core.wake()

    def leave(self, file: File) -> None:
        """Take a wish back, unless the picture is on its way already."""
        self._wanted.pop(file.id, None)

    def found(self, file: File) -> Picture | None:
        """Return what is known of a picture; None before it has come, or when the cache let it go."""
        if fault := told_fault(file):
            return Picture(fault=fault)
        found = self._found.get(file.id)
        if found is not None and found.path is not None and self._files.cached(file) is None:
            del self._found[file.id]
            return None
        return found

    def refuse(self, file: File, fault: Fault) -> None:
        """Note that a picture could not be decoded after all."""
        self._note(file, Picture(fault=fault))

    @property
    def busy(self) -> bool:
        """Whether a picture is on its way."""
        return bool(self._wanted or self._busy)

    def pump(self) -> None:
        """Take what was found out, and begin with what is wanted."""
        self._follow_account()
        self._threads = {thread for thread in self._threads if thread.is_alive()}
        while not self._results.empty():
            state, file, picture = self._results.get_nowait()
            if state is self._state:
                self._note(file, picture)
        while self._wanted and len(self._busy) < AT_A_TIME_MAX:
            file = self._wanted.popitem()[1]
            self._busy.add(file.id)
            self._files.bring(file, partial(self._brought, self._state, file))

    def close(self) -> None:
        """Wait for the threads."""
        for thread in self._threads:
            thread.join(END_WAIT_S)

    def _follow_account(self) -> None:
        """Forget what belongs to an account that was left: another server may give the same ids."""
        if self._core.state is not self._state:
            self._state = self._core.state
            self._wanted.clear()
            self._busy.clear()
            self._found.clear()

    def _note(self, file: File, picture: Picture) -> None:
        self._busy.discard(file.id)
        self._found[file.id] = picture
        self._core.emit(PictureChanged(file.id))

    def _brought(self, state: ClientState, file: File, error: ChatError | None) -> None:
        """Look through a file that has come, on a thread of its own: inflating it takes a while."""
        if state is not self._state:
            return
        path = self._files.cached(file)
        if error is not None or path is None:
            self._note(file, Picture(fault=Fault.NOT_FETCHED))
            return

        def look() -> None:
            self._results.put((state, file, examined(path, file)))
            self._wake()

        thread = threading.Thread(target=look, name="picture", daemon=True)
        self._threads.add(thread)
        thread.start()


def told_fault(file: File) -> Fault | None:
    """Return what is wrong with a picture by what the server says of it, before a byte of it has come."""
    if not file.size:
        return Fault.EMPTY
    if file.width is None or file.height is None:
        return Fault.NO_SIZE
    try:
        check_size(file.width, file.height)
    except PictureRefused as refused:
        return refused.fault
    return Fault.TOO_LARGE if file.size > FILE_MAX_BYTES else None


def examined(path: Path, file: File) -> Picture:
    """Look through a file: it must be what it says, and what the server has said of it."""
    try:
        if path.stat().st_size > FILE_MAX_BYTES:
            raise PictureRefused(Fault.TOO_LARGE)
        size = check_picture(path.read_bytes(), file.type)
    except PictureRefused as refused:
        return Picture(fault=refused.fault)
    except OSError:
        return Picture(fault=Fault.NOT_FETCHED)
    if size is not None and size != Size(file.width or 0, file.height or 0):
        return Picture(fault=Fault.DAMAGED)
    return Picture(path)
