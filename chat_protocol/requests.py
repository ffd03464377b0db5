"""The requests a client may make, as checked values; it must not know how they are answered."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, Final

from chat_protocol import fields as check
from chat_protocol.errors import ChatError, ErrorCode, bad_request
from chat_protocol.limits import (
    BODY_MAX_CHARS,
    DISPLAY_NAME_MAX_CHARS,
    EMOJI_MAX_CHARS,
    FILE_ID_MAX_CHARS,
    FILE_NAME_MAX_CHARS,
    FILES_MAX,
    HISTORY_DEFAULT,
    HISTORY_MAX,
    NONCE_MAX_CHARS,
    PASSWORD_MAX_CHARS,
    PREVIEW_MAX_BYTES,
    QUERY_MAX_CHARS,
    REASON_MAX_CHARS,
    ROOM_NAME_MAX_CHARS,
    SEARCH_DEFAULT,
    SEARCH_MAX,
    SEQ_MAX,
    STATUS_TEXT_MAX_CHARS,
    USERNAME_MAX_CHARS,
    USERS_DEFAULT,
    USERS_MAX,
    WATCHED_MAX,
)
from chat_protocol.times import to_rfc3339

Ref = str | int | None

# A spelling of a name may be longer than the name itself: `@`, decomposed marks.
_ROOM = check.text(1, 4 * ROOM_NAME_MAX_CHARS)
_USERNAME = check.text(1, 4 * USERNAME_MAX_CHARS)
_PASSWORD = check.text(1, PASSWORD_MAX_CHARS)
_REASON = check.text(0, REASON_MAX_CHARS)
_NONCE = check.text(1, NONCE_MAX_CHARS)
_SEQ = check.integer(1)
_FILE = check.text(1, FILE_ID_MAX_CHARS)


def _required(checker: check.Check) -> Any:
    return field(metadata={"check": checker})


def _optional(checker: check.Check, default: Any = None) -> Any:
    return field(default=default, metadata={"check": checker})


@dataclass(frozen=True, slots=True)
class Request:
    """What every request has in common: a type on the wire, and fields that are checked when it is read."""

    TYPE: ClassVar[str] = ""

    def to_frame(self, ref: Ref = None) -> dict[str, Any]:
        """Return the frame a client sends; fields that are None are left out."""
        frame: dict[str, Any] = {"type": self.TYPE}
        if ref is not None:
            frame["ref"] = ref
        for item in fields(self):
            value = getattr(self, item.name)
            if value is not None:
                frame[item.name] = value
        return frame


@dataclass(frozen=True, slots=True)
class Register(Request):
    """Create an account and sign in."""

    TYPE = "register"
    username: str = _required(_USERNAME)
    password: str = _required(_PASSWORD)
    display_name: str | None = _optional(check.text(1, DISPLAY_NAME_MAX_CHARS))


@dataclass(frozen=True, slots=True)
class Login(Request):
    """Sign in with the password."""

    TYPE = "login"
    username: str = _required(_USERNAME)
    password: str = _required(_PASSWORD)


@dataclass(frozen=True, slots=True)
class Resume(Request):
    """Sign in with a token."""

    TYPE = "resume"
    token: str = _required(check.text(1, 200))


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
    room: str = _required(_ROOM)
    body: str = _required(check.body)
    nonce: str | None = _optional(_NONCE)
    reply_to: int | None = _optional(_SEQ)
    files: tuple[str, ...] = _optional(check.several(_FILE, FILES_MAX), ())

    def __post_init__(self) -> None:
        if not self.body and not self.files:
            raise bad_request("body", "A message without files has a text.")
        if len(set(self.files)) < len(self.files):
            raise bad_request("files", "A message names each file once.")

    def to_frame(self, ref: Ref = None) -> dict[str, Any]:
        """Return the frame; without files it has none."""
        frame = Request.to_frame(self, ref)
        del frame["files"]
        return frame | {"files": list(self.files)} if self.files else frame


@dataclass(frozen=True, slots=True)
class Edit(Request):
    """Replace the text of the user's own message."""

    TYPE = "edit"
    room: str = _required(_ROOM)
    seq: int = _required(_SEQ)
    body: str = _required(check.body)
    nonce: str | None = _optional(_NONCE)

    def __post_init__(self) -> None:
        if not self.body:
            raise bad_request("body", "A message has a text.")


@dataclass(frozen=True, slots=True)
class Delete(Request):
    """Take a message back; a trace stays."""

    TYPE = "delete"
    room: str = _required(_ROOM)
    seq: int = _required(_SEQ)
    nonce: str | None = _optional(_NONCE)


@dataclass(frozen=True, slots=True)
class React(Request):
    """Put an emoji under a message, or (`on` false) take it away."""

    TYPE = "react"
    room: str = _required(_ROOM)
    seq: int = _required(_SEQ)
    emoji: str = _required(check.text(1, EMOJI_MAX_CHARS))
    on: bool = _optional(check.boolean, True)
    nonce: str | None = _optional(_NONCE)


@dataclass(frozen=True, slots=True)
class Upload(Request):
    """Bring a file to the server, for a message in a room; its bytes follow when the reply says from where.

    :param nonce: names the upload for good, among those of its user: a repeat goes on where it stopped.
    :param size: bytes of the file.
    :param sha256: of the file, in hexadecimal, where it is known beforehand.
    :param preview: bytes of a small picture (PNG) that follow the file's own; 0 for none.
    """

    TYPE = "upload"
    room: str = _required(_ROOM)
    nonce: str = _required(_NONCE)
    name: str = _required(check.text(1, FILE_NAME_MAX_CHARS))
    size: int = _required(check.integer(0))
    sha256: str | None = _optional(check.digest)
    preview: int = _optional(check.integer(0, PREVIEW_MAX_BYTES), 0)


@dataclass(frozen=True, slots=True)
class Download(Request):
    """Read a file; its bytes follow the reply.

    :param offset: from which byte on.
    :param length: how many bytes at most; None for all that there are.
    :param preview: the small picture instead.
    """

    TYPE = "download"
    file: str = _required(_FILE)
    offset: int = _optional(check.integer(0), 0)
    length: int | None = _optional(check.integer(0))
    preview: bool = _optional(check.boolean, False)


@dataclass(frozen=True, slots=True)
class History(Request):
    """Read a room's messages before or after a seq (exclusive); without either, the newest."""

    TYPE = "history"
    room: str = _required(_ROOM)
    before: int | None = _optional(_SEQ)
    after: int | None = _optional(check.integer(0))
    limit: int = _optional(check.integer(1, HISTORY_MAX), HISTORY_DEFAULT)

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
    rooms: Mapping[str, int] = _required(check.seqs)
    limit: int = _optional(check.integer(1, HISTORY_MAX), HISTORY_DEFAULT)


@dataclass(frozen=True, slots=True)
class Read(Request):
    """Remember up to where the room has been read.

    :param counts: the reply is to tell how much is unread.
    """

    TYPE = "read"
    room: str = _required(_ROOM)
    seq: int = _required(check.integer(0))
    counts: bool | None = _optional(check.boolean)


@dataclass(frozen=True, slots=True)
class Join(Request):
    """Enter a public room, or ask to be let into a moderated one."""

    TYPE = "join"
    room: str = _required(_ROOM)
    reason: str | None = _optional(_REASON)


@dataclass(frozen=True, slots=True)
class Leave(Request):
    """Leave a room, or take a request back."""

    TYPE = "leave"
    room: str = _required(_ROOM)


@dataclass(frozen=True, slots=True)
class Members(Request):
    """List who belongs to a room: the first ones, or those after a username, in the order of their keys."""

    TYPE = "members"
    room: str = _required(_ROOM)
    after_username: str | None = _optional(check.text(0, 4 * USERNAME_MAX_CHARS))


@dataclass(frozen=True, slots=True)
class Watch(Request):
    """Choose the room whose presence and typing are sent; None chooses none.

    :param rooms: instead of `room`, several.
    """

    TYPE = "watch"
    room: str | None = _optional(_ROOM)
    rooms: tuple[str, ...] | None = _optional(check.several(_ROOM, WATCHED_MAX))

    def __post_init__(self) -> None:
        if self.room is not None and self.rooms is not None:
            raise bad_request("rooms", "watch takes room or rooms, not both.")

    def to_frame(self, ref: Ref = None) -> dict[str, Any]:
        """Return the frame; `room` is present even when it is null, unless there are several."""
        frame = Request.to_frame(self, ref)
        return frame | ({"room": self.room} if self.rooms is None else {"rooms": list(self.rooms)})


@dataclass(frozen=True, slots=True)
class Quiet(Request):
    """Get fewer events on this connection, or (`on` false) all of them again."""

    TYPE = "quiet"
    on: bool = _optional(check.boolean, True)


@dataclass(frozen=True, slots=True)
class Typing(Request):
    """Tell those who watch the room that one is writing."""

    TYPE = "typing"
    room: str = _required(_ROOM)


@dataclass(frozen=True, slots=True)
class Status(Request):
    """Say whether one is there."""

    TYPE = "status"
    status: str = _required(check.one_of("online", "away", "busy"))
    text: str | None = _optional(check.text(0, STATUS_TEXT_MAX_CHARS))


@dataclass(frozen=True, slots=True)
class Search(Request):
    """Search the rooms one belongs to; `before` is in milliseconds here, a time on the wire."""

    TYPE = "search"
    query: str = _required(check.text(1, QUERY_MAX_CHARS))
    room: str | None = _optional(_ROOM)
    before: int | None = _optional(check.moment)
    limit: int = _optional(check.integer(1, SEARCH_MAX), SEARCH_DEFAULT)

    def to_frame(self, ref: Ref = None) -> dict[str, Any]:
        """Return the frame, with `before` as a time."""
        frame = Request.to_frame(self, ref)
        if self.before is not None:
            frame["before"] = to_rfc3339(self.before)
        return frame


@dataclass(frozen=True, slots=True)
class Users(Request):
    """Find accounts by the beginning of a name."""

    TYPE = "users"
    prefix: str = _optional(check.text(0, 4 * USERNAME_MAX_CHARS), "")
    limit: int = _optional(check.integer(1, USERS_MAX), USERS_DEFAULT)


@dataclass(frozen=True, slots=True)
class Password(Request):
    """Change one's password; every other token ends."""

    TYPE = "password"
    old: str = _required(_PASSWORD)
    new: str = _required(_PASSWORD)


@dataclass(frozen=True, slots=True)
class Profile(Request):
    """Change one's display name."""

    TYPE = "profile"
    display_name: str = _required(check.text(1, DISPLAY_NAME_MAX_CHARS))


@dataclass(frozen=True, slots=True)
class Logout(Request):
    """End this token; the server then closes."""

    TYPE = "logout"


@dataclass(frozen=True, slots=True)
class ModerationPending(Request):
    """List the join requests that wait for a decision."""

    TYPE = "moderation.pending"


@dataclass(frozen=True, slots=True)
class ModerationDecide(Request):
    """Accept or refuse a join request."""

    TYPE = "moderation.decide"
    username: str = _required(_USERNAME)
    room: str = _required(_ROOM)
    accept: bool = _required(check.boolean)
    reason: str | None = _optional(_REASON)


@dataclass(frozen=True, slots=True)
class ModerationSanction(Request):
    """Kick, ban or mute a user or an address; `duration` in seconds, None for good.

    `confirm` stands for the answer to the question that a sanction asks which would hit more than one
    connected user, or the one who imposes it.
    """

    TYPE = "moderation.sanction"
    kind: str = _required(check.one_of("kick", "ban", "mute"))
    username: str | None = _optional(_USERNAME)
    address: str | None = _optional(check.text(1, 64))
    duration: int | None = _optional(check.integer(1, 100 * 366 * 86_400))
    room: str | None = _optional(_ROOM)
    reason: str | None = _optional(_REASON)
    confirm: bool | None = _optional(check.boolean)


@dataclass(frozen=True, slots=True)
class ModerationLift(Request):
    """Lift a sanction."""

    TYPE = "moderation.lift"
    kind: str = _required(check.one_of("kick", "ban", "mute"))
    username: str | None = _optional(_USERNAME)
    address: str | None = _optional(check.text(1, 64))
    room: str | None = _optional(_ROOM)


REQUESTS: Final[dict[str, type[Request]]] = {kind.TYPE: kind for kind in Request.__subclasses__()}

# (name, check, is it required) of each request's fields, looked up once: every frame is read by this table.
_CHECKS: Final = {
    name: tuple((item.name, item.metadata["check"], item.default is MISSING) for item in fields(kind))
    for name, kind in REQUESTS.items()
}


def ref_of(frame: dict[str, Any]) -> Ref:
    """Return the request's `ref`.

    :raises ChatError: `bad_request` when it is neither a string nor an integer.
    """
    ref = frame.get("ref")
    if type(ref) is str:
        return check.encodable("ref", ref)
    if ref is None or (type(ref) is int and -SEQ_MAX <= ref <= SEQ_MAX):
        return ref
    raise bad_request("ref", "ref must be a string or a whole number within ±(2^53 - 1).")


def require_whole_characters(frame: dict[str, Any]) -> None:
    """Refuse half of a surrogate pair anywhere in a frame, unknown fields included.

    :raises ChatError: `bad_request`, with the field's name.
    """
    for name, value in frame.items():
        check.encodable(name, json.dumps({name: value}, ensure_ascii=False))


def type_of(frame: dict[str, Any]) -> type[Request] | None:
    """Return the type of a frame whose other fields may be of any form; None for an unknown one."""
    kind = frame.get("type")
    return REQUESTS.get(kind) if type(kind) is str else None


def parse_request(frame: dict[str, Any]) -> Request:
    """Read a request from a frame; unknown fields are ignored, null counts as absent.

    :raises ChatError: `unknown_type`; `bad_request` or `body_too_long`, with the field's name.
    """
    kind = frame.get("type")
    if type(kind) is not str:
        raise bad_request("type", "type must be a string.")
    if kind not in REQUESTS:
        raise ChatError(ErrorCode.UNKNOWN_TYPE, "This server does not know that type of request.")
    if kind == "send" and (send := _usual_send(frame)) is not None:
        return send
    values = {}
    for name, checker, required in _CHECKS[kind]:
        value = frame.get(name)
        if value is not None:
            values[name] = checker(name, value)
        elif required:
            raise bad_request(name, f"{name} is missing.")
    return REQUESTS[kind](**values)


def _usual_send(frame: dict[str, Any]) -> Send | None:
    """Read the request that nearly all are, in a few comparisons; None when it needs the full checks."""
    room, body, nonce = frame.get("room"), frame.get("body"), frame.get("nonce")
    if (
        type(room) is str
        and 0 < len(room) <= ROOM_NAME_MAX_CHARS
        and type(body) is str
        and 0 < len(body) <= BODY_MAX_CHARS
        and type(nonce) is str
        and 0 < len(nonce) <= NONCE_MAX_CHARS
        and "reply_to" not in frame
        and "files" not in frame
        and _is_encodable(room)
        and _is_encodable(body)
        and _is_encodable(nonce)
    ):
        return Send(room, body, nonce)
    return None


def _is_encodable(text: str) -> bool:
    """Return whether UTF-8 can carry a string: all but those with half of a surrogate pair."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
