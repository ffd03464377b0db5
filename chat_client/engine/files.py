"""Files up and down: which are brought when, from which copies, into which cache; it opens no socket."""

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from chat_client.engine.core import NOT_CONNECTED, Core, failure
from chat_client.engine.sending import Sender
from chat_client.engine.transfer_threads import END_WAIT_S, Access, Then, Told, TransferThreads
from chat_client.model import changes as ch
from chat_client.model.pictures import SentPicture
from chat_client.net import transfer
from chat_client.net.link import Link
from chat_client.net.transfer import TransferLine
from chat_client.store.attachments import FILE_UNREADABLE, Attachment, Attachments, FileCache, save_copy
from chat_client.store.downloads import PendingDownloads
from chat_client.store.outbox import Entry
from chat_client.store.paused import PausedTransfers
from chat_client.store.saving import free_path
from chat_protocol.errors import ChatError, ErrorCode, bad_request
from chat_protocol.file_names import clean_file_name
from chat_protocol.objects import File
from chat_protocol.requests import Download, Upload

FILES_OFF: Final = "files_off"
NOT_SAVED: Final = "not_saved"
UPLOADS_MAX: Final = 1  # at a time: the next has the whole line when this one has arrived
DOWNLOADS_MAX: Final = 3

#: Told at the end of a download: None, or why there is none.
Ended = Callable[[ChatError | None], object]


@dataclass(slots=True)
class _Wanted:
    """A download that was asked for.

    :param targets: where copies go, beside the cache.
    :param told: who is told of its end; a refusal is a change only when somebody else asked, too.
    """

    file: File
    preview: bool
    targets: list[Path] = field(default_factory=list)
    told: list[Ended] = field(default_factory=list)


class FileTransfers:
    """`client.files`: send files, fetch them, and say how far each has come.

    What is under way stands in `state.transfers`; each step is a `TransferChanged`, each end of a download a
    `FileFetched`, a `FileSaved`, or a `RequestFailed`. An upload belongs to a message that waits in the
    outbox: it goes on after a lost connection and after a restart, until the message is stored or given up.

    :param home: the settings folder; copies of what waits stand in its `attachments/`.
    """

    def __init__(self, core: Core, link: Link, sender: Sender, home: Path) -> None:
        self._core, self._link, self._sender = core, link, sender
        self._attachments, self._cache = Attachments(home), FileCache(home)
        self._pending = PendingDownloads(home)
        self._paused = PausedTransfers(home)
        self._threads = TransferThreads(core, lambda paused: self._paused.keep(self._account, paused))
        self._preparing: set[threading.Thread] = set()
        self._wanted: dict[str, _Wanted] = {}
        self._kept: list[tuple[File, Path]] = []
        self._account = ""
        self._closing = False
        sender.on_gone = self._gone

    def wake_with(self, wake: Callable[[], object]) -> None:
        """Have a function called, from any thread, when a poll has something to take."""
        self._threads.wake = wake

    # What the user does

    def send(
        self,
        room: str,
        files: Sequence[Path],
        body: str = "",
        reply_to: int | None = None,
        pictures: Sequence[SentPicture | None] = (),
    ) -> None:
        """Send files with a text or none: they are copied, then the message waits in the outbox.

        A file that cannot be read becomes a `RequestFailed` of `upload`, and nothing is sent.

        :param room: the room's key.
        :param pictures: what is known of the files as pictures, in their order; None for what is none.
        :raises ChatError: `files_off`, `no_such_room`, `file_too_large`, `file_unreadable`, or `bad_request`
            for none or too many.
        """
        limits = self._limits(room, files)
        names = [clean_file_name(path.name) for path in files]
        nonces = [f"{self._core.rng.getrandbits(128):032x}" for _path in files]
        account = self._sender.stored.account
        known = [*pictures, *(None for _path in files)]

        def prepare() -> None:
            made: list[Attachment] = []
            try:
                for path, name, nonce, picture in zip(files, names, nonces, known, strict=False):
                    preview = picture.preview if picture is not None else b""
                    preview = preview if len(preview) <= limits.get("preview", 0) else b""
                    copy = self._attachments.copy(path, name, nonce, limits["file"], preview)
                    made.append(_described(copy, picture))
            except ChatError as error:
                for nonce in nonces:
                    self._attachments.remove(nonce)
                refusal = error
                self._threads.tell(lambda: self._core.emit(failure(Upload.TYPE, refusal, room)))
            else:
                self._threads.tell(lambda: self._queue(account, room, body, tuple(made), reply_to))

        thread = threading.Thread(target=prepare, name="attach", daemon=True)
        self._preparing.add(thread)
        thread.start()

    def _limits(self, room: str, files: Sequence[Path]) -> dict[str, int]:
        limits = self._core.state.connection.limits
        if not self.available:
            raise ChatError(FILES_OFF, "This server takes no files.")
        if self._core.room(room) is None:
            raise ChatError(ErrorCode.NO_SUCH_ROOM, "There is no such room.")
        if not 1 <= len(files) <= limits.get("files", 1):
            raise bad_request("files", "A message has 1 to 10 files.")
        for path in files:
            try:
                if not path.is_file():
                    raise ChatError(FILE_UNREADABLE, f"{path.name} is no file.")
                if path.stat().st_size > limits["file"]:
                    raise ChatError(ErrorCode.FILE_TOO_LARGE, f"{path.name} is too large.")
            except OSError as error:
                raise ChatError(FILE_UNREADABLE, str(error)) from error
        return limits

    @property
    def available(self) -> bool:
        """Whether the server takes files."""
        connection = self._core.state.connection
        return "files" in connection.capabilities and "file" in connection.limits

    @property
    def busy(self) -> bool:
        """Whether a file is being copied for sending, or one is to be fetched."""
        return bool(self._preparing or self._wanted)

    def pause(self, key: str) -> None:
        """Let a transfer of `state.transfers` rest; what came stays."""
        self._threads.pause(key)

    def go_on(self, key: str) -> None:
        """Let a transfer go on that rests, or that waits to be tried again."""
        self._threads.go_on(key)

    def cancel(self, key: str) -> None:
        """Give a transfer up: of an upload with the message that waits for it."""
        state = self._core.state.transfers.get(key)
        if state is None:
            return
        wanted = self._wanted.pop(key, None)
        self._keep_pending()
        if state.message:
            self._sender.discard(state.message)
        self._threads.end(key)
        for told in wanted.told if wanted is not None else ():
            told(ChatError(NOT_CONNECTED, "It was given up."))

    def fetch(self, file: File, *, preview: bool = False) -> None:
        """Bring a file, or its small picture, into the cache (`cached`); nothing where it is there."""
        if self.cached(file, preview=preview) is None:
            self._want(file, preview)

    def bring(self, file: File, told: Ended, *, preview: bool = False) -> None:
        """Bring a file into the cache by the program's own wish: only `told` hears of its end."""
        if self.cached(file, preview=preview) is not None:
            told(None)
        elif self._attachments.waiting(file) is not None:  # it was sent, or given up, this moment
            told(ChatError(ErrorCode.NO_SUCH_FILE, "It waits no more."))
        else:
            self._want(file, preview, asked=False).told.append(told)

    def save(self, file: File, target: Path) -> None:
        """Put a file where the user wants it, in place of what stands there; in a folder, over no other."""
        found = self.cached(file)
        if found is None:
            self._want(file, False).targets.append(target.absolute())
            self._keep_pending()
        else:
            self._save(file, found, [target])

    def cached(self, file: File, *, preview: bool = False) -> Path | None:
        """Return where a file is in the cache, or the copy of one that waits; None where there is none."""
        waiting = self._attachments.waiting(file)
        if waiting is not None:
            return waiting if waiting.exists() and not preview else None
        path = self._cache_path(file, preview)
        return path if self._cache.find(path) else None

    # What is due

    def pump(self) -> None:
        """Take what the threads have told, and start what can start."""
        self._preparing = {thread for thread in self._preparing if thread.is_alive()}
        self._threads.take()
        self._follow_account()
        if not self._core.online or not self.available or self._closing:
            return
        to_upload = list(self._sender.stored.to_upload())
        # The address is looked up only when there is something to bring: most polls have nothing.
        if (to_upload or self._wanted) and (access := self._link.access) is not None:
            self._start_uploads(to_upload, access)
            self._start_downloads(access)

    def _start_uploads(self, to_upload: list[tuple[Entry, Attachment]], access: Access) -> None:
        free = UPLOADS_MAX - sum(key not in self._wanted for key in self._threads.running)
        for entry, attachment in to_upload:
            file = attachment.file
            self._threads.note(attachment.nonce, file.name, file.size, entry.nonce)
            if free > 0 and self._threads.may_start(attachment.nonce):
                self._start_upload(entry, attachment, access)
                free -= 1

    def _start_downloads(self, access: Access) -> None:
        free = DOWNLOADS_MAX - sum(key in self._wanted for key in self._threads.running)
        for key, wanted in list(self._wanted.items()):
            if free <= 0:
                return
            if self._threads.may_start(key):
                self._start_download(key, wanted, access)
                free -= 1

    def close(self) -> None:
        """End the threads; uploads stay for the next start, and what was being copied waits with them."""
        self._closing = True
        for thread in self._preparing:
            thread.join(END_WAIT_S)
        self._threads.close()
        self._threads.take()

    def _follow_account(self) -> None:
        """End what belongs to an account that was left; of the next, remove copies that no message names."""
        account = self._sender.stored.account
        if account != self._account:
            self._account = account
            self._wanted.clear()
            self._threads.end_all()
            self._kept = []
            if account:
                self._threads.rest(self._paused.of(account))
                self._attachments.sweep(self._sender.stored.named_files())
                for file, target in self._pending.of(account):
                    self._want(file, False).targets.append(target)
                    self._kept.append((file, target))

    # Uploads

    def _queue(
        self, account: str, room: str, body: str, made: tuple[Attachment, ...], reply_to: int | None
    ) -> None:
        try:
            if account != self._sender.stored.account:  # the user has signed out while they were copied
                raise ChatError(NOT_CONNECTED, "There is no connection.")
            self._sender.send_files(room, body, made, reply_to)
        except ChatError as error:
            for attachment in made:
                self._attachments.remove(attachment.nonce)
            self._core.emit(failure(Upload.TYPE, error, room))

    def _start_upload(self, entry: Entry, attachment: Attachment, access: Access) -> None:
        file, nonce = attachment.file, attachment.nonce
        path = self._attachments.path(nonce)
        room = entry.room_id or entry.room

        def bring(line: TransferLine, told: Told) -> Then:
            preview = self._attachments.preview(attachment)
            request = Upload(room, nonce, file.name, file.size, attachment.sha256, len(preview))
            stored = transfer.upload(line, request, path, preview, told)
            if stored.width is not None:  # the user looks at it: it need not come back
                with contextlib.suppress(OSError):  # without room on the disk it comes back when it is shown
                    self._cache.adopt(self._cache_path(stored, False), path)
            return lambda: self._uploaded(entry, attachment, stored)

        self._threads.start(nonce, bring, access, lambda error: self._upload_failed(entry, attachment, error))

    def _uploaded(self, entry: Entry, attachment: Attachment, stored: File) -> None:
        self._sender.stored.note_upload(entry.nonce, attachment.nonce, stored)
        self._threads.end(attachment.nonce)

    def _upload_failed(self, entry: Entry, attachment: Attachment, error: ChatError) -> None:
        if not self._threads.try_later(attachment.nonce, error):
            self._threads.end(attachment.nonce)
            self._sender.refuse(entry.nonce, error.code, error.message)

    def _gone(self, entry: Entry) -> None:
        for attachment in entry.files:
            self._threads.end(attachment.nonce)
            self._attachments.remove(attachment.nonce)

    # Downloads

    def _cache_path(self, file: File, preview: bool) -> Path:
        connection = self._core.state.connection
        return self._cache.path(f"{connection.host}:{connection.port}", file.id, preview=preview)

    def _want(self, file: File, preview: bool, *, asked: bool = True) -> _Wanted:
        key = f"{file.id}/preview" if preview else file.id
        self._threads.note(key, file.name, 0 if preview else file.size, asked=asked)
        return self._wanted.setdefault(key, _Wanted(file, preview))

    def _keep_pending(self) -> None:
        """Have what is to be saved go on after a restart."""
        saved = [(one.file, target) for one in self._wanted.values() for target in one.targets]
        if saved != self._kept:
            self._kept = saved
            self._pending.keep(self._account, saved)

    def _start_download(self, key: str, wanted: _Wanted, access: Access) -> None:
        path = self._cache_path(wanted.file, wanted.preview)

        def bring(line: TransferLine, told: Told) -> Then:
            part = self._cache.part(path)
            size = None if wanted.preview else wanted.file.size
            transfer.download(line, wanted.file.id, part, told, size=size, preview=wanted.preview)
            self._cache.keep(path)
            return lambda: self._fetched(key, wanted, path)

        self._threads.start(key, bring, access, lambda error: self._download_failed(key, error))

    def _fetched(self, key: str, wanted: _Wanted, path: Path) -> None:
        self._wanted.pop(key, None)
        self._threads.end(key)
        self._core.emit(ch.FileFetched(wanted.file.id, wanted.preview))
        self._save(wanted.file, path, wanted.targets)
        self._keep_pending()
        for told in wanted.told:
            told(None)

    def _save(self, file: File, found: Path, targets: Sequence[Path]) -> None:
        for target in targets:
            try:
                target = free_path(target, file.name) if target.is_dir() else target
                save_copy(found, target)
            except OSError as error:
                reason = ChatError(NOT_SAVED, str(error))
                self._core.emit(failure(Download.TYPE, reason))
            else:
                self._core.emit(ch.FileSaved(file.id, str(target)))

    def _download_failed(self, key: str, error: ChatError) -> None:
        if self._threads.try_later(key, error):
            return
        wanted = self._wanted.pop(key, None)
        self._keep_pending()
        self._threads.end(key)
        told = wanted.told if wanted is not None else []
        for tell in told:
            tell(error)
        if wanted is None or wanted.targets or not told:
            self._core.emit(failure(Download.TYPE, error))


def _described(attachment: Attachment, picture: SentPicture | None) -> Attachment:
    """Note what is known of a picture, so that it is shown while it waits."""
    if picture is None:
        return attachment
    width, height = picture.size.width, picture.size.height
    return replace(attachment, file=replace(attachment.file, type=picture.kind, width=width, height=height))
