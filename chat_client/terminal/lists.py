"""Writes the lists that a user asks for, as the server has answered; it must not know what is typed."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from chat_client.engine.client import Client
from chat_client.file_words import said_in
from chat_client.i18n import _, error_text, ngettext
from chat_client.model import changes as ch
from chat_client.model.keys import user_key
from chat_client.model.pins import pins_of
from chat_client.model.state import ClientState, MessageState, RoomState
from chat_client.terminal.wording import Write, file_offer, name_of, printable
from chat_protocol.names import fold_text
from chat_protocol.objects import Message

#: Behind `/rooms`: those that are left out of the list, and those with something unread.
ARCHIVED: Final = "archived"
UNREAD: Final = "unread"


class Lists:
    """Write rooms, people, saved messages, devices, join requests, and what was found.

    :param write: takes one line (or several), without its end.
    :param note: the same, for lines that are left out where only messages and failures are wanted.
    :param message: writes a message that was found, with the room where that is known.
    """

    def __init__(
        self,
        client: Client,
        write: Write,
        note: Write,
        message: Callable[[MessageState, RoomState | None], None],
    ) -> None:
        self._client = client
        self._write, self._note, self._message = write, note, message
        self.writers: dict[type, Callable[[Any], None]] = {
            ch.FoundPeopleChanged: lambda _change: self._found_people(),
            ch.SavedChanged: lambda _change: self._saved(),
            ch.PinsChanged: self._pins,
            ch.DevicesChanged: lambda _change: self._devices(),
            ch.ModerationChanged: lambda _change: self._requests(),
            ch.SearchChanged: lambda _change: self._search(),
            ch.RoomFilesChanged: lambda _change: self._room_files(),
        }
        self._devices_asked = self._saved_asked = False
        self._pins_asked = ""
        self._requests_asked, self._requests_told = False, set[tuple[str, str, int]]()
        self._search_shown: tuple[str, int, str] | None = None

    @property
    def _state(self) -> ClientState:
        return self._client.state

    def rooms(self, which: str = "") -> None:
        """Write the list of rooms.

        :param which: `archived`: those that are; `unread`: those with something unread; anything else: those
            whose names contain it.
        """
        state, favourites = self._state, self._client.rooms.favourites()
        listed = [*state.joined_rooms(), *state.conversations(), *state.other_rooms()]
        if which in (ARCHIVED, UNREAD):
            listed = state.archived_rooms() if which == ARCHIVED else [one for one in listed if one.unread]
        else:
            listed = [one for one in listed if fold_text(which) in fold_text(f"{one.name} {one.title}")]
        for room in sorted(listed, key=lambda one: one.kept_as not in favourites):
            mark = {"joined": " ", "pending": "?", "none": "-"}.get(room.membership, " ")
            star = " ★" if room.kept_as in favourites else ""
            unread = f" ({_('terminal.unread', count=room.unread)})" if room.unread else ""
            self._write(printable(f"{mark} {room.name}{star}{unread}"))
        if not listed:
            self._write(f"* {_('rooms.none_fit')}")

    def about(self, room: RoomState) -> None:
        """Write what a room is."""
        kind = _(f"keeping.kind_{room.kind}") if not room.is_direct else _("rooms.direct")
        archived = f", {_('header.archived')}" if room.archived else ""
        lines = [f"* {room.title} ({kind}{archived})", room.topic, *room.description.split("\n")]
        if room.owners:
            owners = ", ".join(sorted(name_of(name, self._state) for name in room.owners))
            lines.append(f"{_('keeping.owners')}: {owners}")
        lines.append(_(f"notify.{room.notify.value}"))
        for line in filter(None, lines):
            self._write(printable(line if line.startswith("*") else f"  {line}"))

    def people(self, room: RoomState) -> None:
        """Write who belongs to a room."""
        for username in room.members:
            self._person(username)

    def ask_devices(self) -> None:
        """Ask where the user is signed in, and write it."""
        self._devices_asked = True
        self._client.devices.refresh()

    def ask_saved(self) -> None:
        """Ask for the saved messages, and write them."""
        self._saved_asked = True
        self._client.saved.refresh()

    def ask_pins(self, room: RoomState) -> None:
        """Ask for what is pinned in a room, and write it."""
        self._pins_asked = room.key
        self._client.pins.refresh(room)

    def ask_requests(self) -> None:
        """Ask for the requests to join, and write them all."""
        self._requests_asked, self._requests_told = True, set()
        self._client.moderation.pending()

    def _saved(self) -> None:
        """Write the saved messages that were asked for."""
        if self._saved_asked:
            self._saved_asked = False
            self._kept(self._state.saved or ())
            if not self._state.saved:
                self._write(f"* {_('saved.none')}")

    def _pins(self, change: ch.PinsChanged) -> None:
        """Write what is pinned in the room that was asked for."""
        if change.room == self._pins_asked:
            self._pins_asked = ""
            pins = pins_of(self._state.rooms.get(change.room))
            self._kept(pins)
            if not pins:
                self._write(f"* {_('terminal.no_pins')}")

    def _kept(self, messages: Sequence[Message]) -> None:
        """Write messages, each with its room."""
        for one in messages:
            author = name_of("" if one.former else one.author, self._state)
            self._write(printable(f"  {one.room} #{one.seq} <{author}> {said_in(one)}"))

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

    def _requests(self) -> None:
        """Write the requests to join that were not written yet."""
        waiting = self._state.join_requests
        if self._state.join_request_count != len(waiting):
            return  # only the number was told so far: the list is on its way
        for one in waiting:
            if (one.username, one.room, one.requested_at) not in self._requests_told:
                reason = f": {one.reason}" if one.reason else ""
                words = _("terminal.request", name=name_of(one.username, self._state), room=one.room)
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
        self._write(printable(f"  {name_of(username, self._state)}{status}"))

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
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.message.sent_at / 1000))
            author = name_of(one.message.author, self._state)
            self._write(printable(f"  [{when}] <{author}> {file_offer(one.file, one.key)}"))
