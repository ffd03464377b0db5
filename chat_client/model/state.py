"""What the views show, as plain dataclasses; it knows no socket, no tkinter and no rule of how it changes."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter

from chat_client.model.asked_lists import AskedLists
from chat_client.model.attention import AttentionSettings
from chat_client.model.ranges import SeqRanges
from chat_client.model.transfer_state import TransferState
from chat_protocol.objects import Device, File, JoinRequest, Message

SEQ_OF = attrgetter("seq")


class Phase(StrEnum):
    """Where the connection stands; the status line has one sentence for each."""

    SIGNED_OUT = "signed_out"  # no account is active: show the sign-in window
    CONNECTING = "connecting"  # TCP and TLS under way
    FINGERPRINT = "fingerprint"  # first contact: `fingerprint` waits for the user's decision
    SIGNING_IN = "signing_in"  # login, register or resume sent
    ONLINE = "online"
    WAITING = "waiting"  # the connection is gone, a new one comes in `retry_in` seconds
    REFUSED = "refused"  # nothing is tried again by itself (see `code`), or only at `until`
    CLOSED = "closed"  # the program is ending


class Status(StrEnum):
    """Whether one of the user's own messages reached the database; those of others are always stored."""

    PENDING = "pending"
    STORED = "stored"
    REFUSED = "refused"


class NotifyLevel(StrEnum):
    """Which messages of a room call for attention."""

    ALL = "all"
    MENTIONS = "mentions"
    NONE = "none"


def level_at_first(kind: str) -> NotifyLevel:
    """Return which messages of a room of that kind call for attention until the user chooses."""
    return NotifyLevel.ALL if kind == "direct" else NotifyLevel.MENTIONS


@dataclass(slots=True)
class MessageState:
    """One entry of a timeline.

    `seq` is None while the message waits in the outbox, where `nonce` names it. `author` is a username, empty
    where the account was erased; `bot` says that it is a program's. `sent_at` is in milliseconds since 1970,
    UTC. `error` is the code of the refusal (see ErrorCode). What was edited, deleted or reacted up to the
    seq `as_of` is in it (for the merging of changes, not for views). `kept` is false while a message that
    waits is not on this computer's disk, which is full or may not be written.
    """

    seq: int | None
    author: str
    body: str
    sent_at: int
    nonce: str | None = None
    status: Status = Status.STORED
    error: str | None = None
    edited_at: int | None = None
    deleted: bool = False
    reply_to: int | None = None
    reactions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    mentions_me: bool = False
    mine: bool = False
    as_of: int = 0
    kept: bool = True
    files: tuple[File, ...] = ()
    bot: bool = False


@dataclass(slots=True)
class PersonState:
    """What is known of one user; `status` is online, away, busy or offline, `text` what they say of it."""

    username: str
    display_name: str
    status: str = "offline"
    text: str = ""
    bot: bool = False


@dataclass(slots=True)
class UnloadedCounts:
    """What the server counted as unread up to the seq `upto`, without what is loaded of it by now."""

    upto: int
    unread: int
    mentions: int


@dataclass(slots=True)
class RoomState:
    """One room or private conversation (`kind` direct; `name` then is "@username").

    `key` names it in every call of the client. `id` is the server's, the same under every name; empty from a
    server without ids, and before the first private message. `messages` are stored messages in ascending seq,
    without a double; edits, deletions and reactions are merged into their targets and have no entry.
    `pending` are one's own messages that the server has not stored yet (or refused), in the order of sending:
    show them after `messages`. `typing` and `owners` hold usernames. `refused` is set after a join request
    was turned down or one was removed, with the reason in `refusal`. `last_at` is when something was said
    last, as far as is known; `counts` what the server has told of unread messages that are not loaded,
    `counts_wanted` that this is to be asked. `news` says that others have changed the user's membership since
    the room was looked at. `gap_before(i)` says whether something is still missing in front of `messages[i]`.
    """

    key: str
    name: str
    kind: str = "public"
    topic: str = ""
    membership: str = "none"
    display_name: str = ""
    last_seq: int = 0
    read_seq: int = 0
    first_seq: int = 1
    messages: list[MessageState] = field(default_factory=list)
    pending: list[MessageState] = field(default_factory=list)
    covered: SeqRanges = field(default_factory=SeqRanges)
    unread: int = 0
    mentions: int = 0
    last_at: int = 0
    counts: UnloadedCounts | None = None
    counts_wanted: bool = False
    news: bool = False
    draft: str = ""
    notify: NotifyLevel = NotifyLevel.ALL
    typing: dict[str, float] = field(default_factory=dict)
    receipt_seq: int = 0  # how far the other one has read a private conversation, as far as that is told
    members: list[str] = field(default_factory=list)
    owners: set[str] = field(default_factory=set)
    online: int = 0
    total: int = 0
    members_known: bool = False
    loading: bool = False
    refused: bool = False
    refusal: str = ""
    id: str = ""
    description: str = ""
    owner: bool = False
    archived: bool = False
    pins: list[Message] | None = None  # the one pinned last first; None until the room was opened

    @property
    def title(self) -> str:
        """What people call the room: a private one has a mark behind that in its name."""
        return self.display_name if self.kind == "private" and self.display_name else self.name

    @property
    def address(self) -> str:
        """What requests call the room: its id, so that a renaming on the way changes nothing."""
        return self.id or self.name

    @property
    def kept_as(self) -> str:
        """What is kept about the room on disk stands under this."""
        return self.id or self.key

    @property
    def joined(self) -> bool:
        """Whether one can read and write here."""
        return self.membership == "joined"

    @property
    def is_direct(self) -> bool:
        """Whether this is a private conversation."""
        return self.kind == "direct"

    @property
    def partner(self) -> str:
        """The other's username in a private conversation, otherwise the empty string."""
        return self.name.removeprefix("@") if self.is_direct else ""

    @property
    def at_start(self) -> bool:
        """Whether the oldest message that the server still has is among `messages`."""
        return self.last_seq == 0 or self.covered.holds(max(1, self.first_seq))

    def index_of(self, seq: int) -> int | None:
        """Return the place of a stored message in `messages`, or None where it is not loaded."""
        index = bisect_left(self.messages, seq, key=SEQ_OF)
        found = index < len(self.messages) and self.messages[index].seq == seq
        return index if found else None

    def message(self, seq: int) -> MessageState | None:
        """Return the stored message with this seq, or None where it is not loaded."""
        index = self.index_of(seq)
        return None if index is None else self.messages[index]

    @property
    def line_known(self) -> bool:
        """Whether the first unread message is loaded, or nothing is unread: the "new" line has its place."""
        first = self.unread_from
        return first > self.last_seq or self.covered.holds(first)

    @property
    def unread_from(self) -> int:
        """The seq after the reading mark, or where the history starts when that has been removed."""
        return max(self.read_seq + 1, self.first_seq)

    def first_unread(self) -> int | None:
        """Return the first loaded unread message of another, where the "new" line goes, by its seq."""
        if not self.line_known:
            return None
        start = bisect_left(self.messages, self.read_seq + 1, key=SEQ_OF)
        return next((m.seq for m in self.messages[start:] if not m.mine), None)

    def gap_before(self, index: int) -> bool:
        """Say whether messages are missing between `messages[index]` and the one before it."""
        seq = self.messages[index].seq
        assert seq is not None
        if index == 0:
            return not self.at_start
        before = self.messages[index - 1].seq
        assert before is not None
        return not self.covered.spans(before, seq)


@dataclass(frozen=True, slots=True)
class Mute:
    """Why the user may not write, and until when (milliseconds since 1970 UTC; None: for good)."""

    reason: str
    until: int | None


@dataclass(slots=True)
class ConnectionState:
    """What the status line tells.

    `code` is an error code (ErrorCode), or one of the client's own: `unreachable`, `dropped`, `silent`,
    `not_tls`, `not_chat`, `fingerprint_changed`, `insecure_refused`, `suspended`. `detail` is for the log and
    a tooltip, in English. `until` and `shutdown_at` are milliseconds since 1970, UTC, by the server's clock.
    """

    phase: Phase = Phase.SIGNED_OUT
    host: str = ""
    port: int = 0
    encrypted: bool = False
    server: str = ""
    version: str = ""
    registration: str = ""
    capabilities: tuple[str, ...] = ()
    fingerprint: str = ""
    expected_fingerprint: str = ""
    retry_in: int | None = None
    code: str = ""
    detail: str = ""
    until: int | None = None
    storing_ok: bool = True
    keeping_ok: bool = True
    shutdown_at: int | None = None
    shutdown_reason: str = ""
    ended_by: str = ""
    limits: dict[str, int] = field(default_factory=dict)
    server_ahead_ms: int = 0  # so far its clock is ahead of this computer's

    def server_now_ms(self, now_ms: int) -> int:
        """Turn this computer's time into the server's; both in milliseconds since 1970, UTC."""
        return now_ms + self.server_ahead_ms


@dataclass(slots=True)
class FoundMessage:
    """One result of a search; `room` is a room's key."""

    room: str
    message: MessageState


@dataclass(slots=True)
class SearchState:
    """The last search: `busy` until its answer came, `more` when older results exist; `room` None: in all.

    :param incomplete: the server has not gone through all older messages yet.
    """

    query: str = ""
    room: str | None = None
    results: list[FoundMessage] = field(default_factory=list)
    more: bool = False
    incomplete: bool = False
    busy: bool = False
    code: str = ""


@dataclass(slots=True)
class RoomFilesState:
    """The messages of a room (by its key) that have files, the newest first, as far as the server was asked.

    :param busy: until the answer has come.
    :param more: older ones exist.
    :param complete: there are none before the last.
    """

    room: str = ""
    found: list[MessageState] = field(default_factory=list)
    more: bool = False
    busy: bool = False
    complete: bool = False
    code: str = ""


@dataclass(slots=True)
class ClientState:
    """All that the window shows. `rooms` is keyed by room key, `people` by username key."""

    connection: ConnectionState = field(default_factory=ConnectionState)
    username: str = ""
    display_name: str = ""
    role: str = "member"
    status: str = "online"
    status_text: str = ""
    must_change_password: bool = False
    #: The kinds of rooms that the user may make, as of the sign-in.
    may_create: tuple[str, ...] = ("private", "public", "moderated")
    rooms: dict[str, RoomState] = field(default_factory=dict)
    open_room: str | None = None
    people: dict[str, PersonState] = field(default_factory=dict)
    #: By username key: what names the pictures that people show; empty where the server told of none.
    avatars: dict[str, str] = field(default_factory=dict)
    found_people: list[PersonState] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    saved: list[Message] | None = None  # None until it was asked for
    search: SearchState = field(default_factory=SearchState)
    room_files: RoomFilesState = field(default_factory=RoomFilesState)
    notices: list[str] = field(default_factory=list)
    join_requests: list[JoinRequest] = field(default_factory=list)
    join_request_count: int = 0
    #: By the key of the room; under the empty string what holds everywhere.
    mutes: dict[str, Mute] = field(default_factory=dict)
    attention: AttentionSettings = field(default_factory=AttentionSettings)
    transfers: dict[str, TransferState] = field(default_factory=dict)
    lists: AskedLists = field(default_factory=AskedLists)

    def mute_in(self, room: str, now_ms: int) -> Mute | None:
        """Return what keeps the user from writing in a room, as far as is known."""
        found = [self.mutes[key] for key in ("", room) if key in self.mutes]
        return next((mute for mute in found if mute.until is None or mute.until > now_ms), None)

    @property
    def moderator(self) -> bool:
        """Whether the user may decide on requests, kick and mute."""
        return self.role in ("moderator", "admin")

    def joined_rooms(self) -> list[RoomState]:
        """Return the rooms one belongs to, by name, without the archived ones."""
        return self._sorted(lambda room: room.joined and not room.is_direct and not room.archived)

    def archived_rooms(self) -> list[RoomState]:
        """Return the archived rooms that one belongs to, by name."""
        return self._sorted(lambda room: room.joined and room.archived)

    def other_rooms(self) -> list[RoomState]:
        """Return the rooms that could be joined (or were asked for), by name."""
        return self._sorted(lambda room: not room.joined and not room.is_direct)

    def conversations(self) -> list[RoomState]:
        """Return the private conversations, the latest first."""
        direct = [room for room in self.rooms.values() if room.is_direct]
        return sorted(direct, key=lambda r: (-_latest(r), r.key))

    def unread_total(self) -> int:
        """Return what the title's counter shows: unread messages outside muted rooms."""
        return sum(r.unread for r in self.rooms.values() if r.joined and r.notify != NotifyLevel.NONE)

    def _sorted(self, wanted: Callable[[RoomState], bool]) -> list[RoomState]:
        return sorted((r for r in self.rooms.values() if wanted(r)), key=lambda r: r.key)


def _latest(room: RoomState) -> int:
    if room.pending:
        return room.pending[-1].sent_at
    return max(room.last_at, room.messages[-1].sent_at if room.messages else 0)
