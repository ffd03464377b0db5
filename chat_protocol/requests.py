"""The requests a client may make, as checked values; it must not know how they are answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chat_protocol import fields as check
from chat_protocol.errors import bad_request
from chat_protocol.limits import (
    DEVICE_ID_MAX_CHARS,
    DEVICE_NAME_MAX_CHARS,
    DISPLAY_NAME_MAX_CHARS,
    EMOJI_MAX_CHARS,
    FILE_ID_MAX_CHARS,
    FILE_NAME_MAX_CHARS,
    FILES_MAX,
    HISTORY_DEFAULT,
    HISTORY_MAX,
    INVITATION_MAX_CHARS,
    NONCE_MAX_CHARS,
    PASSWORD_MAX_CHARS,
    PREVIEW_MAX_BYTES,
    QUERY_MAX_CHARS,
    REASON_MAX_CHARS,
    ROOM_NAME_MAX_CHARS,
    SEARCH_DEFAULT,
    SEARCH_MAX,
    STATUS_TEXT_MAX_CHARS,
    USERNAME_MAX_CHARS,
    USERS_DEFAULT,
    USERS_MAX,
    WATCHED_MAX,
)
from chat_protocol.request import Ref, Request, optional, required
from chat_protocol.times import to_rfc3339

# A spelling of a name may be longer than the name itself: `@`, decomposed marks.
ROOM = check.text(1, 4 * ROOM_NAME_MAX_CHARS)
USERNAME = check.text(1, 4 * USERNAME_MAX_CHARS)
_PASSWORD = check.text(1, PASSWORD_MAX_CHARS)
REASON = check.text(0, REASON_MAX_CHARS)
_NONCE = check.text(1, NONCE_MAX_CHARS)
_SEQ = check.integer(1)
_FILE = check.text(1, FILE_ID_MAX_CHARS)
_DEVICE = check.text(0, DEVICE_NAME_MAX_CHARS)


@dataclass(frozen=True, slots=True)
class Register(Request):
    """Create an account and sign in.

    :param device: what the client calls itself, for the user's list of devices.
    :param invitation: the code of a one-time invitation.
    """

    TYPE = "register"
    username: str = required(USERNAME)
    password: str = required(_PASSWORD)
    display_name: str | None = optional(check.text(1, DISPLAY_NAME_MAX_CHARS))
    device: str | None = optional(_DEVICE)
    invitation: str | None = optional(check.text(1, INVITATION_MAX_CHARS))


@dataclass(frozen=True, slots=True)
class Login(Request):
    """Sign in with the password."""

    TYPE = "login"
    username: str = required(USERNAME)
    password: str = required(_PASSWORD)
    device: str | None = optional(_DEVICE)


@dataclass(frozen=True, slots=True)
class Resume(Request):
    """Sign in with a token."""

    TYPE = "resume"
    token: str = required(check.text(1, 200))
    device: str | None = optional(_DEVICE)


@dataclass(frozen=True, slots=True)
class Ping(Request):
    """Ask whether the server is there."""

    TYPE = "ping"


@dataclass(frozen=True, slots=True)
class Send(Request):
    """Say something in a room or, with `@username`, privately.

    :param body: may be empty where there are files.
    :param files: ids of files that the sender has uploaded into the room.
    """

    TYPE = "send"
    room: str = required(ROOM)
    body: str = required(check.body)
    nonce: str | None = optional(_NONCE)
    reply_to: int | None = optional(_SEQ)
    files: tuple[str, ...] = optional(check.several(_FILE, FILES_MAX), ())

    def __post_init__(self) -> None:
        if not self.body and not self.files:
            raise bad_request("body", "A message without files has a text.")
        if len(set(self.files)) < len(self.files):
            raise bad_request("files", "A message names each file once.")

    def to_frame(self, ref: Ref = None) -> dict[str, Any]:
        """Return the frame; without files it has none."""
        frame = Request.to_frame(self, ref)
        if not self.files:
            del frame["files"]
        return frame


@dataclass(frozen=True, slots=True)
class Edit(Request):
    """Replace the text of the user's own message."""

    TYPE = "edit"
    room: str = required(ROOM)
    seq: int = required(_SEQ)
    body: str = required(check.body)
    nonce: str | None = optional(_NONCE)

    def __post_init__(self) -> None:
        if not self.body:
            raise bad_request("body", "A message has a text.")


@dataclass(frozen=True, slots=True)
class Delete(Request):
    """Take a message back; a trace stays."""

    TYPE = "delete"
    room: str = required(ROOM)
    seq: int = required(_SEQ)
    nonce: str | None = optional(_NONCE)


@dataclass(frozen=True, slots=True)
class React(Request):
    """Put an emoji under a message, or (`on` false) take it away."""

    TYPE = "react"
    room: str = required(ROOM)
    seq: int = required(_SEQ)
    emoji: str = required(check.text(1, EMOJI_MAX_CHARS))
    on: bool = optional(check.boolean, True)
    nonce: str | None = optional(_NONCE)


@dataclass(frozen=True, slots=True)
class Upload(Request):
    """Bring a file to the server, for a message in a room; its bytes follow when the reply says from where.

    :param nonce: names the upload for good, among those of its user: a repeat goes on where it stopped.
    :param size: bytes of the file.
    :param sha256: of the file, in hexadecimal, where it is known beforehand.
    :param preview: bytes of a small picture (PNG) that follow the file's own; 0 for none.
    """

    TYPE = "upload"
    room: str = required(ROOM)
    nonce: str = required(_NONCE)
    name: str = required(check.text(1, FILE_NAME_MAX_CHARS))
    size: int = required(check.integer(0))
    sha256: str | None = optional(check.digest)
    preview: int = optional(check.integer(0, PREVIEW_MAX_BYTES), 0)


@dataclass(frozen=True, slots=True)
class Download(Request):
    """Read a file; its bytes follow the reply.

    :param offset: from which byte on.
    :param length: how many bytes at most; None for all that there are.
    :param preview: the small picture instead.
    """

    TYPE = "download"
    file: str = required(_FILE)
    offset: int = optional(check.integer(0), 0)
    length: int | None = optional(check.integer(0))
    preview: bool = optional(check.boolean, False)


@dataclass(frozen=True, slots=True)
class History(Request):
    """Read a room's messages before or after a seq (exclusive); without either, the newest."""

    TYPE = "history"
    room: str = required(ROOM)
    before: int | None = optional(_SEQ)
    after: int | None = optional(check.integer(0))
    limit: int = optional(check.integer(1, HISTORY_MAX), HISTORY_DEFAULT)

    def __post_init__(self) -> None:
        if self.before is not None and self.after is not None:
            raise bad_request("before", "history takes before or after, not both.")


@dataclass(frozen=True, slots=True)
class Sync(Request):
    """Read what was missed in all rooms.

    :param rooms: room id or name -> the seq up to which the client has everything; 0 where none is given.
    :param limit: how many messages of a room at most, the newest.
    """

    TYPE = "sync"
    rooms: Mapping[str, int] = required(check.seqs)
    limit: int = optional(check.integer(1, HISTORY_MAX), HISTORY_DEFAULT)


@dataclass(frozen=True, slots=True)
class Read(Request):
    """Remember up to where the room has been read.

    :param counts: the reply is to tell how much is unread.
    """

    TYPE = "read"
    room: str = required(ROOM)
    seq: int = required(check.integer(0))
    counts: bool | None = optional(check.boolean)


@dataclass(frozen=True, slots=True)
class Join(Request):
    """Enter a public room, or ask to be let into a moderated one."""

    TYPE = "join"
    room: str = required(ROOM)
    reason: str | None = optional(REASON)


@dataclass(frozen=True, slots=True)
class Leave(Request):
    """Leave a room, or take a request back."""

    TYPE = "leave"
    room: str = required(ROOM)


@dataclass(frozen=True, slots=True)
class Members(Request):
    """List who belongs to a room: the first ones, or those after a username, in the order of their keys."""

    TYPE = "members"
    room: str = required(ROOM)
    after_username: str | None = optional(check.text(0, 4 * USERNAME_MAX_CHARS))


@dataclass(frozen=True, slots=True)
class Watch(Request):
    """Choose the room whose presence and typing are sent; None chooses none.

    :param rooms: instead of `room`, several.
    """

    TYPE = "watch"
    room: str | None = optional(ROOM)
    rooms: tuple[str, ...] | None = optional(check.several(ROOM, WATCHED_MAX))

    def __post_init__(self) -> None:
        if self.room is not None and self.rooms is not None:
            raise bad_request("rooms", "watch takes room or rooms, not both.")

    def to_frame(self, ref: Ref = None) -> dict[str, Any]:
        """Return the frame; `room` is present even when it is null, unless there are several."""
        frame = Request.to_frame(self, ref)
        return frame | {"room": self.room} if self.rooms is None else frame


@dataclass(frozen=True, slots=True)
class Quiet(Request):
    """Get fewer events on this connection, or (`on` false) all of them again."""

    TYPE = "quiet"
    on: bool = optional(check.boolean, True)


@dataclass(frozen=True, slots=True)
class Typing(Request):
    """Tell those who watch the room that one is writing."""

    TYPE = "typing"
    room: str = required(ROOM)


@dataclass(frozen=True, slots=True)
class Status(Request):
    """Say whether one is there."""

    TYPE = "status"
    status: str = required(check.one_of("online", "away", "busy"))
    text: str | None = optional(check.text(0, STATUS_TEXT_MAX_CHARS))


@dataclass(frozen=True, slots=True)
class Search(Request):
    """Search the rooms one belongs to; `before` is in milliseconds here, a time on the wire."""

    TYPE = "search"
    query: str = required(check.text(1, QUERY_MAX_CHARS))
    room: str | None = optional(ROOM)
    before: int | None = optional(check.moment)
    limit: int = optional(check.integer(1, SEARCH_MAX), SEARCH_DEFAULT)

    def to_frame(self, ref: Ref = None) -> dict[str, Any]:
        """Return the frame, with `before` as a time."""
        frame = Request.to_frame(self, ref)
        if self.before is not None:
            frame["before"] = to_rfc3339(self.before)
        return frame


@dataclass(frozen=True, slots=True)
class Users(Request):
    """Find accounts by the beginning of a name, in the order of usernames.

    :param after_username: only those behind this one, for the next page.
    """

    TYPE = "users"
    prefix: str = optional(check.text(0, 4 * USERNAME_MAX_CHARS), "")
    limit: int = optional(check.integer(1, USERS_MAX), USERS_DEFAULT)
    after_username: str | None = optional(check.text(0, 4 * USERNAME_MAX_CHARS))


@dataclass(frozen=True, slots=True)
class Password(Request):
    """Change one's password; every other token ends."""

    TYPE = "password"
    old: str = required(_PASSWORD)
    new: str = required(_PASSWORD)


@dataclass(frozen=True, slots=True)
class Profile(Request):
    """Change one's display name."""

    TYPE = "profile"
    display_name: str = required(check.text(1, DISPLAY_NAME_MAX_CHARS))


@dataclass(frozen=True, slots=True)
class Logout(Request):
    """End this token; the server then closes."""

    TYPE = "logout"


@dataclass(frozen=True, slots=True)
class Devices(Request):
    """List where the user is signed in."""

    TYPE = "devices"


@dataclass(frozen=True, slots=True)
class EndDevice(Request):
    """Sign a device of the user's out, or (`others` true) all but the one that asks."""

    TYPE = "end_device"
    id: str | None = optional(check.text(1, DEVICE_ID_MAX_CHARS))
    others: bool | None = optional(check.boolean)

    def __post_init__(self) -> None:
        if self.id is not None and self.others:
            raise bad_request("others", "end_device takes id or others, not both.")
