"""Brings the outbox to the server: in order, in small bursts, once; it opens no socket."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from chat_client.engine.core import NOT_CONNECTED, RETRIED_LATER, Core, failure, retry_after, until_of
from chat_client.model.changes import ConnectionChanged, PendingChanged, RequestDone
from chat_client.model.state import MessageState, Mute, RoomState, Status
from chat_client.store.attachments import Attachment
from chat_client.store.outbox import OUTBOX_FILE, Entry, Outbox
from chat_protocol.errors import ChatError, ErrorCode, bad_request
from chat_protocol.limits import BODY_MAX_CHARS
from chat_protocol.message_replies import Stored
from chat_protocol.objects import Message, Room

BURST_MAX: Final = 32
WRITE_AGAIN_S: Final = 5.0
RETRY_AFTER_S: Final = 2.0  # where a refusal for now names no time


class Sender:
    """Queue what the user says, and send what the outbox holds.

    :param folder: the settings folder.

    `stored` is the outbox on disk. A burst is sent as a whole, and the next one only when all of it is
    answered: were later messages on their way while an earlier one is refused for now, they could be stored
    before it. Bursts grow while all goes well.
    """

    def __init__(self, core: Core, folder: Path) -> None:
        self._core, self._folder = core, folder
        self.stored = Outbox(None, "")
        self._in_flight: set[str] = set()
        self._write_again_at = 0.0
        self.connection_ended()
        #: Called with an entry that is gone: stored, or given up.
        self.on_gone: Callable[[Entry], object] = lambda _entry: None

    # Accounts and connections

    def open(self) -> None:
        """Open the outbox of the account that has just signed in."""
        self.stored = Outbox(self._folder / OUTBOX_FILE, self._core.account)

    def show_waiting(self) -> None:
        """Put what waits into the rooms, where it is not shown yet."""
        for entry in self.stored.all():
            room = self._room_of(entry)
            if room is not None and entry.kind == "send":
                self._core.model.add_pending(room, self._shown(entry))

    def rename_room(self, old: str, room: Room) -> None:
        """Follow the renaming of a room; `old` is its former name."""
        self.stored.rename_room(old, room.name, room.id)

    def sync(self) -> None:
        """Make sure that what was added survives a loss of power, too; write again what the disk refused."""
        now = self._core.monotonic()
        if self.stored.failing and now >= self._write_again_at:
            self._write_again_at = now + WRITE_AGAIN_S
            self.stored.write_again()
            self._mark_kept()
        self.stored.sync()

    def _mark_kept(self) -> None:
        """Let the messages that wait say whether they are on the disk by now."""
        for room in self._core.state.rooms.values():
            for message in room.pending:
                kept = self.stored.keeps(message.nonce or "")
                if message.kept != kept:
                    message.kept = kept
                    self._core.emit(PendingChanged(room.key))

    def connection_ended(self) -> None:
        """Mark all that was on its way as not sent."""
        self._in_flight.clear()
        self._burst, self._burst_failed, self._not_before = 1, False, 0.0

    def close(self) -> None:
        """Close the outbox; what waits stays for the next start."""
        self.stored.close()
        self.stored = Outbox(None, "")
        self.connection_ended()

    # What the user does

    def send(self, room: str, body: str, reply_to: int | None = None) -> str:
        """Queue a message (it appears in `pending` at once) and return its nonce.

        :raises ChatError: `no_such_room`, `body_too_long`, or `bad_request` when nothing but white space is
            in it.
        """
        known = self._core.room(room)
        if known is None:
            raise ChatError(ErrorCode.NO_SUCH_ROOM, "There is no such room.")
        entry = self._add("send", known, _checked(body), reply_to)
        self._core.model.add_pending(known, self._shown(entry))
        return entry.nonce

    def send_files(
        self, room: str, body: str, files: tuple[Attachment, ...], reply_to: int | None = None
    ) -> str:
        """Queue a message with files, and a text or none; return its nonce. See `client.files.send`.

        :raises ChatError: `no_such_room`, `body_too_long`, or `not_connected` before the first sign-in.
        """
        known = self._core.room(room)
        if known is None:
            raise ChatError(ErrorCode.NO_SUCH_ROOM, "There is no such room.")
        text = _checked(body) if body.strip() else ""
        entry = self._add("send", known, text, reply_to, files=files)
        self._core.model.add_pending(known, self._shown(entry))
        return entry.nonce

    def refuse(self, nonce: str, code: str, message: str) -> None:
        """Keep a message as refused because of its files."""
        entry = self.stored.get(nonce)
        if entry is not None:
            self.stored.refuse(nonce, code, message)
            if (room := self._room_of(entry)) is not None:
                self._core.model.refused(room, nonce, code)

    def edit(self, room: str, seq: int, body: str) -> None:
        """Change one of the user's own messages.

        :raises ChatError: `body_too_long`, or `bad_request` when nothing but white space is in it.
        """
        if (known := self._core.room(room)) is not None:
            self._add("edit", known, _checked(body), seq)

    def delete(self, room: str, seq: int) -> None:
        """Delete a message (the user's own; a moderator: any)."""
        if (known := self._core.room(room)) is not None:
            self._add("delete", known, "", seq)

    def react(self, room: str, seq: int, emoji: str, on: bool = True) -> None:
        """Add or take back a reaction."""
        if (known := self._core.room(room)) is not None:
            self._add("react", known, emoji, seq, on)

    def retry(self, nonce: str) -> None:
        """Send a refused message again, with the same nonce, after all that waits."""
        entry = self.stored.get(nonce)
        if entry is None or not entry.error:
            return
        room = self._room_of(entry)
        self.stored.retry(nonce, room.id if room is not None else entry.room_id)
        self._core.wake()
        if room is not None:
            self._core.model.discard_pending(room, nonce)
            self._core.model.add_pending(room, self._shown(self.stored.get(nonce) or entry))

    def discard(self, nonce: str) -> None:
        """Drop a refused message, or one that was not handed to a connection yet."""
        entry = self.stored.get(nonce)
        if entry is None or nonce in self._in_flight:
            return
        self.stored.remove(nonce)
        self.on_gone(entry)
        room = self._room_of(entry)
        if room is not None:
            self._core.model.discard_pending(room, nonce)

    # What is due

    def pump(self) -> None:
        """Send the next burst when the last one is answered."""
        if self._in_flight or not self._core.online or self._core.monotonic() < self._not_before:
            return
        for entry in self.stored.waiting():
            if len(self._in_flight) >= self._burst:
                break
            self._in_flight.add(entry.nonce)
            self._ask(entry)

    def _ask(self, entry: Entry) -> None:
        self._core.replies.ask(
            entry.request(),
            lambda reply: self._accepted(entry, reply),
            lambda error: self._refused(entry, error),
        )

    def _accepted(self, entry: Entry, reply: Stored) -> None:
        message = self._message(entry, reply)
        self.stored.remove(entry.nonce)
        self.on_gone(entry)
        self._answered(entry.nonce)
        self._note_storing(True)
        room = self._room_of(entry)
        if room is not None:
            self._core.model.stored(room, message, entry.nonce)
            if entry.kind != "send":
                self._core.emit(RequestDone(entry.kind, room.key))

    def _refused(self, entry: Entry, error: ChatError) -> None:
        if error.code in RETRIED_LATER:
            self._wait(entry, error)
            return
        self._answered(entry.nonce)
        room = self._room_of(entry)
        if error.code == ErrorCode.MUTED and room is not None:
            mute = Mute(str(error.extra.get("reason") or ""), until_of(error))
            self._core.model.muted(room.key, mute)
        if error.code == ErrorCode.NO_SUCH_FILE:
            for attachment in entry.files:  # waited too long: a retry brings them again
                self.stored.note_upload(entry.nonce, attachment.nonce, None)
        if entry.kind == "send" and room is not None:
            self.stored.refuse(entry.nonce, error.code, error.message)
            self._core.model.refused(room, entry.nonce, error.code)
        else:
            self.stored.remove(entry.nonce)
            self.on_gone(entry)
            self._core.emit(failure(entry.kind, error, room.key if room else ""))

    def _wait(self, entry: Entry, error: ChatError) -> None:
        wait_s = retry_after(error) or RETRY_AFTER_S
        self._not_before = max(self._not_before, self._core.monotonic() + wait_s)
        self._burst_failed = True
        self._answered(entry.nonce)
        if error.code == ErrorCode.UNAVAILABLE:
            self._note_storing(False)

    def _note_storing(self, works: bool) -> None:
        connection = self._core.state.connection
        if connection.storing_ok != works:
            connection.storing_ok = works
            self._core.emit(ConnectionChanged())

    def _answered(self, nonce: str) -> None:
        self._in_flight.discard(nonce)
        if not self._in_flight:
            self._burst = 1 if self._burst_failed else min(2 * self._burst, BURST_MAX)
            self._burst_failed = False

    def _add(
        self,
        kind: str,
        room: RoomState,
        body: str,
        seq: int | None,
        on: bool = True,
        files: tuple[Attachment, ...] = (),
    ) -> Entry:
        if not self.stored.account:  # no sign-in since the start: there is no outbox to keep it in
            raise ChatError(NOT_CONNECTED, "There is no connection.")
        nonce = f"{self._core.rng.getrandbits(128):032x}"
        now_ms = self._core.now_ms()
        entry = Entry(nonce, kind, room.name, body, seq, on, now_ms, room_id=room.id, files=files)
        self.stored.add(entry)
        self._core.wake()
        return entry

    def _room_of(self, entry: Entry) -> RoomState | None:
        """Return the room in which an entry is shown: its own, or the one that has its name now."""
        rooms = self._core.model.rooms
        found = rooms.find(entry.room_id or entry.room) or rooms.find(entry.room)
        return rooms.ensure(entry.room) if found is None and entry.room.startswith("@") else found

    def _shown(self, entry: Entry) -> MessageState:
        return MessageState(
            seq=None,
            author=self._core.state.username,
            body=entry.body,
            sent_at=entry.written_at,
            nonce=entry.nonce,
            status=Status.REFUSED if entry.error else Status.PENDING,
            error=entry.error or None,
            reply_to=entry.seq,
            mine=True,
            kept=self.stored.keeps(entry.nonce),
            files=tuple(attachment.shown for attachment in entry.files),
        )

    def _message(self, entry: Entry, reply: Stored) -> Message:
        """Return what the server has stored, from what was sent and the answer."""
        change = entry.kind != "send"
        return Message(
            room=entry.room,
            seq=reply.seq,
            author=self._core.state.username,
            body=entry.body,
            sent_at=reply.sent_at,
            kind=entry.kind if change else "text",
            target=entry.seq if change else None,
            on=entry.on if entry.kind == "react" else None,
            reply_to=None if change else entry.seq,
            files=tuple(attachment.file for attachment in entry.files),
        )


def _checked(body: str) -> str:
    """Return a text that can be sent.

    :raises ChatError: `body_too_long`, or `bad_request` when nothing but white space is in it.
    """
    # Tk on some systems hands over the two halves of a character; this joins them, and replaces lone ones.
    body = body.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if not body.strip():
        raise bad_request("body", "There is nothing to send.")
    if len(body) > BODY_MAX_CHARS:
        raise ChatError(ErrorCode.BODY_TOO_LONG, f"A message has at most {BODY_MAX_CHARS} characters.")
    return body
