"""What can be typed: a line is said in the open room, a line with / is a command; no input is read here."""

from collections.abc import Callable

from chat_client.engine.client import Client
from chat_client.model.keys import key_of
from chat_client.model.state import Phase, RoomState
from chat_client.terminal.show import Show, Write
from chat_protocol.errors import ChatError


class Commands:
    """Carry out lines.

    :param write: takes one line for the user.
    """

    def __init__(self, client: Client, show: Show, write: Write) -> None:
        self._client = client
        self._show = show
        self._write = write
        self.quit = False
        self._commands: dict[str, Callable[[str], None]] = {
            "help": self._help,
            "open": self._open,
            "join": self._join,
            "leave": self._leave,
            "msg": self._msg,
            "rooms": lambda rest: self._show.rooms(),
            "who": self._who,
            "older": self._older,
            "read": self._read,
            "search": self._search,
            "edit": self._edit,
            "delete": self._delete,
            "react": self._react,
            "retry": self._retry,
            "discard": self._discard,
            "status": self._status,
            "reconnect": lambda rest: self._client.session.reconnect_now(),
            "logout": self._log_out,
            "quit": self._quit,
        }

    def line(self, line: str) -> None:
        """Carry out one line."""
        try:
            if self._client.state.connection.phase == Phase.FINGERPRINT:
                self._client.trust.answer(line.strip().casefold() in ("y", "yes", "o", "oui"))
            elif line.startswith("/") and not line.startswith("//"):
                self._command(line[1:])
            elif line.strip():
                self._client.outbox.send(self._open_room().key, line.removeprefix("/"))
        except ChatError as error:
            self._write(f"* {error.code}: {error.message}")

    def open(self, room: RoomState) -> None:
        """Show a room, and take what is typed as said there."""
        self._client.rooms.open(room.key)
        self._show.room(room)
        self._show.mark_read()

    def _command(self, text: str) -> None:
        name, _, rest = text.partition(" ")
        command = self._commands.get(name.casefold())
        if command is None:
            self._write(f"* there is no /{name}; /help lists what there is")
        else:
            command(rest.strip())

    def _help(self, rest: str) -> None:
        """Write what can be typed."""
        self._write("/rooms  /open ROOM  /join ROOM [: REASON]  /leave  /msg USER TEXT  /who  /older  /read")
        self._write("/search WORDS  /edit SEQ TEXT  /delete SEQ  /react SEQ EMOJI  /retry ID  /discard ID")
        self._write("/status online|away|busy [TEXT]  /reconnect  /logout  /quit    // begins a line with /")

    def _open(self, rest: str) -> None:
        self.open(self._room(rest))

    def _join(self, rest: str) -> None:
        name, _, reason = rest.partition(" : ")
        room = self._room(name)
        if not room.joined:
            self._client.rooms.join(room.key, reason)
        self.open(room)

    def _leave(self, rest: str) -> None:
        self._client.rooms.leave(self._open_room().key)

    def _msg(self, rest: str) -> None:
        name, _, text = rest.partition(" ")
        key = self._client.rooms.direct(name)
        if text.strip():
            self._client.outbox.send(key, text)
        self.open(self._client.state.rooms[key])

    def _who(self, rest: str) -> None:
        room = self._open_room()
        self._show.people(room)
        self._client.people.refresh_members(room.key)

    def _older(self, rest: str) -> None:
        self._client.history.load_older(self._open_room().key)

    def _read(self, rest: str) -> None:
        self._client.history.mark_read(self._open_room().key)

    def _search(self, rest: str) -> None:
        self._client.search.start(rest)

    def _edit(self, rest: str) -> None:
        seq, _, text = rest.partition(" ")
        self._client.outbox.edit(self._open_room().key, self._seq(seq), text)

    def _delete(self, rest: str) -> None:
        self._client.outbox.delete(self._open_room().key, self._seq(rest))

    def _react(self, rest: str) -> None:
        seq, _, emoji = rest.partition(" ")
        self._client.outbox.react(self._open_room().key, self._seq(seq), emoji.strip())

    def _retry(self, rest: str) -> None:
        self._client.outbox.retry(self._nonce(rest))

    def _discard(self, rest: str) -> None:
        self._client.outbox.discard(self._nonce(rest))

    def _status(self, rest: str) -> None:
        status, _, text = rest.partition(" ")
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
            raise ChatError("no_such_room", "no room is open; /rooms lists them, /open ROOM opens one")
        return room

    def _room(self, name: str) -> RoomState:
        if name.startswith("@"):
            return self._client.state.rooms[self._client.rooms.direct(name)]
        room = self._client.state.rooms.get(key_of(name))
        if room is None:
            raise ChatError("no_such_room", f"there is no room {name!r}; /rooms lists them")
        return room

    def _seq(self, text: str) -> int:
        if not text.removeprefix("#").isdecimal():
            raise ChatError("bad_request", "the number of a message is expected, as in [12:00] #42")
        return int(text.removeprefix("#"))

    def _nonce(self, beginning: str) -> str:
        rooms = self._client.state.rooms.values()
        nonces = [m.nonce for room in rooms for m in room.pending if m.nonce]
        found = [nonce for nonce in nonces if nonce.startswith(beginning or "?")]
        if len(found) != 1:
            raise ChatError("no_such_message", "there is no such unsent message")
        return found[0]
