"""A client without a network: a state to fill, and a record of what the window called."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from chat_client.engine.pictures import Picture, told_fault
from chat_client.engine.trust import invitation_of
from chat_client.model import changes as ch
from chat_client.model.attention import AttentionSettings
from chat_client.model.keys import key_of, user_key
from chat_client.model.pictures import Fault
from chat_client.model.room_files import RoomFile
from chat_client.model.state import (
    ClientState,
    ConnectionState,
    MessageState,
    NotifyLevel,
    PersonState,
    Phase,
    RoomState,
    Status,
)
from chat_client.store.accounts import Account, Accounts
from chat_client.store.known_servers import KnownServers
from chat_client.store.settings import Settings
from chat_protocol.errors import ChatError
from chat_protocol.invitations import Invitation
from chat_protocol.limits import BODY_MAX_CHARS
from chat_protocol.objects import File

MINUTE_MS = 60_000
PAGE = 50


class FakeClient:
    """Stands in for :class:`chat_client.engine.client.Client`; a test plays the server."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.state = ClientState()
        self.settings = Settings(home)
        self.settings.set("desktop_notifications", False)
        self.settings.set("spell_check", False)
        self.accounts = Accounts(home)
        self.known_servers = KnownServers(home)
        self.calls: list[tuple[Any, ...]] = []
        self.changes: deque[ch.Change] = deque()
        self.older: dict[str, list[MessageState]] = {}
        self.session, self.people = Part(self, "session"), Part(self, "people")
        self.trust = FakeTrust(self, "trust")
        self.status, self.moderation = Part(self, "status"), Known(self, "moderation")
        self.administration = Part(self, "administration")
        self.search, self.room_files = Part(self, "search"), FakeRoomFiles(self, "room_files")
        self.devices, self.saved = Known(self, "devices"), FakeSaved(self, "saved")
        self.pins = Part(self, "pins")
        self.files, self.pictures = Part(self, "files"), FakePictures(self, "pictures")
        self.own_rooms, self.own_settings = Part(self, "own_rooms"), FakeOwnSettings(self, "own_settings")
        self.transcripts, self.dates = Part(self, "transcripts"), Part(self, "dates")
        self.emoji = FakeEmoji()
        self.avatars = FakeAvatars(self, "avatars")
        self.rooms, self.history, self.outbox = FakeRooms(self), FakeHistory(self), FakeOutbox(self)

    # The test's side

    def tell(self, *changes: ch.Change) -> None:
        """Let the next poll return changes."""
        self.changes.extend(changes)

    def called(self, name: str) -> list[tuple[Any, ...]]:
        """Give the arguments of each call of a method."""
        return [call[1:] for call in self.calls if call[0] == name]

    def sign(self, username: str = "zoe", display_name: str = "Zoé", role: str = "member") -> None:
        """Be signed in."""
        self.state.username, self.state.display_name, self.state.role = username, display_name, role
        self.state.connection = ConnectionState(
            Phase.ONLINE,
            "chat.example.org",
            5000,
            encrypted=True,
            server="chat.example.org",
            registration="open",
        )
        self.add_person(username, display_name)
        self.tell(ch.SignedIn(True), ch.ConnectionChanged(), ch.RoomsChanged())

    def add_person(
        self, username: str, display_name: str = "", status: str = "online", text: str = ""
    ) -> PersonState:
        person = PersonState(username, display_name or username, status, text)
        self.state.people[user_key(username)] = person
        return person

    def add_room(self, name: str, **values: Any) -> RoomState:
        values.setdefault("membership", "joined")
        room = RoomState(key_of(name), name, **values)
        self.state.rooms[room.key] = room
        self.tell(ch.RoomsChanged())
        return room

    def add_direct(self, username: str, **values: Any) -> RoomState:
        person = self.state.people[user_key(username)]
        return self.add_room(f"@{username}", kind="direct", display_name=person.display_name, **values)

    def write(self, room: RoomState, author: str, body: str, at_ms: int, **values: Any) -> MessageState:
        """Let a message be there, without a change."""
        room.last_seq += 1
        mine = user_key(author) == user_key(self.state.username)
        message = MessageState(room.last_seq, author, body, at_ms, mine=mine, **values)
        room.messages.append(message)
        room.covered.add(room.last_seq, room.last_seq)
        return message

    def arrive(self, room: RoomState, author: str, body: str, at_ms: int, **values: Any) -> MessageState:
        """Let a message arrive."""
        message = self.write(room, author, body, at_ms, **values)
        if not message.mine:
            room.unread += 1
        self.tell(ch.MessagesAppended(room.key, 1), ch.RoomChanged(room.key), ch.Attention(room.key, message))
        return message

    def store(self, nonce: str, at_ms: int | None = None) -> MessageState:
        """Let the server acknowledge a pending message."""
        room, waiting = next((r, m) for r in self.state.rooms.values() for m in r.pending if m.nonce == nonce)
        room.pending.remove(waiting)
        room.last_seq += 1
        stored = replace(waiting, seq=room.last_seq, status=Status.STORED, sent_at=at_ms or waiting.sent_at)
        room.messages.append(stored)
        room.covered.add(room.last_seq, room.last_seq)
        self.tell(ch.PendingChanged(room.key), ch.MessagesAppended(room.key, 1))
        return stored

    def refuse(self, nonce: str, code: str) -> None:
        """Let the server refuse a pending message."""
        room, waiting = next((r, m) for r in self.state.rooms.values() for m in r.pending if m.nonce == nonce)
        waiting.status, waiting.error = Status.REFUSED, code
        self.tell(ch.PendingChanged(room.key))

    # The window's side

    def poll(self, max_events: int = 200) -> list[ch.Change]:
        return [self.changes.popleft() for _ in range(min(max_events, len(self.changes)))]

    @property
    def more_waits(self) -> bool:
        return bool(self.changes)

    def wake_with(self, wake: Callable[[], object]) -> None:
        self.wake = wake

    def close(self) -> None:
        self.calls.append(("close",))

    def remember(self, username: str, token: str = "token", **values: Any) -> Account:
        """Let an account be remembered on this computer."""
        account = Account("chat.example.org", 5000, username, token=token, **values)
        self.accounts.keep(account)
        return account


class Part:
    """One part of the client: every call of it is recorded as `part.method`."""

    def __init__(self, client: FakeClient, name: str) -> None:
        self._client, self._name = client, name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        def record(*arguments: Any, **options: Any) -> None:
            self._client.calls.append((f"{self._name}.{name}", *arguments, *options.values()))

        return record


class Known(Part):
    """What a server knows of."""

    known = True


class FakeOwnSettings(Part):
    """What was chosen, without a server."""

    def __init__(self, client: FakeClient, name: str) -> None:
        super().__init__(client, name)
        self.chosen: dict[str, Any] = {}

    def get(self, setting: str) -> Any:
        return self.chosen.get(setting)

    def choose(self, setting: str, value: Any) -> None:
        self.chosen[setting] = value
        get = self.chosen.get
        self._client.state.attention = AttentionSettings.of(
            get("pause_until"), get("quiet_hours"), get("words")
        )


class FakeAvatars(Known):
    """Pictures of people that are there: by username, a file."""

    def __init__(self, client: FakeClient, name: str) -> None:
        super().__init__(client, name)
        self.files: dict[str, Path] = {}
        self.asked: list[str] = []
        self.refused: set[str] = set()

    def named(self, username: str) -> str:
        name = self._client.state.avatars.get(user_key(username), "")
        return "" if name in self.refused else name

    def find(self, username: str) -> Path | None:
        self.asked.append(username)
        return self.files.get(username)

    def refuse(self, username: str) -> None:
        self.refused.add(self.named(username))


class FakeEmoji:
    """What was taken lately."""

    def __init__(self) -> None:
        self.taken: tuple[str, ...] = ()

    def recent(self) -> tuple[str, ...]:
        return self.taken

    def used(self, emoji: str) -> None:
        self.taken = (emoji, *(one for one in self.taken if one != emoji))


class FakeSaved(Part):
    """The saved messages of a server that keeps them."""

    known, more = True, False


class FakeRoomFiles(Part):
    """A room without files, unless a test says otherwise."""

    def files(self) -> list[RoomFile]:
        return []


class FakeTrust(Part):
    """Pins as the client does, in the files of the test's own folder."""

    def accept_invitation(self, invitation: Invitation) -> None:
        self._client.calls.append(("trust.accept_invitation", invitation))
        if invitation.fingerprint:
            self._client.known_servers.trust(invitation.host, invitation.port, invitation.fingerprint)

    def invitation(self) -> Invitation:
        return invitation_of(self._client.state.connection, self._client.known_servers)

    def forget(self, host: str, port: int) -> None:
        self._client.calls.append(("trust.forget", host, port))
        self._client.known_servers.forget(host, port)


class FakePictures(Part):
    """Pictures that the test has put aside, under the ids of their files."""

    def __init__(self, client: FakeClient, name: str) -> None:
        super().__init__(client, name)
        self.results: dict[tuple[str, bool], Picture] = {}

    def want(self, file: File, *, preview: bool = False) -> None:
        self._client.calls.append(("pictures.want", file, *((True,) if preview else ())))

    def found(self, file: File, *, preview: bool = False) -> Picture | None:
        fault = None if preview else told_fault(file)
        return Picture(fault=fault) if fault else self.results.get((file.id, preview))

    def come(self, file: File, picture: Picture, *, preview: bool = False) -> None:
        """Let a picture come, or what is wrong with it."""
        self.results[file.id, preview] = picture
        self._client.tell(ch.PictureChanged(file.id))

    def refuse(self, file: File, fault: Fault, *, preview: bool = False) -> None:
        self.come(file, Picture(fault=fault), preview=preview)


class FakeRooms(Part):
    """Rooms that can be opened, and remember what was chosen for them."""

    def __init__(self, client: FakeClient) -> None:
        super().__init__(client, "rooms")

    def open(self, room: str | None) -> None:
        self._client.calls.append(("rooms.open", room))
        self._client.state.open_room = room
        if room is not None:
            self._client.state.rooms[room].news = False

    def direct(self, username: str) -> str:
        self._client.calls.append(("rooms.direct", username))
        key = key_of(f"@{username}")
        if key not in self._client.state.rooms:
            self._client.add_direct(username)
        return key

    def favourites(self) -> frozenset[str]:
        return self._client.settings.favourites("zoe")

    def set_favourite(self, room: str, favourite: bool) -> None:
        self._client.settings.set_favourite("zoe", self._client.state.rooms[room].kept_as, favourite)
        self._client.tell(ch.RoomsChanged())

    def set_draft(self, room: str, text: str) -> None:
        self._client.calls.append(("rooms.set_draft", room, text))
        self._client.state.rooms[room].draft = text

    def set_notify(self, room: str, level: NotifyLevel) -> None:
        self._client.calls.append(("rooms.set_notify", room, level))
        self._client.state.rooms[room].notify = level
        self._client.tell(ch.RoomChanged(room))


class FakeHistory(Part):
    """Pages that the test has put aside, and reading marks."""

    def __init__(self, client: FakeClient) -> None:
        super().__init__(client, "history")

    def mark_read(self, room: str, seq: int | None = None) -> None:
        self._client.calls.append(("history.mark_read", room, seq))
        found = self._client.state.rooms[room]
        upto = found.last_seq if seq is None else seq
        if upto > found.read_seq:
            found.read_seq = upto
            left = [m for m in found.messages if (m.seq or 0) > upto and not m.mine]
            found.unread, found.mentions = len(left), sum(m.mentions_me for m in left)
            self._client.tell(ch.RoomChanged(room))

    def load_older(self, room: str) -> None:
        self._client.calls.append(("history.load_older", room))
        found, waiting = self._client.state.rooms[room], self._client.older.get(room, [])
        page = waiting[-PAGE:]
        if page:
            del waiting[-PAGE:]
            found.messages[:0] = page
            found.covered.add(page[0].seq or 1, page[-1].seq or 1)
            self._client.tell(ch.MessagesInserted(room, len(page), True))


class FakeOutbox(Part):
    """Keeps what is sent as waiting."""

    def __init__(self, client: FakeClient) -> None:
        super().__init__(client, "outbox")
        self._nonces = 0

    def send(self, room: str, body: str, reply_to: int | None = None) -> str:
        if len(body) > BODY_MAX_CHARS:
            raise ChatError("body_too_long", "Too long.")
        self._client.calls.append(("outbox.send", room, body, reply_to))
        self._nonces += 1
        nonce = f"nonce-{self._nonces}"
        found = self._client.state.rooms[room]
        at = found.messages[-1].sent_at + 1000 if found.messages else 1_750_000_000_000
        found.pending.append(
            MessageState(
                None,
                self._client.state.username,
                body,
                at,
                nonce,
                Status.PENDING,
                reply_to=reply_to,
                mine=True,
            )
        )
        self._client.tell(ch.PendingChanged(room))
        return nonce
