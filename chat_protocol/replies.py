"""The replies to requests, as typed values; it must not know how they come about.

:data:`REPLIES` says which request is answered by which reply; a refusal is a `ChatError`.
"""

from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, Final, NamedTuple, Protocol, Self

from chat_protocol import moderation_requests, own_requests, requests, room_requests
from chat_protocol.objects import Device, File, JoinRequest, Member, Message, Room, User
from chat_protocol.request import Ref, Request
from chat_protocol.times import from_rfc3339, to_rfc3339


class _Form(NamedTuple):
    """How a field stands in a frame: written from the value, read into it."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


class _Framed(Protocol):
    def to_frame(self) -> dict[str, Any]: ...
    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> Self: ...


def _plain(kind: type) -> _Form:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is not of type {kind.__name__}")
        return value

    return _Form(lambda value: value, read)


def _one(kind: type[_Framed]) -> _Form:
    return _Form(lambda value: value.to_frame(), kind.from_frame)


def _many(kind: type[_Framed]) -> _Form:
    return _Form(
        lambda values: [value.to_frame() for value in values],
        lambda items: tuple(kind.from_frame(item) for item in items),
    )


_TEXT = _plain(str)
_NUMBER = _plain(int)
_TEXTS = _Form(list, lambda items: tuple(_TEXT.read(item) for item in items))
_YES_NO = _plain(bool)
_MOMENT = _Form(to_rfc3339, from_rfc3339)
_USER = _one(User)
_FILE = _one(File)


def _wire(form: _Form, default: Any = MISSING) -> Any:
    """Return a dataclass field with its form; a value that is None is left out of the frame."""
    if default is MISSING:
        return field(metadata={"form": form})
    return field(default=default, metadata={"form": form})


@dataclass(frozen=True, slots=True)
class Reply:
    """What every `ok` has in common: its fields are written and read by their forms."""

    _ALWAYS: ClassVar[frozenset[str]] = frozenset()  # fields that are written even as null

    def to_frame(self, ref: Ref = None) -> dict[str, Any]:
        """Return the `ok` that the server sends.

        :param ref: the request's.
        """
        frame: dict[str, Any] = {"type": "ok"} if ref is None else {"type": "ok", "ref": ref}
        return frame | self.to_fields()

    def to_fields(self) -> dict[str, Any]:
        """Return what the frame carries beside `type` and `ref`."""
        written = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if value is not None:
                written[item.name] = item.metadata["form"].write(value)
            elif item.name in self._ALWAYS:
                written[item.name] = None
        return written

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> Self:
        """Read an `ok`; unknown fields are ignored, and null counts as absent.

        :raises KeyError: when a field is missing that has no default.
        :raises TypeError, ValueError: when one is of the wrong form.
        """
        values = {}
        for item in fields(cls):
            value = frame.get(item.name)
            if value is not None:
                values[item.name] = item.metadata["form"].read(value)
            elif item.default is MISSING:
                raise KeyError(item.name)
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Done(Reply):
    """It was done, and there is nothing to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(Reply):
    """The user is signed in. `rooms` holds what fits in a frame; other rooms follow as events.

    :param must_change_password: true after a one-time password; otherwise None.
    :param may_create: the kinds of rooms that the user may make; None from a server without rooms of people.
    """

    user: User = field(metadata={"form": _USER})
    must_change_password: bool | None = _wire(_YES_NO, None)
    token: str = _wire(_TEXT)
    rooms: Sequence[Room] = _wire(_many(Room))
    may_create: Sequence[str] | None = _wire(_TEXTS, None)


@dataclass(frozen=True, slots=True)
class TokenReply(Reply):
    """The password was changed, and this token replaces every other."""

    token: str = _wire(_TEXT)


@dataclass(frozen=True, slots=True)
class ProfileReply(Reply):
    """The user as others see it from now on."""

    user: User = field(metadata={"form": _USER})


@dataclass(frozen=True, slots=True)
class Stored(Reply):
    """A message was stored.

    :param sent_at: milliseconds since 1970 UTC.
    :param target: the seq that an edit, a deletion or a reaction is about.
    """

    room: str = _wire(_TEXT)
    seq: int = _wire(_NUMBER)
    sent_at: int = _wire(_MOMENT)
    target: int | None = _wire(_NUMBER, None)


@dataclass(frozen=True, slots=True)
class UploadReply(Reply):
    """An upload goes on (`offset`), or is finished (`file`): the second follows the first when all has come.

    :param offset: how many bytes, file and preview together, are there already; the others are to follow.
    """

    offset: int | None = _wire(_NUMBER, None)
    file: File | None = field(default=None, metadata={"form": _FILE})


@dataclass(frozen=True, slots=True)
class DownloadReply(Reply):
    """Bytes of a file follow.

    :param size: of the whole file, or of the whole preview.
    :param length: how many bytes follow.
    """

    size: int = _wire(_NUMBER)
    length: int = _wire(_NUMBER)


@dataclass(frozen=True, slots=True)
class HistoryPage(Reply):
    """Messages of a room by ascending seq; `more` when the direction asked for goes on."""

    room: str = _wire(_TEXT)
    messages: Sequence[Message] = _wire(_many(Message))
    more: bool = _wire(_YES_NO, False)
    room_id: str | None = _wire(_TEXT, None)


@dataclass(frozen=True, slots=True)
class Synced(Reply):
    """What was missed has been sent, as one `sync` event for each of so many rooms."""

    rooms: int = _wire(_NUMBER)


@dataclass(frozen=True, slots=True)
class SearchPage(Reply):
    """Messages that were found, the newest first; `more` when there are older ones.

    :param incomplete: true while the index is filled, so that older ones may be lacking; otherwise None.
    """

    messages: Sequence[Message] = _wire(_many(Message))
    more: bool = _wire(_YES_NO, False)
    incomplete: bool | None = _wire(_YES_NO, None)


@dataclass(frozen=True, slots=True)
class ReadMarked(Reply):
    """Up to where the user has read a room.

    :param unread: where it was asked for, others' messages after `read_seq`, up to `last_seq`.
    :param mentions: how many of these mention the user.
    """

    room: str = _wire(_TEXT)
    read_seq: int = _wire(_NUMBER)
    last_seq: int | None = _wire(_NUMBER, None)
    unread: int | None = _wire(_NUMBER, None)
    mentions: int | None = _wire(_NUMBER, None)


@dataclass(frozen=True, slots=True)
class RoomReply(Reply):
    """The user's membership of a room is now `joined`, `pending` or `none`.

    :param view: the whole room as the user sees it now, after the user has joined.
    """

    room: str = _wire(_TEXT)
    membership: str = _wire(_TEXT)
    view: Room | None = None

    @classmethod
    def joined(cls, view: Room) -> "RoomReply":
        """Return the reply to a user who has joined."""
        return cls(view.name, view.membership, view)

    def to_fields(self) -> dict[str, Any]:
        """Return the room's own fields, or its name and the membership."""
        if self.view is not None:
            return self.view.to_frame()
        return {"room": self.room, "membership": self.membership}

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "RoomReply":
        """Read either form."""
        view = Room.from_frame(frame) if "kind" in frame else None
        return cls(_TEXT.read(frame["room"]), _TEXT.read(frame["membership"]), view)


@dataclass(frozen=True, slots=True)
class MemberList(Reply):
    """Members of a room, as many as fit.

    :param total: how many there are; `online` of them are connected.
    :param more: true when there are others behind these; otherwise None.
    """

    room: str = _wire(_TEXT)
    members: Sequence[Member] = _wire(_many(Member))
    total: int = _wire(_NUMBER, 0)
    online: int = _wire(_NUMBER, 0)
    more: bool | None = _wire(_YES_NO, None)


@dataclass(frozen=True, slots=True)
class PeopleFound(Reply):
    """Accounts whose name begins as asked.

    :param more: true when there are others; otherwise None.
    """

    users: Sequence[Member] = _wire(_many(Member))
    more: bool | None = _wire(_YES_NO, None)


@dataclass(frozen=True, slots=True)
class Watching(Reply):
    """The room whose presence and typing are sent; None for no room.

    :param rooms: all of them, where several were asked for; `room` is the first.
    """

    _ALWAYS = frozenset({"room"})
    room: str | None = _wire(_TEXT, None)
    rooms: Sequence[str] | None = _wire(_TEXTS, None)


@dataclass(frozen=True, slots=True)
class QuietSet(Reply):
    """Whether the connection gets fewer events from now on."""

    on: bool = _wire(_YES_NO)


@dataclass(frozen=True, slots=True)
class TypingNoted(Reply):
    """The members who watch the room were told."""

    room: str = _wire(_TEXT)


@dataclass(frozen=True, slots=True)
class StatusSet(Reply):
    """The user's status from now on."""

    status: str = _wire(_TEXT)


@dataclass(frozen=True, slots=True)
class DeviceList(Reply):
    """The devices on which the user is signed in, the one used last first."""

    devices: Sequence[Device] = _wire(_many(Device))


@dataclass(frozen=True, slots=True)
class DevicesEnded(Reply):
    """So many devices were signed out; 0 when there was none of that id."""

    ended: int = _wire(_NUMBER)


@dataclass(frozen=True, slots=True)
class JoinRequests(Reply):
    """The join requests that wait for a decision, the oldest first, as many as fit."""

    requests: Sequence[JoinRequest] = _wire(_many(JoinRequest))


@dataclass(frozen=True, slots=True)
class SettingsTold(Reply):
    """All of the user's settings have been sent, as `settings` events.

    :param count: how many there are.
    """

    count: int = _wire(_NUMBER)


@dataclass(frozen=True, slots=True)
class SettingKept(Reply):
    """A setting was chosen.

    :param version: of this choice.
    """

    version: int = _wire(_NUMBER)


@dataclass(frozen=True, slots=True)
class SavedPage(Reply):
    """Saved messages that the user may still read, the last one saved first.

    :param next: `before` of the request for those behind; None where there are none.
    """

    messages: Sequence[Message] = _wire(_many(Message))
    next: int | None = _wire(_NUMBER, None)


@dataclass(frozen=True, slots=True)
class ReceiptReply(Reply):
    """How far the other one has read a private conversation.

    :param read_seq: None where one of the two does not want that to be told.
    """

    room: str = _wire(_TEXT)
    read_seq: int | None = _wire(_NUMBER, None)


REPLIES: Final[dict[type[Request], type[Reply]]] = {
    requests.Register: SignedIn,
    requests.Login: SignedIn,
    requests.Resume: SignedIn,
    requests.Ping: Done,
    requests.Send: Stored,
    requests.Edit: Stored,
    requests.Delete: Stored,
    requests.React: Stored,
    requests.Upload: UploadReply,
    requests.Download: DownloadReply,
    requests.History: HistoryPage,
    requests.Read: ReadMarked,
    requests.Sync: Synced,
    requests.Join: RoomReply,
    requests.Leave: RoomReply,
    requests.Members: MemberList,
    requests.Watch: Watching,
    requests.Quiet: QuietSet,
    requests.Typing: TypingNoted,
    requests.Status: StatusSet,
    requests.Search: SearchPage,
    requests.Users: PeopleFound,
    requests.Password: TokenReply,
    requests.Profile: ProfileReply,
    requests.Logout: Done,
    requests.Devices: DeviceList,
    requests.EndDevice: DevicesEnded,
    own_requests.Settings: SettingsTold,
    own_requests.SetSetting: SettingKept,
    own_requests.Save: Done,
    own_requests.Saved: SavedPage,
    own_requests.Receipt: ReceiptReply,
    room_requests.RoomCreate: RoomReply,
    room_requests.RoomEdit: Done,
    room_requests.RoomAdd: Done,
    room_requests.RoomRemove: Done,
    room_requests.RoomArchive: Done,
    moderation_requests.ModerationPending: JoinRequests,
    moderation_requests.ModerationDecide: Done,
    moderation_requests.ModerationSanction: Done,
    moderation_requests.ModerationLift: Done,
}


def reply_of(request: Request, frame: dict[str, Any]) -> Reply:
    """Read the `ok` that answers a request.

    :raises ValueError: when a field is missing or of the wrong form.
    """
    try:
        return REPLIES[type(request)].from_frame(frame)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise ValueError(f"unreadable reply to {request.TYPE!r}: {error!r}") from error
