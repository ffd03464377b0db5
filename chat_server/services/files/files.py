"""Files as request handlers see them: brought, had, told of in `hello`; it must not know how bytes travel."""

from collections.abc import Callable

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import FILES_MAX, PREVIEW_MAX_BYTES
from chat_protocol.message_replies import UploadReply
from chat_protocol.requests import Download, Upload
from chat_server.files.store import BlobStore
from chat_server.limits import Limits
from chat_server.live.session import Session
from chat_server.services.files.downloads import Downloads, Outgoing
from chat_server.services.files.places import Places
from chat_server.services.files.space import MIB, Space
from chat_server.services.files.uploads import Incoming, Uploads
from chat_server.services.messages.messages import Messages, to_file
from chat_server.storage import Storage
from chat_server.storage.core.records import FileRecord


class Files:
    """What a server does with files.

    :param enabled: False refuses both requests.
    :param clock: milliseconds since 1970 UTC.
    :param scan_command: the program that looks at each file.
    """

    def __init__(
        self,
        storage: Storage,
        store: BlobStore,
        messages: Messages,
        limits: Limits,
        clock: Callable[[], int],
        *,
        scan_command: str = "",
        enabled: bool = True,
    ) -> None:
        self.enabled = enabled
        self.store = store
        self.places = Places(limits)
        self.space = Space(storage, store, limits)
        self.uploads = Uploads(storage, store, messages, self.places, self.space, clock, scan_command)
        self._downloads = Downloads(storage, store, self.places)

    @property
    def limits(self) -> Limits:
        """The limits in force."""
        return self.space.limits

    def apply(self, limits: Limits, scan_command: str) -> None:
        """Use these from the next transfer on."""
        self.places.limits = self.space.limits = limits
        self.uploads.scan_command = scan_command

    def told_limits(self) -> dict[str, int]:
        """Return what `hello` says of files; nothing when there are none."""
        if not self.enabled:
            return {}
        return {"file": self.limits.file_max_mib * MIB, "files": FILES_MAX, "preview": PREVIEW_MAX_BYTES}

    def upload(self, session: Session, request: Upload) -> UploadReply | Incoming:
        """Return the reply when the file was uploaded before, or what its bytes are to be given to.

        :raises ChatError: when it may not be.
        """
        self._require(session)
        found = self.uploads.begin(session, request)
        return found if isinstance(found, Incoming) else uploaded(found)

    def download(self, session: Session, request: Download) -> Outgoing:
        """Return what is to be sent.

        :raises ChatError: when it may not be.
        """
        self._require(session)
        return self._downloads.begin(session, request)

    def _require(self, session: Session) -> None:
        if not self.enabled:
            raise ChatError(ErrorCode.UNKNOWN_TYPE, "This server keeps no files.")
        if not session.quiet:  # an event between the bytes would be taken for some of them
            raise ChatError(
                ErrorCode.FORBIDDEN, "A transfer has a connection of its own: send `quiet` on it first."
            )


def uploaded(file: FileRecord) -> UploadReply:
    """Return the reply to an upload that is finished."""
    return UploadReply(file=to_file(file))
