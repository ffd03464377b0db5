"""Writes what changes: messages, the connection, what came of a request; lists are written in `lists`."""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from chat_client.engine.client import Client
from chat_client.file_words import said_in, transfer_words
from chat_client.i18n import _, error_text, ngettext
from chat_client.model import changes as ch
from chat_client.model.changes import Change
from chat_client.model.ranges import SeqRanges
from chat_client.model.receipts import read_by_partner
from chat_client.model.state import SEQ_OF, ClientState, MessageState, RoomState, Status
from chat_client.terminal.administering import AskedLists
from chat_client.terminal.lists import Lists
from chat_client.terminal.transferring import SHOWN
from chat_client.terminal.wording import Write, message_line, name_of, printable, status_line

HISTORY_TYPED: Final = 50  # messages shown of a room on opening it; of unread ones as many as a page has
HISTORY_PIPED: Final = 10
UNREAD_MAX: Final = 200
OLDER: Final = 100
AROUND: Final = 10  # messages shown on either side of one that was asked for


class Show:
    """Write what changes, for the room that is open and in short for the others.

    :param write: takes one line (or several), without its end.
    :param history: how many messages are shown of a room on opening it.
    :param quiet: write messages and what failed only.
    """

    def __init__(self, client: Client, write: Write, *, history: int, quiet: bool) -> None:
        self._client = client
        self._write = write
        self._note: Write = (lambda _line: None) if quiet else write
        self._history, self._floor, self._day = history, 0, ""
        self._refused_shown: set[str] = set()
        self.asked = AskedLists(client, write)
        self.lists = Lists(client, write, self._note, self._message)
        self._writers: dict[type, Callable[[Any], None]] = {
            ch.ConnectionChanged: lambda _change: self._connection(),
            ch.SignedIn: lambda change: self._signed_in(change),
            ch.SignedOut: self._signed_out,
            ch.MessagesAppended: self._arrived,
            ch.MessagesInserted: self._arrived,
            ch.MessageChanged: self._changed,
            ch.PendingChanged: self._pending,
            ch.RoomChanged: self._room_changed,
            ch.NoticeArrived: lambda change: self._note(printable(f"* {change.text}")),
            ch.RequestFailed: self._failed,
            ch.RequestDone: self._done,
            ch.DevicesEnded: self._devices_ended,
            ch.DeviceSignedIn: self._device_signed_in,
            ch.Attention: self._attention,
            ch.TransferChanged: self._transfer,
            ch.JumpReady: self._jump_ready,
            ch.FileSaved: lambda change: self._note(printable(f"* {_('terminal.saved', path=change.path)}")),
            **self.lists.writers,
            **self.asked.writers,
        }
        self._last_status = ""
        self._day_asked = ""  # the key of the room of which a day was asked for
        self._read_told: tuple[str, int | None] | None = None
        self._asked: set[str] = set()  # rooms that one has asked to join, and was told so
        self._told: dict[str, int] = {}  # of transfers: how many quarters were told
        # What of the open room is on the screen; begins anew when the model forgets what it had of it.
        self._covered, self._shown = SeqRanges(), SeqRanges()

    @property
    def _state(self) -> ClientState:
        return self._client.state

    def changes(self, changes: list[Change]) -> None:
        """Write what there is to say of some changes."""
        for change in changes:
            writer = self._writers.get(type(change))
            if writer is not None:
                writer(change)

    def room(self, room: RoomState) -> None:
        """Write what is loaded of a room, as on opening it."""
        topic = f" - {room.topic}" if room.topic else ""
        self._note(printable(f"* {room.title}{topic}"))
        self._day = ""
        self._floor = room.last_seq + 1 - self._history
        if self._history == HISTORY_TYPED:
            self._floor = min(self._floor, max(room.unread_from, room.last_seq + 1 - UNREAD_MAX))
        self._covered, self._shown = room.covered, SeqRanges()
        self._new_messages(room)
        self._read_told = None
        self._receipt(room)

    def older(self, room: RoomState) -> None:
        """Write what came before, and ask for it where it is not loaded."""
        self._floor -= OLDER
        self._new_messages(room)
        if room.covered.start_of(room.last_seq) > max(self._floor, room.first_seq):
            self._floor = room.first_seq
            self._client.history.load_older(room.key)

    @property
    def waits(self) -> bool:
        """Whether the little history that a pipe is given of the open room has not come yet."""
        room = self._state.rooms.get(self._state.open_room or "")
        if room is None or not room.joined or self._history != HISTORY_PIPED:
            return False
        return room.covered.start_of(room.last_seq) > max(self._floor, room.first_seq)

    def mark_read(self) -> None:
        """Mark what is on the screen of the open room as read, up to the first message that is not."""
        room = self._state.rooms.get(self._state.open_room or "")
        if room is None or room.covered is not self._covered:
            return
        gaps = self._shown.gaps(room.unread_from, room.last_seq)
        read_to = gaps[0][0] - 1 if gaps else room.last_seq
        self._client.history.mark_read(room.key, read_to)

    def around(self, room: RoomState, seq: int) -> None:
        """Write a message and those beside it, as far as they are loaded."""
        begin = bisect_left(room.messages, seq - AROUND, key=SEQ_OF)
        for message in room.messages[begin : bisect_right(room.messages, seq + AROUND, key=SEQ_OF)]:
            self._message(message, room)

    def from_time(self, room: RoomState, at_ms: int) -> None:
        """Write what was said first since a time, when it is found, and what stands beside it."""
        self._day_asked = room.key
        self._client.dates.go(room.key, at_ms)

    def _jump_ready(self, change: ch.JumpReady) -> None:
        if change.room == self._day_asked:
            self._day_asked = ""
            self.around(self._state.rooms[change.room], change.seq)

    def _receipt(self, room: RoomState) -> None:
        """Say once that the other one has read the newest message of the open private conversation."""
        if room.key == self._state.open_room and read_by_partner(room):
            read = room.key, room.messages[-1].seq
            if read != self._read_told:
                self._read_told = read
                self._note(f"* {_('receipt.read')}")

    def _devices_ended(self, change: ch.DevicesEnded) -> None:
        words = ngettext("devices.ended", change.count)
        if change.device and not change.count:
            words = _("devices.none")
        self._note(f"* {words}")

    def _device_signed_in(self, change: ch.DeviceSignedIn) -> None:
        name = change.device or _("devices.unnamed")
        words = _("devices.signed_in", device=name, address=change.address)
        self._note(printable(f"* {words} {_('terminal.see_devices')}"))

    def _connection(self) -> None:
        text = status_line(self._state)
        if text != self._last_status:
            self._last_status = text
            self._note(text)

    def _signed_in(self, change: ch.SignedIn) -> None:
        if change.fresh:
            self._note(printable(f"* {_('terminal.signed_in', name=self._state.username)}"))
            if self._state.must_change_password:
                self._write(f"* {_('terminal.one_time')}")

    def _arrived(self, change: ch.MessagesAppended | ch.MessagesInserted) -> None:
        if change.room == self._state.open_room:
            self._new_messages(self._state.rooms[change.room])

    def _new_messages(self, room: RoomState) -> None:
        """Write what is loaded and not on the screen, once, however the changes are cut.

        What fills a gap comes after what was said later; a line above it says so.
        """
        if room.covered is not self._covered:
            self._covered, self._shown = room.covered, SeqRanges()
        newest = self._shown.highest() or 0
        for low, high in room.covered.ranges():
            for first, last in self._shown.gaps(low, high):
                if last < self._floor:
                    continue
                first = max(first, self._floor)
                begin = bisect_left(room.messages, first, key=SEQ_OF)
                found = room.messages[begin : bisect_right(room.messages, last, key=SEQ_OF)]
                if found and first < newest:
                    self._note(f"* {_('terminal.before', seq=last + 1)}")
                for message in found:
                    self._message(message, room)
                self._shown.add(first, last)

    def _message(self, message: MessageState, room: RoomState | None) -> None:
        day = time.strftime("%Y-%m-%d", time.localtime(message.sent_at / 1000))
        if day != self._day:
            self._day = day
            self._note(f"--- {day}")
        self._write(message_line(message, room, self._state))

    def _changed(self, change: ch.MessageChanged) -> None:
        room = self._state.rooms[change.room]
        message = room.message(change.seq)
        if message is not None and change.room == self._state.open_room and self._shown.holds(change.seq):
            self._message(message, room)

    def _pending(self, change: ch.PendingChanged) -> None:
        for message in self._state.rooms[change.room].pending:
            nonce = message.nonce or ""
            if message.status != Status.REFUSED:
                self._refused_shown.discard(nonce)  # sent again: what comes of it is news
            elif nonce not in self._refused_shown:
                self._refused_shown.add(nonce)
                reason = error_text(message.error or "internal")
                self._write(printable(f"* {_('terminal.not_sent', reason=reason, body=said_in(message))}"))
                self._write(f"*   {_('terminal.retry', name=nonce[:8])}")

    def _room_changed(self, change: ch.RoomChanged) -> None:
        """Say once that the other one has read, or that somebody decides where the user asked to join."""
        room = self._state.rooms.get(change.room)
        if room is not None:
            self._receipt(room)
        if room is None or room.membership != "pending":
            self._asked.discard(change.room)
        elif room.key == self._state.open_room and room.key not in self._asked:
            self._asked.add(room.key)
            self._note(printable(f"* {room.title}: {_('join.pending')}"))

    def _attention(self, change: ch.Attention) -> None:
        room, message = self._state.rooms[change.room], change.message
        silent = self._state.status == "busy" or self._state.attention.silent_at(datetime.now())
        if change.room != self._state.open_room and not silent:
            author = name_of(message.author, self._state)
            self._write(printable(f"* {room.title}: <{author}> {said_in(message)}"))

    def _transfer(self, change: ch.TransferChanged) -> None:
        """Tell a person how far a file has come, in quarters."""
        transfer = self._state.transfers.get(change.key)
        if transfer is None:
            self._told.pop(change.key, None)
        elif transfer.paused:  # in the window, maybe, and before: it waits for the user
            name, words = " ".join(transfer.name.split()), transfer_words(transfer)
            self._note(printable(f"* {name}: {words}, /go-on {change.key[:SHOWN]}"))
        elif self._history == HISTORY_TYPED and transfer.size:
            quarters = 4 * transfer.done // transfer.size
            if quarters > self._told.get(change.key, 0):
                self._told[change.key] = quarters
                name = " ".join(transfer.name.split())
                self._note(printable(f"* {_('terminal.transfer', name=name, percent=25 * quarters)}"))

    def _signed_out(self, change: ch.SignedOut) -> None:
        if change.code:
            self._write("* " + _("terminal.sign_in_ended"))
        else:
            self._note("* " + _("terminal.signed_out"))

    def _failed(self, change: ch.RequestFailed) -> None:
        self._write(printable(f"* {error_text(change.code)}"))

    def _done(self, change: ch.RequestDone) -> None:
        if change.request == "password":
            self._note(f"* {_('terminal.password_changed')}")
        elif change.request.startswith(("moderation.", "room.", "save", "pin")):
            self._note(f"* {_('terminal.done')}")
