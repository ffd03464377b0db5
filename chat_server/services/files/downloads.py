"""A file on its way to a user: what of it is to be sent, and whether it still may be; no socket."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.requests import Download
from chat_server.files.store import BlobStore, pieces
from chat_server.live.session import Session
from chat_server.services.files.places import Places
from chat_server.services.files.rights import Rights
from chat_server.storage import Storage
from chat_server.storage.core.errors import StorageError
from chat_server.storage.core.records import FileRecord


class Outgoing:
    """What is to be sent.

    :param size: of the whole.
    :param length: how many bytes are to be sent.
    """

    def __init__(
        self,
        size: int,
        length: int,
        stream: BinaryIO,
        held: ExitStack,
        rights: Rights,
        session: Session,
        file: FileRecord,
    ) -> None:
        self.size = size
        self.length = length
        self._stream = stream
        self._held = held
        self._rights = rights
        self._session = session
        self._file = file

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes, up to the moment in which the user is taken out of the file's room."""
        was_member = self._is_member()
        for piece in pieces(self._stream, self.length):
            if was_member and not self._is_member():
                return
            yield piece

    def _is_member(self) -> bool:
        return self._file.room_id in self._session.rooms

    def may_go_on(self) -> bool:
        """Return whether the user may still have the file; asked now and then."""
        try:
            return self._rights.still(self._session, self._file)
        except StorageError:  # it was allowed a moment ago, and the database does not answer
            return True

    def close(self) -> None:
        """Give back the place and the file."""
        self._held.close()


class Downloads:
    """Begin downloads."""

    def __init__(self, storage: Storage, store: BlobStore, places: Places) -> None:
        self._storage = storage
        self._store = store
        self._places = places
        self._rights = Rights(storage)

    def begin(self, session: Session, request: Download) -> Outgoing:
        """Open what the user asks for.

        :raises ChatError: `no_such_file`, `bad_request` for an offset past the end, or `unavailable`.
        """
        file = self._storage.files.by_id(request.file)
        if file is None or not self._rights.may_read(session, file):
            raise _gone()
        if request.preview and not file.preview_size:
            raise ChatError(ErrorCode.NO_SUCH_FILE, "There is no preview of this file.", field="preview")
        size = file.preview_size if request.preview else file.size
        if request.offset > size:
            raise ChatError(
                ErrorCode.BAD_REQUEST, f"The file has {size} bytes, fewer than offset.", field="offset"
            )
        length = size - request.offset
        length = length if request.length is None else min(length, request.length)
        with ExitStack() as held:
            held.enter_context(self._places.place(session.user_id))
            stream = held.enter_context(self._open(file, preview=request.preview))
            stream.seek(request.offset)
            return Outgoing(size, length, stream, held.pop_all(), self._rights, session, file)

    def _open(self, file: FileRecord, *, preview: bool) -> BinaryIO:
        try:
            return self._store.open(file.preview_digest if preview else file.digest)
        except FileNotFoundError:
            raise _gone() from None


def _gone() -> ChatError:
    return ChatError(ErrorCode.NO_SUCH_FILE, "There is no such file, or not any more.", field="file")
