"""Changes of the model as lines of text, with nothing in them that could drive the terminal."""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from chat_client.engine.client import Client
from chat_client.file_words import said_in, size_words
from chat_client.i18n import _, error_text, ngettext
from chat_client.model import changes as ch
from chat_client.model.changes import Change
from chat_client.model.keys import user_key
from chat_client.model.ranges import SeqRanges
from chat_client.model.state import (
    SEQ_OF,
    ClientState,
    ConnectionState,
    MessageState,
    Phase,
    RoomState,
    Status,
)

Write = Callable[[str], None]
HISTORY_TYPED: Final = 50  # messages shown of a room on opening it; of unread ones as many as a page has
HISTORY_PIPED: Final = 10
UNREAD_MAX: Final = 200
OLDER: Final = 100
AROUND: Final = 10  # messages shown on either side of one that was asked for
QUOTE_MAX: Final = 40


def printable(text: str) -> str:
    """Return text without control sequences and direction overrides; further lines are indented."""
    lines = text.split("\n")
    clean = ["".join(c if c.isprintable() else "\ufffd" for c in line.expandtabs(4)) for line in lines]
    return "\n    ".join(clean)


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
        self._writers: dict[type, Callable[[Any], None]] = {
            ch.ConnectionChanged: lambda _change: self._connection(),
            ch.SignedIn: lambda change: self._signed_in(change),
            ch.SignedOut: self._signed_out,
            ch.MessagesAppended: self._arrived,
            ch.MessagesInserted: self._arrived,
            ch.MessageChanged: self._changed,
            ch.PendingChanged: self._pending,
            ch.NoticeArrived: lambda change: self._note(printable(f"* {change.text}")),
            ch.RequestFailed: self._failed,
            ch.RequestDone: self._done,
            ch.FoundPeopleChanged: lambda _change: self._found_people(),
            ch.SavedChanged: lambda _change: self._saved(),
            ch.DevicesChanged: lambda _change: self._devices(),
            ch.DevicesEnded: self._devices_ended,
            ch.DeviceSignedIn: self._device_signed_in,
            ch.ModerationChanged: lambda _change: self._requests(),
            ch.SearchChanged: lambda _change: self._search(),
            ch.RoomFilesChanged: lambda _change: self._room_files(),
            ch.Attention: self._attention,
            ch.TransferChanged: self._transfer,
            ch.FileSaved: lambda change: self._note(printable(f"* {_('terminal.saved', path=change.path)}")),
        }
        self._devices_asked = self._saved_asked = False
        self._requests_asked, self._requests_told = False, set[tuple[str, str, int]]()
        self._last_status = ""
        self._told: dict[str, int] = {}  # of transfers: how many quarters were told
        self._search_shown: tuple[str, int, str] | None = None
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

    def older(self, room: RoomState) -> None:
        """Write what came before, and ask for it where it is not loaded."""
        self._floor -= OLDER
        self._new_messages(room)
        if room.covered.start_of(room.last_seq) > max(self._floor, room.first_seq):
            self._floor = 0
            self._client.history.load_older(room.key)

    def mark_read(self) -> None:
        """Mark what is on the screen of the open room as read, up to the first message that is not."""
        room = self._state.rooms.get(self._state.open_room or "")
        if room is None or room.covered is not self._covered:
            return
        gaps = self._shown.gaps(room.unread_from, room.last_seq)
        read_to = gaps[0][0] - 1 if gaps else room.last_seq
        if read_to > room.read_seq:
            self._client.history.mark_read(room.key, read_to)

    def rooms(self, *, archived: bool = False) -> None:
        """Write the list of rooms, or of those that are archived."""
        listed = [*self._state.joined_rooms(), *self._state.conversations(), *self._state.other_rooms()]
        for room in self._state.archived_rooms() if archived else listed:
            mark = {"joined": " ", "pending": "?", "none": "-"}.get(room.membership, " ")
            unread = f" ({_('terminal.unread', count=room.unread)})" if room.unread else ""
            self._write(printable(f"{mark} {room.name}{unread}"))

    def people(self, room: RoomState) -> None:
        """Write who belongs to a room."""
        for username in room.members:
            self._person(username)

    def around(self, room: RoomState, seq: int) -> None:
        """Write a message and those beside it, as far as they are loaded."""
        begin = bisect_left(room.messages, seq - AROUND, key=SEQ_OF)
        for message in room.messages[begin : bisect_right(room.messages, seq + AROUND, key=SEQ_OF)]:
            self._message(message, room)

    def ask_devices(self) -> None:
        """Ask where the user is signed in, and write it."""
        self._devices_asked = True
        self._client.devices.refresh()

    def ask_saved(self) -> None:
        """Ask for the saved messages, and write them."""
        self._saved_asked = True
        self._client.saved.refresh()

    def _saved(self) -> None:
        """Write the saved messages that were asked for."""
        if self._saved_asked:
            self._saved_asked = False
            for one in self._state.saved or ():
                self._write(printable(f"  {one.room} #{one.seq} <{self._name(one.author)}> {one.body}"))
            if not self._state.saved:
                self._write(f"* {_('saved.none')}")

    def _devices(self) -> None:
        """Write the devices that were asked for."""
        if not self._devices_asked:
            return
        self._devices_asked = False
        for device in self._state.devices:
            used = time.strftime("%Y-%m-%d %H:%M", time.localtime(device.last_used_at / 1000))
            words = [device.name or _("devices.unnamed"), device.address, _("devices.used", when=used)]
            mark = f" ({_('devices.current')})" if device.current else ""
            self._write(printable(f"  {device.id}  {', '.join(filter(None, words))}{mark}"))

    def _devices_ended(self, change: ch.DevicesEnded) -> None:
        words = ngettext("devices.ended", change.count)
        if change.device and not change.count:
            words = _("devices.none")
        self._note(f"* {words}")

    def _device_signed_in(self, change: ch.DeviceSignedIn) -> None:
        name = change.device or _("devices.unnamed")
        words = _("devices.signed_in", device=name, address=change.address)
        self._note(printable(f"* {words} {_('terminal.see_devices')}"))

    def ask_requests(self) -> None:
        """Ask for the requests to join, and write them all."""
        self._requests_asked, self._requests_told = True, set()
        self._client.moderation.pending()

    def _requests(self) -> None:
        """Write the requests to join that were not written yet."""
        waiting = self._state.join_requests
        if self._state.join_request_count != len(waiting):
            self._client.moderation.pending()  # only the number was told
            return
        for one in waiting:
            if (one.username, one.room, one.requested_at) not in self._requests_told:
                reason = f": {one.reason}" if one.reason else ""
                words = _("terminal.request", name=self._name(one.username), room=one.room)
                self._note(printable(f"* {words}{reason}"))
        if self._requests_asked and not waiting:
            self._note(f"* {_('terminal.no_requests')}")
        self._requests_asked = False
        self._requests_told = {(one.username, one.room, one.requested_at) for one in waiting}

    def _found_people(self) -> None:
        people = self._state.found_people
        self._write(f"* {_('terminal.found', count=len(people))}")
        for person in people:
            self._person(person.username)

    def _person(self, username: str) -> None:
        person = self._state.people.get(user_key(username))
        status = f" [{_('people.bot') if person.bot else person.status}]" if person is not None else ""
        self._write(printable(f"  {self._name(username)}{status}"))

    def _connection(self) -> None:
        text = _status_line(self._state)
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
        sent_at = time.localtime(message.sent_at / 1000)
        if (day := time.strftime("%Y-%m-%d", sent_at)) != self._day:
            self._day = day
            self._note(f"--- {day}")
        body = _("terminal.deleted") if message.deleted else _said(message)
        edited = f" ({_('terminal.edited')})" if message.edited_at and not message.deleted else ""
        reactions = "".join(f" {emoji}{len(names)}" for emoji, names in message.reactions.items())
        reactions = f" [{reactions.strip()}]" if reactions else ""
        where = f"[{time.strftime('%H:%M', sent_at)}] #{message.seq} <{self._name(message.author)}>"
        self._write(printable(f"{where} {self._quote(message, room)}{body}{edited}{reactions}"))

    def _quote(self, message: MessageState, room: RoomState | None) -> str:
        """Return which message this one answers, with its beginning where it is loaded."""
        if message.reply_to is None:
            return ""
        original = room.message(message.reply_to) if room is not None else None
        words = ""
        if original is not None and not original.deleted:
            body = " ".join(said_in(original).split())
            cut = body if len(body) <= QUOTE_MAX else f"{body[:QUOTE_MAX]}…"
            words = f" <{self._name(original.author)}> {cut}"
        return f"(↪ #{message.reply_to}{words}) "

    def _name(self, username: str) -> str:
        """Return how a user is called, with the username where that is another word."""
        if not username:
            return _("timeline.erased_author")
        person = self._state.people.get(user_key(username))
        if person is None or person.display_name in ("", username):
            return username
        return f"{person.display_name} @{username}"

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

    def _attention(self, change: ch.Attention) -> None:
        room, message = self._state.rooms[change.room], change.message
        silent = self._state.status == "busy" or self._state.attention.silent_at(datetime.now())
        if change.room != self._state.open_room and not silent:
            self._write(printable(f"* {room.title}: <{self._name(message.author)}> {said_in(message)}"))

    def _transfer(self, change: ch.TransferChanged) -> None:
        """Tell a person how far a file has come, in quarters."""
        transfer = self._state.transfers.get(change.key)
        if transfer is None:
            self._told.pop(change.key, None)
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
        elif change.request.startswith(("moderation.", "room.", "save")):
            self._note(f"* {_('terminal.done')}")

    def _search(self) -> None:
        search = self._state.search
        shown = (search.query, len(search.results), search.code)
        if not search.query or search.busy or shown == self._search_shown:
            return
        self._search_shown = shown
        more = f", {_('terminal.more')}" if search.more else ""
        failed = f" {error_text(search.code)}" if search.code else ""
        self._write(f"* {_('terminal.found', count=len(search.results))}{more}{failed}")
        if search.incomplete:
            self._write(f"* {_('search.incomplete')}")
        for found in reversed(search.results):
            room = self._state.rooms.get(found.room)
            self._write(printable(f"  {room.name if room else found.room} "))
            self._message(found.message, room)

    def _room_files(self) -> None:
        """Write the files of a room that was asked for, the newest last, as `/download` takes them."""
        listed = self._state.room_files
        if listed.busy:
            return
        files = self._client.room_files.files()
        more = f", {_('terminal.more')}" if listed.more else ""
        failed = f" {error_text(listed.code)}" if listed.code else ""
        self._write(f"* {ngettext('terminal.files', len(files))}{more}{failed}")
        for one in reversed(files):
            name = " ".join(one.file.name.split())
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.message.sent_at / 1000))
            what = _("terminal.file", name=name, size=size_words(one.file.size), place=one.key)
            self._write(printable(f"  [{when}] <{self._name(one.message.author)}> {what}"))


def _said(message: MessageState) -> str:
    """Return the text of a message, and of each of its files what it is and how it is fetched."""
    words = [message.body] if message.body else []
    for number, file in enumerate(message.files, 1):
        place = f"{message.seq}" if len(message.files) == 1 else f"{message.seq}.{number}"
        name = " ".join(file.name.split())
        words.append(_("terminal.file", name=name, size=size_words(file.size), place=place))
    return " ".join(words)


def _status_line(state: ClientState) -> str:
    """Return one line that tells how the connection stands."""
    connection = state.connection
    where = f"{connection.host}:{connection.port}"
    if connection.phase == Phase.FINGERPRINT:
        question = _("terminal.fingerprint", place=where, fingerprint=connection.fingerprint)
        return "\n".join(f"* {line}" for line in question.split("\n"))
    if connection.phase == Phase.ONLINE:
        words = _("terminal.online" if connection.encrypted else "terminal.online_plain", place=where)
        return f"* {words}" + ("" if connection.storing_ok else f" {_('connection.not_storing')}")
    if connection.phase == Phase.WAITING:
        return f"* {_reason(connection)} {_('terminal.again')}"
    if connection.phase == Phase.REFUSED:
        return printable(f"* {_reason(connection)}")
    return f"* {_('terminal.connecting', place=where)}"


def _reason(connection: ConnectionState) -> str:
    """Say in words why there is no connection."""
    if connection.code == "unreachable":
        return _("connection.unreachable", place=f"{connection.host}:{connection.port}")
    words = error_text(connection.code or "internal")
    if connection.detail and connection.code in ("kicked", "banned", "killed"):
        words += " " + _("connection.because", reason=connection.detail)
    return words
