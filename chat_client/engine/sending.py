"""Brings the outbox to the server: in order, in small bursts, once; it opens no socket."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chat_client.engine.core import FOR_NOW, NOT_CONNECTED, Core, failure, retry_after
from chat_client.model.changes import Change, ConnectionChanged, RequestDone
from chat_client.model.state import MessageState, RoomState, Status
from chat_client.store.outbox import Entry, Outbox
from chat_protocol.errors import ChatError, ErrorCode, bad_request
from chat_protocol.limits import BODY_MAX_CHARS
from chat_protocol.objects import Message
from chat_protocol.times import from_rfc3339

BURST_MAX = 32
RETRY_AFTER_S = 2.0  # where a refusal for now names no time


class Sender:
    """Send what the outbox holds.

    A burst is sent as a whole, and the next one only when all of it is answered: were later messages on
    their way while an earlier one is refused for now, they could be stored before it. Bursts grow while all
    goes well.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self.outbox = Outbox(None, "")
        self._in_flight: set[str] = set()
        self._burst = 1
        self._burst_failed = False
        self._not_before = 0.0

    # Accounts and connections

    def open(self, path: Path | None) -> None:
        """Take the outbox of the account that has just signed in, and show what waits in it."""
        self.outbox.close()
        self.outbox = Outbox(path, self._core.account)
        self._core.emit(*self.show_waiting())

    def show_waiting(self) -> list[Change]:
        """Put what waits into the rooms, where it is not shown yet."""
        changes: list[Change] = []
        for entry in self.outbox.all():
            room = self._room_of(entry)
            if room is not None and entry.kind == "send":
                changes += self._core.model.add_pending(room, self._shown(entry))
        return changes

    def connection_ended(self) -> None:
        """Take all that was on its way as not sent."""
        self._in_flight.clear()
        self._burst, self._burst_failed, self._not_before = 1, False, 0.0

    def close(self) -> None:
        """Close the outbox; what waits stays for the next start."""
        self.outbox.close()
        self.outbox = Outbox(None, "")
        self.connection_ended()

    # What the user does

    def send(self, room: RoomState, body: str, reply_to: int | None) -> str:
        """Put a message into the outbox and into the view; return its nonce."""
        entry = self._add("send", room, _checked(body), reply_to)
        self._core.emit(*self._core.model.add_pending(room, self._shown(entry)))
        return entry.nonce

    def change(self, kind: str, room: RoomState, seq: int, body: str = "", on: bool = True) -> None:
        """Put an edit, a deletion or a reaction into the outbox."""
        self._add(kind, room, _checked(body) if kind == "edit" else body, seq, on)

    def retry(self, nonce: str) -> None:
        """Send a refused message after all that waits."""
        entry = self.outbox.get(nonce)
        if entry is None or not entry.error:
            return
        self.outbox.retry(nonce)
        room = self._room_of(entry)
        if room is not None:
            self._core.emit(*self._core.model.discard_pending(room, nonce))
            self._core.emit(*self._core.model.add_pending(room, self._shown(self.outbox.get(nonce) or entry)))

    def discard(self, nonce: str) -> None:
        """Drop a message, unless it is on its way."""
        entry = self.outbox.get(nonce)
        if entry is None or nonce in self._in_flight:
            return
        self.outbox.remove(nonce)
        room = self._room_of(entry)
        if room is not None:
            self._core.emit(*self._core.model.discard_pending(room, nonce))

    # What is due

    def pump(self) -> None:
        """Send the next burst when the last one is answered."""
        if self._in_flight or not self._core.online or self._core.monotonic() < self._not_before:
            return
        for entry in self.outbox.waiting():
            if len(self._in_flight) >= self._burst:
                break
            self._in_flight.add(entry.nonce)
            self._ask(entry)

    def _ask(self, entry: Entry) -> None:
        self._core.table.ask(
            entry.request(),
            lambda frame: self._stored(entry, frame),
            lambda error: self._refused(entry, error),
        )

    def _stored(self, entry: Entry, frame: dict[str, Any]) -> list[Change]:
        message = self._message(entry, frame)
        self.outbox.remove(entry.nonce)
        changes = self._answered(entry.nonce)
        room = self._room_of(entry)
        if not self._core.state.connection.storing_ok:
            self._core.state.connection.storing_ok = True
            changes.append(ConnectionChanged())
        if room is not None:
            changes += self._core.model.stored(room, message, entry.nonce)
            changes += [] if entry.kind == "send" else [RequestDone(entry.kind, room.key)]
        return changes

    def _refused(self, entry: Entry, error: ChatError) -> list[Change]:
        if error.code in FOR_NOW:
            return self._wait(entry, error)
        changes = self._answered(entry.nonce)
        room = self._room_of(entry)
        if entry.kind == "send" and room is not None:
            self.outbox.refuse(entry.nonce, error.code, error.message)
            return changes + self._core.model.refused(room, entry.nonce, error.code, error.message)
        self.outbox.remove(entry.nonce)
        return [*changes, failure(entry.kind, error, room.key if room else "")]

    def _wait(self, entry: Entry, error: ChatError) -> list[Change]:
        wait_s = retry_after(error) or RETRY_AFTER_S
        self._not_before = max(self._not_before, self._core.monotonic() + wait_s)
        self._burst_failed = True
        changes = self._answered(entry.nonce)
        connection = self._core.state.connection
        if error.code == ErrorCode.UNAVAILABLE and connection.storing_ok:
            connection.storing_ok = False
            changes.append(ConnectionChanged())
        return changes

    def _answered(self, nonce: str) -> list[Change]:
        self._in_flight.discard(nonce)
        if not self._in_flight:
            self._burst = 1 if self._burst_failed else min(2 * self._burst, BURST_MAX)
            self._burst_failed = False
        return []

    def _add(self, kind: str, room: RoomState, body: str, seq: int | None, on: bool = True) -> Entry:
        if not self.outbox.account:  # nobody has signed in since the start: there is no outbox to keep it in
            raise ChatError(NOT_CONNECTED, "There is no connection.")
        nonce = f"{self._core.rng.getrandbits(128):032x}"
        entry = Entry(nonce, kind, room.name, body, seq, on, self._core.now_ms())
        self.outbox.add(entry)
        return entry

    def _room_of(self, entry: Entry) -> RoomState | None:
        rooms = self._core.model.rooms
        return rooms.ensure(entry.room) if entry.room.startswith("@") else rooms.find(entry.room)

    def _shown(self, entry: Entry) -> MessageState:
        return MessageState(
            seq=None,
            author=self._core.state.username,
            body=entry.body,
            sent_at=entry.written_at,
            nonce=entry.nonce,
            status=Status.REFUSED if entry.error else Status.PENDING,
            error=entry.error or None,
            error_detail=entry.detail,
            reply_to=entry.seq,
            mine=True,
        )

    def _message(self, entry: Entry, frame: dict[str, Any]) -> Message:
        """Return what the server has stored, from what was sent and the answer."""
        change = entry.kind != "send"
        return Message(
            room=entry.room,
            seq=int(frame["seq"]),
            sender=self._core.state.username,
            body=entry.body,
            sent_at=from_rfc3339(frame["sent_at"]),
            kind=entry.kind if change else "text",
            target=entry.seq if change else None,
            on=entry.on if entry.kind == "react" else None,
            reply_to=None if change else entry.seq,
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
