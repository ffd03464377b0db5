"""What can be typed to look around: what a room is, a day of it, who reacted; it sends no message."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from chat_client.engine.client import Client
from chat_client.i18n import _
from chat_client.model.days import parse_day, start_ms
from chat_client.model.state import RoomState
from chat_client.terminal.moderating import Lines, Mistake
from chat_client.terminal.show import Show
from chat_client.terminal.wording import Write, name_of, printable
from chat_client.transcript_words import TranscriptWords, heading


class Looking:
    """Carry out the lines that look around.

    :param open_room: returns the room in which lines are said, or raises `Mistake`.
    :param opened: opens a room.
    :param when_loaded: calls a function when a message of a room, which a line names, is loaded.
    """

    def __init__(
        self,
        client: Client,
        show: Show,
        write: Write,
        open_room: Callable[[], RoomState],
        opened: Callable[[RoomState], None],
        when_loaded: Callable[[str, Callable[[RoomState, int], None]], None],
    ) -> None:
        self._client, self._show, self._write = client, show, write
        self._open_room, self._opened, self._when_loaded = open_room, opened, when_loaded
        self.lines: Lines = {
            "about": lambda _rest: show.lists.about(open_room()),
            "next": self._next,
            "date": self._date,
            "save-text": self._save_text,
            "reactions": lambda rest: when_loaded(rest, self._reactions),
            "favourite": partial(self._favourite, True),
            "no-favourite": partial(self._favourite, False),
            "invite": lambda _rest: write(client.trust.invitation().link()),
        }

    def _next(self, _rest: str) -> None:
        """Open the next room with something unread: those that mention the user first."""
        state = self._client.state
        rooms = [*state.joined_rooms(), *state.conversations()]
        unread = [room for room in rooms if room.unread and room.joined and room.key != state.open_room]
        if not unread:
            raise Mistake(_("terminal.nothing_unread"))
        self._opened(min(unread, key=lambda room: not room.mentions))

    def _date(self, rest: str) -> None:
        day = parse_day(rest)
        if day is None:
            raise Mistake(_("date_jump.unclear"))
        self._show.from_time(self._open_room(), start_ms(day))

    def _save_text(self, rest: str) -> None:
        """Write all that the user may read of the open room into a file."""
        room, state = self._open_room(), self._client.state
        target = Path(rest).expanduser()
        if not rest or target.is_dir():
            raise Mistake(_("terminal.which_target"))
        if target.exists():
            raise Mistake(_("terminal.file_exists", path=target))
        top = heading(room.title, state.connection.server, state.display_name, datetime.now().astimezone())
        words = TranscriptWords(lambda name: name_of(name, self._client.state))
        self._client.transcripts.save(room.key, target, top, words)

    def _reactions(self, room: RoomState, seq: int) -> None:
        """Write who has reacted to a message, and how."""
        message = room.message(seq)
        reactions = message.reactions if message is not None else {}
        for emoji, names in reactions.items():
            people = ", ".join(name_of(name, self._client.state) for name in names)
            self._write(printable(f"  {emoji} {people}"))
        if not reactions:
            self._write(f"* {_('terminal.no_reactions', seq=seq)}")

    def _favourite(self, on: bool, _rest: str) -> None:
        self._client.rooms.set_favourite(self._open_room().key, on)
