"""The rows of the storage as frozen records; times are milliseconds since 1970 UTC. No SQL, no thread."""

from dataclasses import dataclass, replace
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class UserRecord:
    """An account. An erased one keeps its id, and nothing that says whose it was.

    :param kind: `local` (its password is kept here), `external` (another program knows it), or `bot` (a
        program's: it has no password).
    :param avatar: names the picture that the user shows, by its content; empty where there is none.
    """

    id: int
    username: str
    username_key: str
    display_name: str
    role: str
    password_hash: str
    created_at: int
    last_seen_at: int | None
    one_time_password: bool
    erased: bool
    kind: str = "local"
    avatar: str = ""

    @property
    def is_bot(self) -> bool:
        """Whether a program speaks through it."""
        return self.kind == "bot"


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """A token, as the device on which its user is signed in.

    :param public_id: what people call it by; it signs nobody in.
    :param name: what its client calls itself; empty where it says nothing.
    :param address: from where it was used last; empty for one of an earlier release, until it is used.
    """

    token_hash: str
    user_id: int
    public_id: str
    name: str
    address: str
    created_at: int
    last_used_at: int


@dataclass(frozen=True, slots=True)
class OwnSettingRecord:
    """What a user has chosen.

    :param room: the public id of the room that it is for; None where it is for none.
    :param value: as JSON.
    """

    room: str | None
    name: str
    value: str
    version: int


@dataclass(frozen=True, slots=True)
class SavedRecord:
    """A place that a user has saved; the later one has the greater number `id`."""

    id: int
    room_id: int
    seq: int


@dataclass(frozen=True, slots=True)
class PinRecord:
    """A place that is pinned in its room; the later one has the greater number `id`."""

    id: int
    seq: int


@dataclass(frozen=True, slots=True)
class IncomingHookRecord:
    """A webhook through which a program speaks in a room, as the bot `user`."""

    user: UserRecord
    room_id: int
    created_at: int
    last_used_at: int | None


@dataclass(frozen=True, slots=True)
class OutgoingHookRecord:
    """Where a room's messages are sent on.

    :param sent_seq: the last message that was sent, or is not to be.
    :param tries: how often the next one was tried in vain; `retry_at` is when it is tried again.
    :param trouble: why the last try failed; empty where it did not.
    :param given_up: how many messages were never sent.
    """

    id: int
    room_id: int
    name: str
    name_key: str
    url: str
    secret: str
    created_at: int
    sent_seq: int
    tries: int = 0
    retry_at: int = 0
    trouble: str = ""
    given_up: int = 0


@dataclass(frozen=True, slots=True)
class RoomRecord:
    """A room; `kind` is `public`, `moderated`, `private` or `direct` (of the users `user_a` <= `user_b`).

    `archived_at` is when it was removed. One that is `read_only` was archived and can come back.
    """

    id: int
    name: str
    name_key: str
    kind: str
    topic: str
    arrival: bool
    last_seq: int
    first_seq: int
    created_at: int
    archived_at: int | None
    user_a: int | None
    user_b: int | None
    public_id: str = ""  # what clients keep it under
    description: str = ""
    read_only: bool = False

    @property
    def members_only(self) -> bool:
        """Whether nobody but its members may know of it."""
        return self.kind == "private" or self.read_only

    @property
    def lasting(self) -> "RoomRecord":
        """The room without what its messages change."""
        return replace(self, last_seq=0, first_seq=0)


@dataclass(frozen=True, slots=True)
class MembershipRecord:
    """A user's place in a room; `state` is `joined` or `pending`, `owner` whether the room is the user's."""

    room_id: int
    user_id: int
    state: str
    read_seq: int
    reason: str
    requested_at: int | None
    owner: bool = False


@dataclass(frozen=True, slots=True)
class PendingRecord:
    """A request to join that waits for a decision."""

    user: UserRecord
    room: RoomRecord
    reason: str
    requested_at: int


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file whose bytes are on the disk; `type` is its media type, `digest` the SHA-256 of its bytes.

    `preview_digest` is that of its small picture, of `preview_size` bytes; empty without one.
    """

    room_id: int
    user_id: int
    nonce: str
    name: str
    size: int
    type: str
    digest: str
    width: int | None
    height: int | None
    preview_size: int
    preview_digest: str
    created_at: int


@dataclass(frozen=True, slots=True)
class FileRecord(NewFile):
    """A file that is kept. `seq` is the message that names it, None before that.

    `gone` means that nobody may have it any more: its bytes will be removed.
    """

    id: int
    public_id: str
    seq: int | None
    gone: bool


class NewMessage(NamedTuple):
    """A message to be stored. A tuple, because it is made once per message on the fastest path.

    `nonce` is the client's, or one that the server made: it is how a lost commit is looked up afterwards.
    `kind` is `text`, `edit`, `delete` or `react`; the last three are about the message `target`.
    """

    room_id: int
    author_id: int
    body: str
    nonce: str
    kind: str = "text"
    target: int | None = None
    reply_to: int | None = None
    on: bool = True
    files: tuple[FileRecord, ...] = ()
    repeat: bool = (
        False  # stored before, and refused by today's checks: it is to be found, never to be stored
    )


class Stored(NamedTuple):
    """Where a message stands in its room; `repeated` when an earlier call had stored it."""

    room_id: int
    seq: int
    sent_at: int
    repeated: bool


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A stored message in its present state. `author` is None when the account was erased.

    :param bot: whether its author is a program.
    """

    room_id: int
    seq: int
    author_id: int
    author: str | None
    body: str
    sent_at: int
    kind: str
    target: int | None
    reply_to: int | None
    edited_at: int | None
    deleted: bool
    reactions: dict[str, tuple[str, ...]]
    on: bool = True
    bot: bool = False
    files: tuple[FileRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """What a message said until it was edited or deleted at `replaced_at`."""

    version_seq: int
    body: str
    replaced_by: int
    replaced_at: int


@dataclass(frozen=True, slots=True)
class SanctionRecord:
    """A kick, ban or mute of a user or of a network (canonical CIDR text), in one room or everywhere."""

    id: int
    kind: str
    user_id: int | None
    network: str | None
    room_id: int | None
    reason: str
    by_name: str
    created_at: int
    until: int | None
    lifted_at: int | None
    lifted_by: str | None


@dataclass(frozen=True, slots=True)
class InvitationRecord:
    """A one-time invitation; `username` is empty where whoever has it chooses the name."""

    id: int
    username: str
    role: str
    by_name: str
    created_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An administrative act, or an attempt that was refused."""

    id: int
    at: int
    actor: str
    origin: str
    action: str
    target: str
    detail: str
    allowed: bool
