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
from chat_client.model.pictures import PNG, Fault, PictureRefused, Size, check_picture, check_size
from chat_client.model.state import ClientState
from chat_protocol.errors import ChatError
from chat_protocol.limits import PREVIEW_MAX_BYTES
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


_Wish = tuple[str, bool]  # the id of a file, and whether its small picture is meant


class PictureLoader:
    """`client.pictures`: what is wanted is brought and checked, the latest wish first.

    Each result is a `PictureChanged`; then `found` has it. With `preview` the small picture is meant
    that the sender's client has made.

    :param wake: asks for a poll, from any thread.
    """

    def __init__(self, core: Core, files: FileTransfers, wake: Callable[[], object]) -> None:
        self._core, self._files, self._wake = core, files, wake
        self._results: queue.SimpleQueue[tuple[ClientState, _Wish, Picture]] = queue.SimpleQueue()
        self._threads: set[threading.Thread] = set()
        self._state = core.state
        self._wanted: dict[_Wish, File] = {}
        self._busy: set[_Wish] = set()
        self._found: dict[_Wish, Picture] = {}

    def want(self, file: File, *, preview: bool = False) -> None:
        """Ask for a picture; nothing happens where the answer is known or on its way."""
        wish = file.id, preview
        if self.found(file, preview=preview) is not None or wish in self._busy:
            return
        self._wanted.pop(wish, None)
        self._wanted[wish] = file
        self._core.wake()

    def leave(self, file: File) -> None:
        """Take a wish back, unless the picture is on its way already."""
        for preview in (False, True):
            self._wanted.pop((file.id, preview), None)

    def found(self, file: File, *, preview: bool = False) -> Picture | None:
        """Return what is known of a picture; None before it has come, or when the cache let it go."""
        if not preview and (fault := told_fault(file)):
            return Picture(fault=fault)
        found = self._found.get((file.id, preview))
        if found is not None and found.path is not None and self._files.cached(file, preview=preview) is None:
            return None  # the cache has let it go
        return found

    def refuse(self, file: File, fault: Fault, *, preview: bool = False) -> None:
        """Note that a picture could not be decoded after all."""
        self._note((file.id, preview), Picture(fault=fault))

    @property
    def busy(self) -> bool:
        """Whether a picture is on its way."""
        return bool(self._wanted or self._busy)

    def pump(self) -> None:
        """Take what was found out, and begin with what is wanted."""
        self._follow_account()
        self._threads = {thread for thread in self._threads if thread.is_alive()}
        while not self._results.empty():
            state, wish, picture = self._results.get_nowait()
            if state is self._state:
                self._note(wish, picture)
        while self._wanted and len(self._busy) < AT_A_TIME_MAX:
            wish, file = self._wanted.popitem()
            self._busy.add(wish)
            self._files.bring(file, partial(self._brought, self._state, file, wish[1]), preview=wish[1])

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

    def _note(self, wish: _Wish, picture: Picture) -> None:
        self._busy.discard(wish)
        self._found[wish] = picture
        self._core.emit(PictureChanged(wish[0]))

    def _brought(self, state: ClientState, file: File, preview: bool, error: ChatError | None) -> None:
        """Look through a file that has come, on a thread of its own: inflating it takes a while."""
        if state is not self._state:
            return
        path = self._files.cached(file, preview=preview)
        if error is not None or path is None:
            self._note((file.id, preview), Picture(fault=Fault.NOT_FETCHED))
            return

        def look() -> None:
            picture = examined_preview(path) if preview else examined(path, file)
            self._results.put((state, (file.id, preview), picture))
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


def examined_preview(path: Path) -> Picture:
    """Look through a small picture: whatever its sender's client says, it is a PNG of few bytes."""
    try:
        if path.stat().st_size > PREVIEW_MAX_BYTES:
            raise PictureRefused(Fault.TOO_LARGE)
        check_picture(path.read_bytes(), PNG)
    except PictureRefused as refused:
        return Picture(fault=refused.fault)
    except OSError:
        return Picture(fault=Fault.NOT_FETCHED)
    return Picture(path)
