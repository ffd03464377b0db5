"""What can be typed: a line is said in the open room, a line with / is a command; no input is read here."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from chat_client.engine.client import Client
from chat_client.i18n import _, error_text
from chat_client.model.room_names import room_named
from chat_client.model.state import NotifyLevel, Phase, RoomState
from chat_client.terminal.administering import Administering
from chat_client.terminal.attending import Attending
from chat_client.terminal.inbox import Inbox
from chat_client.terminal.keeping_rooms import KeepingRooms
from chat_client.terminal.looking import Looking
from chat_client.terminal.moderating import Mistake, Moderating
from chat_client.terminal.picturing import Picturing
from chat_client.terminal.pinning import Pinning
from chat_client.terminal.show import Show
from chat_client.terminal.transferring import Transferring
from chat_client.terminal.wording import Write
from chat_protocol.errors import ChatError

#: What is asked without being shown, after which line.
SECRETS: Final = {"/password": ("terminal.password_old", "terminal.password_new", "terminal.password_again")}

#: In the place of a device: all but this one.
OTHERS: Final = "others"


class Commands:
    """Carry out lines.

    :param write: takes one line for the user.
    """

    def __init__(self, client: Client, show: Show, write: Write) -> None:
        self._client = client
        self._show = show
        self._write = write
        self.quit = self.failed = False
        self._answers: tuple[str, ...] = ()
        self._awaited: list[tuple[RoomState, int, Callable[[], None]]] = []
        self._commands: dict[str, Callable[[str], None]] = {
            "help": self._help,
            "open": self._open,
            "join": self._join,
            "leave": self._leave,
            "msg": self._msg,
            "rooms": lambda rest: self._show.lists.rooms(rest),
            "who": self._who,
            "people": self._people,
            "pending": lambda rest: self._show.lists.ask_requests(),
            **Moderating(client).lines,
            **Administering(client, show.asked).lines,
            **Attending(client).lines,
            **Inbox(client, write).lines,
            **Picturing(client).lines,
            **Pinning(client, show.lists, self._open_room, self._seq).lines,
            **KeepingRooms(client, self._open_room, self._made).lines,
            **Looking(client, show, write, self._open_room, self.open, self._when_loaded).lines,
            **Transferring(client, write).lines,
            "older": self._older,
            "goto": lambda rest: self._when_loaded(rest, self._show.around),
            "read": self._read,
            "search": self._search,
            "reply": self._reply,
            "password": self._password,
            "saved": lambda rest: self._show.lists.ask_saved(),
            "save": lambda rest: self._save(rest, True),
            "unsave": lambda rest: self._save(rest, False),
            "devices": lambda rest: self._show.lists.ask_devices(),
            "end-device": self._end_device,
            "name": lambda rest: self._client.status.set_display_name(rest),
            "notify": self._notify,
            "edit": self._edit,
            "delete": self._delete,
            "react": lambda rest: self._react(rest, True),
            "unreact": lambda rest: self._react(rest, False),
            "retry": self._retry,
            "discard": self._discard,
            "upload": self._upload,
            "download": self._download,
            "files": lambda rest: self._client.room_files.show(self._open_room().key),
            "status": self._status,
            "reconnect": lambda rest: self._client.session.reconnect_now(),
            "logout": self._log_out,
            "quit": self._quit,
        }

    def line(self, line: str, answers: tuple[str, ...] = ()) -> None:
        """Carry out one line; `answers` are those to the questions in `SECRETS`."""
        self._answers = answers
        try:
            if self._client.state.connection.phase == Phase.FINGERPRINT:
                self._client.trust.answer(line.strip().casefold() in ("y", "yes", "o", "oui"))
            elif line.startswith("/") and not line.startswith("//"):
                self._command(line[1:])
            elif line.strip():
                self._say(line.removeprefix("/"))
        except Mistake as mistake:
            self.refuse(str(mistake))
        except ChatError as error:
            self.refuse(error_text(error.code))

    def refuse(self, words: str) -> None:
        """Say why a line is not carried out."""
        self.failed = True
        self._write(f"* {words}")

    def open(self, room: RoomState) -> None:
        """Show a room, and take what is typed as said there."""
        self._client.rooms.open(room.key)
        self._show.room(room)
        self._show.mark_read()

    def _command(self, text: str) -> None:
        name, _space, rest = text.partition(" ")
        command = self._commands.get(name.casefold())
        if command is None:
            raise Mistake(_("terminal.no_command", name=name))
        command(rest.strip())

    def _help(self, rest: str) -> None:
        """Write what can be typed."""
        for line in _("terminal.help").split("\n"):
            self._write(line)

    def _open(self, rest: str) -> None:
        self.open(self._room(rest))

    def _join(self, rest: str) -> None:
        name, _space, reason = rest.partition(" : ")
        room = self._room(name)
        if not room.joined:
            self._client.rooms.join(room.key, reason)
        self.open(room)

    def _leave(self, rest: str) -> None:
        self._client.rooms.leave(self._open_room().key)

    def _msg(self, rest: str) -> None:
        name, _space, text = rest.partition(" ")
        key = self._client.rooms.direct(name)
        if text.strip():
            self._client.outbox.send(key, text)
        self.open(self._client.state.rooms[key])

    def _who(self, rest: str) -> None:
        room = self._open_room()
        self._show.lists.people(room)
        self._client.people.refresh_members(room.key)

    def _people(self, rest: str) -> None:
        if not rest:
            raise Mistake(_("terminal.which_person"))
        self._client.people.find(rest.removeprefix("@"))

    def _older(self, rest: str) -> None:
        self._show.older(self._open_room())

    def _say(self, text: str, reply_to: int | None = None) -> None:
        if self._client.state.must_change_password:
            raise Mistake(_("terminal.one_time"))
        self._client.outbox.send(self._open_room().key, text, reply_to)

    def _reply(self, rest: str) -> None:
        seq, _space, text = rest.partition(" ")
        self._say(text, self._seq(seq))

    def _password(self, rest: str) -> None:
        if len(self._answers) != 3:
            raise Mistake(_("terminal.password_alone"))
        old, new, again = self._answers
        if new != again:
            raise Mistake(_("terminal.password_differs"))
        self._client.session.change_password(old, new)

    def _end_device(self, rest: str) -> None:
        if not rest or " " in rest:
            raise Mistake(_("terminal.which_device"))
        if rest.casefold() == OTHERS:
            self._client.devices.end_others()
        else:
            self._client.devices.end(rest.casefold())

    def _notify(self, rest: str) -> None:
        if rest not in set(NotifyLevel):
            raise Mistake(_("terminal.notify"))
        self._client.rooms.set_notify(self._open_room().key, NotifyLevel(rest))

    def _read(self, rest: str) -> None:
        self._client.history.mark_read(self._open_room().key)

    def _when_loaded(self, number: str, act: Callable[[RoomState, int], None]) -> None:
        """Do something with a message of the open room when it is loaded."""
        room, wanted = self._open_room(), self._seq(number)
        if not room.first_seq <= wanted <= room.last_seq:
            raise Mistake(_("terminal.no_message", seq=wanted))
        self._awaited.append((room, wanted, lambda: act(room, wanted)))
        self._client.history.jump_to(room.key, wanted)
        self.look()

    def _search(self, rest: str) -> None:
        self._client.search.start(rest)

    def _edit(self, rest: str) -> None:
        seq, _space, text = rest.partition(" ")
        self._client.outbox.edit(self._open_room().key, self._seq(seq), text)

    def _save(self, rest: str, on: bool) -> None:
        self._client.saved.save(self._open_room().key, self._seq(rest), on=on)

    def _delete(self, rest: str) -> None:
        self._client.outbox.delete(self._open_room().key, self._seq(rest))

    def _react(self, rest: str, on: bool) -> None:
        seq, _space, emoji = rest.partition(" ")
        self._client.outbox.react(self._open_room().key, self._seq(seq), emoji.strip(), on)

    def _upload(self, rest: str) -> None:
        if not rest:
            raise Mistake(_("terminal.which_file"))
        self._client.files.send(self._open_room().key, [Path(rest).expanduser()])

    def _download(self, rest: str) -> None:
        which, _space, place = rest.partition(" ")
        seq, _dot, number = which.partition(".")
        room, wanted = self._open_room(), self._seq(seq)
        index = int(number) if number.isdecimal() else 1
        if not 1 <= wanted <= room.last_seq or index < 1:
            raise Mistake(_("terminal.which_file"))
        self._awaited.append((room, wanted, lambda: self._fetch(room, wanted, index, place.strip())))
        self._client.history.jump_to(room.key, wanted)
        self.look()

    def look(self) -> None:
        """Go on with what has waited for a message to be loaded."""
        ready = [one for one in self._awaited if one[0].covered.holds(one[1])]
        self._awaited = [one for one in self._awaited if one not in ready]
        for _room, _seq, act in ready:
            try:
                act()
            except Mistake as mistake:
                self.refuse(str(mistake))

    @property
    def waits(self) -> bool:
        """Whether a command waits for a message to be loaded."""
        return bool(self._awaited)

    def _fetch(self, room: RoomState, seq: int, index: int, place: str) -> None:
        message = room.message(seq)
        files = message.files if message is not None else ()
        if index > len(files):
            raise Mistake(_("terminal.which_file"))
        target = Path(place or ".").expanduser()
        if target.exists() and not target.is_dir():
            raise Mistake(_("terminal.file_exists", path=target))
        self._client.files.save(files[index - 1], target)

    def _retry(self, rest: str) -> None:
        self._client.outbox.retry(self._nonce(rest))

    def _discard(self, rest: str) -> None:
        self._client.outbox.discard(self._nonce(rest))

    def _status(self, rest: str) -> None:
        status, _space, text = rest.partition(" ")
        self._client.status.set(status, text)

    def _log_out(self, rest: str) -> None:
        self._client.session.log_out()
        self.quit = True

    def _quit(self, rest: str) -> None:
        self.quit = True

    def _open_room(self) -> RoomState:
        state = self._client.state
        room = state.rooms.get(state.open_room or "")
        if room is None:
            raise Mistake(_("terminal.no_open_room"))
        return room

    def _room(self, name: str) -> RoomState:
        if name.startswith("@"):
            return self._client.state.rooms[self._client.rooms.direct(name)]
        room = room_named(self._client.state, name)
        if room is None:
            raise Mistake(_("terminal.no_room", name=name))
        return room

    def _made(self, key: str) -> None:
        self.open(self._client.state.rooms[key])

    def _seq(self, text: str) -> int:
        if not text.removeprefix("#").isdecimal():
            raise Mistake(_("terminal.number"))
        return int(text.removeprefix("#"))

    def _nonce(self, beginning: str) -> str:
        rooms = self._client.state.rooms.values()
        nonces = [m.nonce for room in rooms for m in room.pending if m.nonce]
        found = [nonce for nonce in nonces if nonce.startswith(beginning or "?")]
        if len(found) != 1:
            raise Mistake(_("terminal.no_unsent"))
        return found[0]
