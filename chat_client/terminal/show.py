"""Changes of the model as lines of text, with nothing in them that could drive the terminal."""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any

from chat_client.engine.client import Client
from chat_client.model import changes as ch
from chat_client.model.changes import Change
from chat_client.model.keys import user_key
from chat_client.model.ranges import SeqRanges
from chat_client.model.state import SEQ_OF, ClientState, MessageState, Phase, RoomState, Status

Write = Callable[[str], None]


def printable(text: str) -> str:
    """Return text without control sequences and direction overrides; further lines are indented."""
    lines = text.split("\n")
    clean = ["".join(c if c.isprintable() else "\ufffd" for c in line.expandtabs(4)) for line in lines]
    return "\n    ".join(clean)


class Show:
    """Write what changes, for the room that is open and in short for the others.

    :param write: takes one line (or several), without its end.
    """

    def __init__(self, client: Client, write: Write) -> None:
        self._client = client
        self._write = write
        self._refused_shown: set[str] = set()
        self._writers: dict[type, Callable[[Any], None]] = {
            ch.ConnectionChanged: lambda _change: self._connection(),
            ch.SignedIn: lambda change: self._signed_in(change),
            ch.SignedOut: lambda _change: self._write("* signed out"),
            ch.MessagesAppended: self._arrived,
            ch.MessagesInserted: self._arrived,
            ch.MessageChanged: self._changed,
            ch.PendingChanged: self._pending,
            ch.NoticeArrived: lambda change: self._write(f"* notice: {printable(change.text)}"),
            ch.RequestFailed: self._failed,
            ch.SearchChanged: lambda _change: self._search(),
            ch.Attention: self._attention,
        }
        self._last_status = ""
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
        self._write(printable(f"* {room.name}{topic}"))
        self._covered, self._shown = room.covered, SeqRanges()
        self._new_messages(room)

    def mark_read(self) -> None:
        """Mark what is on the screen of the open room as read, up to the first message that is not."""
        room = self._state.rooms.get(self._state.open_room or "")
        if room is None or room.covered is not self._covered:
            return
        gaps = self._shown.gaps(room.unread_from, room.last_seq)
        read_to = gaps[0][0] - 1 if gaps else room.last_seq
        if read_to > room.read_seq:
            self._client.history.mark_read(room.key, read_to)

    def rooms(self) -> None:
        """Write the list of rooms."""
        for room in [*self._state.joined_rooms(), *self._state.conversations(), *self._state.other_rooms()]:
            mark = {"joined": " ", "pending": "?", "none": "-"}.get(room.membership, " ")
            unread = f" ({room.unread} unread)" if room.unread else ""
            self._write(printable(f"{mark} {room.name}{unread}"))

    def people(self, room: RoomState) -> None:
        """Write who belongs to a room."""
        for username in room.members:
            person = self._state.people.get(user_key(username))
            status = f" [{person.status}]" if person is not None else ""
            self._write(printable(f"  {username}{status}"))

    def _connection(self) -> None:
        text = _status_line(self._state)
        if text != self._last_status:
            self._last_status = text
            self._write(text)

    def _signed_in(self, change: ch.SignedIn) -> None:
        if change.fresh:
            self._write(printable(f"* signed in as {self._state.username}"))

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
                begin = bisect_left(room.messages, first, key=SEQ_OF)
                found = room.messages[begin : bisect_right(room.messages, last, key=SEQ_OF)]
                if found and first < newest:
                    self._write(f"* before #{last + 1}:")
                for message in found:
                    self._message(message)
                self._shown.add(first, last)

    def _message(self, message: MessageState) -> None:
        at = time.strftime("%H:%M", time.localtime(message.sent_at / 1000))
        body = "(deleted)" if message.deleted else message.body
        edited = " (edited)" if message.edited_at else ""
        self._write(printable(f"[{at}] #{message.seq} <{message.author or 'erased account'}> {body}{edited}"))

    def _changed(self, change: ch.MessageChanged) -> None:
        room = self._state.rooms[change.room]
        message = room.message(change.seq)
        if message is not None and change.room == self._state.open_room:
            self._message(message)

    def _pending(self, change: ch.PendingChanged) -> None:
        for message in self._state.rooms[change.room].pending:
            nonce = message.nonce or ""
            if message.status == Status.REFUSED and nonce not in self._refused_shown:
                self._refused_shown.add(nonce)
                self._write(f"* not sent ({message.error}): {printable(message.body)}")
                self._write(f"*   /retry {nonce[:8]} or /discard {nonce[:8]}")

    def _attention(self, change: ch.Attention) -> None:
        room, message = self._state.rooms[change.room], change.message
        if change.room != self._state.open_room:
            self._write(printable(f"* {room.name}: <{message.author}> {message.body}"))

    def _failed(self, change: ch.RequestFailed) -> None:
        self._write(printable(f"* {change.request}: {change.code} {change.detail}"))

    def _search(self) -> None:
        search = self._state.search
        shown = (search.query, len(search.results), search.code)
        if not search.query or search.busy or shown == self._search_shown:
            return
        self._search_shown = shown
        self._write(
            f"* {len(search.results)} found{', and more' if search.more else ''} {search.code}".rstrip()
        )
        for found in reversed(search.results):
            room = self._state.rooms.get(found.room)
            self._write(printable(f"  {room.name if room else found.room} "))
            self._message(found.message)


def _status_line(state: ClientState) -> str:
    """Return one line that tells how the connection stands."""
    connection = state.connection
    where = f"{connection.host}:{connection.port}"
    if connection.phase == Phase.FINGERPRINT:
        return (
            f"* first contact with {where}; its certificate's SHA-256 fingerprint is\n"
            f"*   {connection.fingerprint}\n* Is this the server you mean? (yes/no)"
        )
    if connection.phase == Phase.ONLINE:
        kind = "encrypted" if connection.encrypted else "not encrypted"
        stored = "" if connection.storing_ok else "; the server cannot store just now"
        return f"* connected to {where}, {kind}{stored}"
    if connection.phase == Phase.WAITING:
        return f"* no connection ({connection.code}), trying again"
    if connection.phase == Phase.REFUSED:
        return printable(f"* refused: {connection.code} {connection.detail}".rstrip())
    return f"* {connection.phase} {where}"
