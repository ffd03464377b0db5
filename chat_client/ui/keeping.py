"""What the user does to make and keep rooms: opens the sheets and asks the questions; Tk thread only.

The tables of actions call it with the key of a room; which rights that takes they decide.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model.state import RoomState
from chat_client.store.saving import safe_name
from chat_client.transcript_words import TranscriptWords, heading
from chat_client.ui.action_targets import Window
from chat_client.ui.look.look import Look
from chat_client.ui.panes.people import name_of, title_of
from chat_client.ui.room.attaching import ask_where
from chat_client.ui.sheets.add_people_sheet import AddPeopleSheet
from chat_client.ui.sheets.create_room_sheet import CreateRoomSheet
from chat_client.ui.sheets.date_sheet import DateSheet
from chat_client.ui.sheets.questions import ask, ask_text
from chat_client.ui.sheets.room_sheet import RoomSheet
from chat_client.ui.sheets.sheet import Sheet
from chat_protocol.limits import TOPIC_MAX_CHARS


class RoomKeeping:
    """Makes and keeps rooms.

    :param open_sheet: shows what a function makes, unless a sheet is open.
    """

    def __init__(
        self, look: Look, client: Client, window: Window, open_sheet: Callable[[Callable[[], Sheet]], object]
    ) -> None:
        self._look = look
        self._client = client
        self._window = window
        self._open_sheet = open_sheet

    def _room(self, key: str) -> RoomState | None:
        return self._client.state.rooms.get(key)

    def _title(self, key: str) -> str:
        room = self._room(key)
        return self._look.plain_line(title_of(self._client.state, room)) if room is not None else ""

    def create(self, people: Sequence[str] = ()) -> None:
        """Ask for what a new room is to be, with people who are chosen already."""
        self._open_sheet(lambda: CreateRoomSheet(self._look, self._client, people, self._window.open_room))

    def continue_with(self, key: str) -> None:
        """Make a private room with the other of a private conversation, and with others."""
        room = self._room(key)
        if room is not None and room.is_direct:
            self.create([room.partner])

    def show_settings(self, key: str) -> None:
        """Show what a room is, and let those change it who may."""
        room = self._room(key)
        if room is None:
            return
        leave = partial(self.ask_leave, key)
        self._open_sheet(partial(RoomSheet, self._look, self._client, room, self, leave))

    def ask_topic(self, key: str) -> None:
        """Ask what a room is about."""
        room = self._room(key)
        if room is None:
            return
        ask_text(
            self._look,
            _("keeping.topic_of", room=self._title(key)),
            _("keeping.topic_label"),
            _("action.save"),
            lambda text: self._client.own_rooms.edit(key, topic=text[:TOPIC_MAX_CHARS]),
            value=room.topic,
        )

    def ask_people(self, key: str) -> None:
        """Ask who is to be let in."""
        room = self._room(key)
        if room is not None:
            shown = room
            self._open_sheet(lambda: AddPeopleSheet(self._look, self._client, shown))

    def ask_date(self, key: str) -> None:
        """Ask to which day of a room to go."""
        if key != self._client.state.open_room:
            self._window.open_room(key)
        self._open_sheet(lambda: DateSheet(self._look, lambda at_ms: self._client.dates.go(key, at_ms)))

    def save_conversation(self, key: str) -> None:
        """Ask where a room is to be saved as a text file, and have it written."""
        client, state, title = self._client, self._client.state, self._title(key)
        target = (
            ask_where(self._look.root, safe_name(f"{title}.txt")) if self._room(key) is not None else None
        )
        if target is None:
            return
        now = datetime.now().astimezone()
        top = heading(title, state.connection.server, state.display_name, now)
        client.transcripts.save(key, target, top, TranscriptWords(lambda name: name_of(client.state, name)))

    def ask_leave(self, key: str) -> None:
        """Leave a room after a question."""
        room = self._room(key)
        if room is None:
            return
        words = _("room.leave_words")
        if room.kind == "private":
            words += " " + _("keeping.leave_private")
        leave = partial(self._client.rooms.leave, key)
        title = _("room.leave_title", room=self._title(key))
        ask(self._look, title, words, _("room.leave"), leave, danger=True)

    def ask_archive(self, key: str) -> None:
        """Make a room read-only after a question."""
        ask(
            self._look,
            _("keeping.archive_title", room=self._title(key)),
            _("keeping.archive_words"),
            _("keeping.archive_yes"),
            lambda: self._client.own_rooms.archive(key),
            danger=True,
        )

    def unarchive(self, key: str) -> None:
        """Bring an archived room back."""
        self._client.own_rooms.archive(key, on=False)

    def make_owner(self, key: str, username: str, owner: bool) -> None:
        """Make a member an owner of a room, or one no more."""
        self._client.own_rooms.add(key, [username], owner)

    def ask_remove(self, key: str, username: str) -> None:
        """Remove somebody from a room after the question why."""
        name = self._look.plain_line(name_of(self._client.state, username))
        ask_text(
            self._look,
            _("keeping.remove_title", name=name, room=self._title(key)),
            _("person.reason"),
            _("keeping.remove_yes"),
            lambda reason: self._client.own_rooms.remove(key, username, reason),
        )
