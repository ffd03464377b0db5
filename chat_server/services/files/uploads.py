"""A file on its way to the server: who may bring it, what of it has come, and its end; it opens no socket."""

import contextlib
import errno
import hashlib
import json
import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode, bad_request
from chat_protocol.file_names import clean_file_name
from chat_protocol.requests import Upload
from chat_server.files.kinds import type_of
from chat_server.files.pictures import size_of
from chat_server.files.store import BlobStore, Partial
from chat_server.live.session import Session
from chat_server.services.files.places import Places
from chat_server.services.files.scanning import scan
from chat_server.services.files.space import MIB, Space
from chat_server.services.messages.messages import Messages
from chat_server.storage import DuplicateKey, Storage, StorageError
from chat_server.storage.core.records import FileRecord, NewFile

_log = logging.getLogger("chat.files")
PREVIEW_SIDE_MAX: Final = 2_048
UNNAMED_MAX: Final = 100  # files of a user that no message names yet
PARTIALS_MAX: Final = 10  # interrupted uploads of a user; the oldest makes way
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Incoming:
    """An upload under way, written to by one client's thread.

    :param cancelled: set when the same upload is asked for on another connection.
    """

    def __init__(
        self, uploads: "Uploads", session: Session, room_id: int, request: Upload, partial: Partial
    ) -> None:
        self._uploads = uploads
        self.session = session
        self.room_id = room_id
        self.request = request
        self.partial = partial
        self.cancelled = False
        self.held = ExitStack()

    @property
    def offset(self) -> int:
        """How many bytes are there."""
        return self.partial.offset

    @property
    def missing(self) -> int:
        """How many bytes are to come."""
        return self.partial.missing

    def may_go_on(self) -> bool:
        """Return whether the user may still write there; asked now and then."""
        try:
            return not self.cancelled and self._uploads.may_write(self.session, self.room_id)
        except StorageError:  # it was allowed a moment ago, and the database does not answer
            return not self.cancelled

    def room(self) -> memoryview:
        """Return where some of the missing bytes are put."""
        return self.partial.room()

    def took(self, count: int) -> None:
        """Add what was put into the room.

        :raises ChatError: `no_space` when the disk does not take it; what came is thrown away.
        """
        try:
            self.partial.took(count)
        except OSError as error:
            self.partial.remove()
            raise _refused_by_disk(error) from error

    def finish(self) -> FileRecord:
        """Check, keep and record the file when all is there.

        :raises ChatError: `bad_request`, `file_refused`, `not_a_member`, `no_space` or `unavailable`.
        """
        return self._uploads.finish(self)

    def close(self) -> None:
        """End, finished or not; what has come is kept for another try."""
        self.held.close()


class Uploads:
    """Begin and finish uploads.

    :param clock: milliseconds since 1970 UTC.
    :param scan_command: the program that looks at each file; none where it is empty.
    """

    def __init__(
        self,
        storage: Storage,
        store: BlobStore,
        messages: Messages,
        places: Places,
        space: Space,
        clock: Callable[[], int],
        scan_command: str = "",
    ) -> None:
        self._storage = storage
        self._store = store
        self._messages = messages
        self._places = places
        self._space = space
        self.scan_command = scan_command  # replaced by any thread
        self._clock = clock
        self._lock = threading.Lock()  # guards those under way
        self._active: dict[str, Incoming | None] = {}  # None while it is opened

    def begin(self, session: Session, request: Upload) -> FileRecord | Incoming:
        """Return the file when the upload was finished before, or what is to be filled.

        :raises ChatError: when the user may not bring it, or there is no space for it.
        """
        room_id = self._messages.place_to_write(session, request).id
        finished = self._storage.files.by_nonce(session.user_id, request.nonce)
        if finished is not None:
            return _same(finished, room_id, request)
        largest = self._space.limits.file_max_mib
        if request.size > largest * MIB:
            raise ChatError(ErrorCode.FILE_TOO_LARGE, f"A file has at most {largest} MiB.", field="size")
        if self._storage.files.unnamed(session.user_id) >= UNNAMED_MAX:
            raise ChatError(
                ErrorCode.QUOTA, f"{UNNAMED_MAX} files of yours wait to be sent; send them, or wait a day."
            )
        with ExitStack() as held:
            held.enter_context(self._places.place(session.user_id))
            key = self._take(held, session, room_id, request)
            whole = request.size + request.preview
            come = sum(size for _, _, size in self._store.partials(key))
            held.enter_context(self._space.promised(session.user_id, whole, max(0, whole - come)))
            incoming = self._open(held, key, session, room_id, request)
            incoming.held = held.pop_all()
            return incoming

    def _take(self, held: ExitStack, session: Session, room_id: int, request: Upload) -> str:
        """Keep the upload for this connection alone, and return its key."""
        key = _key(session.user_id, room_id, request)
        with self._lock:
            taken, other = key in self._active, self._active.get(key)
            self._active.setdefault(key, None)
        if taken:
            if other is not None:
                other.cancelled = True
            raise _goes_on_elsewhere()
        held.callback(self._forget, key)
        return key

    def _open(self, held: ExitStack, key: str, session: Session, room_id: int, request: Upload) -> Incoming:
        """Open what has come of the upload."""
        self._make_way(session.user_id, key)
        try:
            partial = self._store.partial(key, request.size, request.preview)
        except BlockingIOError:  # another server of the cluster has not noticed yet that its client has gone
            raise _goes_on_elsewhere() from None
        except OSError as error:
            raise _refused_by_disk(error) from error
        held.callback(partial.close)
        incoming = Incoming(self, session, room_id, request, partial)
        with self._lock:
            self._active[key] = incoming
        return incoming

    def _forget(self, key: str) -> None:
        with self._lock:
            del self._active[key]

    def _make_way(self, user_id: int, key: str) -> None:
        """Throw away the oldest interrupted uploads of a user who has many."""
        with self._lock:
            active = set(self._active)
        idle = [found for _, found, _ in self._store.partials(f"{user_id}-") if found not in active]
        for found in idle[: max(0, len(idle) - PARTIALS_MAX + 1)]:
            if found != key:
                self._store.drop_partial(found)

    def drop_old_partials(self, before_s: float) -> None:
        """Throw away what was last written before a time (seconds since 1970)."""
        with self._lock:
            active = set(self._active)
        for at, key, _ in self._store.partials():
            if at < before_s and key not in active:
                self._store.drop_partial(key)

    def may_write(self, session: Session, room_id: int) -> bool:
        """Return whether the user is still in the room, if it is one that can be left."""
        return room_id in session.rooms or self._messages.is_direct_of(session, room_id)

    def _require_right(self, incoming: Incoming) -> None:
        if not self.may_write(incoming.session, incoming.room_id):
            raise ChatError(ErrorCode.NOT_A_MEMBER, "You are no longer a member of this room.", field="room")

    def finish(self, incoming: Incoming) -> FileRecord:
        """Check, keep and record a file that is there whole."""
        partial, request = incoming.partial, incoming.request
        try:
            digest, preview, head = partial.digest(), partial.preview(), partial.head()
        except OSError as error:
            partial.remove()
            raise _refused_by_disk(error) from error
        wrong = None
        if request.sha256 is not None and request.sha256 != digest:
            wrong = bad_request("sha256", "The bytes that came are not those announced.")
        elif preview and not _is_small_picture(preview):
            wrong = bad_request("preview", f"A preview is a PNG of at most {PREVIEW_SIDE_MAX} pixels a side.")
        if wrong is not None:
            partial.remove()
            raise wrong
        try:
            partial.sync()
            scan(self.scan_command, partial.path, self._space.limits.scan_s)
            self._require_right(incoming)  # looking at a file may take a minute
            self._store.keep(partial.path, digest)
            preview_digest = self._store.keep_bytes(preview) if preview else ""
        except ChatError as error:
            if error.code in (ErrorCode.FILE_REFUSED, ErrorCode.NOT_A_MEMBER):
                partial.remove()
            raise
        except OSError as error:
            partial.remove()
            raise _refused_by_disk(error) from error
        kind = type_of(head)
        width, height = size_of(head, kind, request.size) or (None, None)
        new = NewFile(
            incoming.room_id,
            incoming.session.user_id,
            request.nonce,
            clean_file_name(request.name),
            request.size,
            kind,
            digest,
            width,
            height,
            len(preview),
            preview_digest,
            self._clock(),
        )
        try:
            file = self._storage.files.add(new)
        except DuplicateKey:
            found = self._storage.files.by_nonce(new.user_id, new.nonce)
            assert found is not None
            file = _same(found, new.room_id, request)
        with contextlib.suppress(OSError):
            partial.remove()
        return file


def _is_small_picture(preview: bytes) -> bool:
    """Return whether a preview is what a client may show without asking: a PNG, and no large one."""
    size = size_of(preview, "image/png", len(preview)) if type_of(preview) == "image/png" else None
    return size is not None and max(size) <= PREVIEW_SIDE_MAX


def _key(user_id: int, room_id: int, request: Upload) -> str:
    """Return what an upload's bytes are kept under while they come: the same again for the same request."""
    values = [request.nonce, room_id, request.size, request.preview, request.sha256]
    return f"{user_id}-{hashlib.sha256(json.dumps(values).encode()).hexdigest()[:40]}"


def _same(file: FileRecord, room_id: int, request: Upload) -> FileRecord:
    if (file.room_id, file.size, file.preview_size) != (room_id, request.size, request.preview):
        raise bad_request("nonce", "You have used this nonce for another file; choose a new one.")
    if file.gone:
        raise ChatError(ErrorCode.NO_SUCH_FILE, "This file was uploaded, and removed since.", field="nonce")
    return file


def _goes_on_elsewhere() -> ChatError:
    message = "This upload goes on elsewhere; try again in a moment."
    return ChatError(ErrorCode.UNAVAILABLE, message, retry_after=1.0)


def _refused_by_disk(error: OSError) -> ChatError:
    _log.error("a file could not be written: %s", error)
    if error.errno in _FULL:
        return ChatError(ErrorCode.NO_SPACE, "The server has no space left for files.")
    return ChatError(ErrorCode.UNAVAILABLE, "The server cannot write files just now.", retry_after=30.0)
