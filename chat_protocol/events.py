"""What the server tells unasked, as values; it must not know to whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, get_type_hints

from chat_protocol.event_fields import fits, optional_text
from chat_protocol.limits import BODY_MAX_CHARS, FRAME_MAX_BYTES, PROTOCOL_VERSION
from chat_protocol.objects import Message, Room, Setting, User
from chat_protocol.times import from_rfc3339, to_rfc3339

# What a server knows beyond the first release, for clients that would ask in vain elsewhere.
CAPABILITIES: Final = (
    "room_ids",
    "members_after_username",
    "watch_rooms",
    "quiet",
    "mute_events",
    "sync",
    "unread_counts",
    *("files", "devices", "invitations", "rooms"),
    *("settings", "saved", "receipts"),
)
END_KINDS: Final = frozenset({"kicked", "banned", "killed", "shutdown", "slow_consumer"})


class Event:
    """What every event has in common: a type on the wire, and a frame."""

    TYPE: ClassVar[str] = ""

    def to_frame(self) -> dict[str, Any]:
        """Return the frame the server sends."""
        raise NotImplementedError

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "Event":
        """Read the frame; unknown fields are ignored."""
        raise NotImplementedError


class _FlatEvent(Event):
    """An event whose frame is its fields; those that are None are left out."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def to_frame(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {"type": self.TYPE} | {name: value for name, value in values.items() if value is not None}

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> Event:
        hints = get_type_hints(cls)
        values = {name: frame[name] for name in cls.__dataclass_fields__ if name in frame}
        for name, value in values.items():
            if not fits(value, hints[name]):
                raise TypeError(f"{name} is of the wrong type")
        return cls(**values)


@dataclass(frozen=True)
class Hello(_FlatEvent):
    """The server's first frame.

    :param capabilities: what the server knows beyond the first release; None from that.
    :param now: the server's clock, in milliseconds since 1970 UTC; None from the first release.
    :param next_fingerprint: of the certificate that the server will show next; None where none is announced.
    :param servers: where this chat's servers are, `host:port` each; None where this one is alone.
    """

    TYPE = "hello"
    server: str
    version: str
    registration: str = "open"
    protocol: int = PROTOCOL_VERSION
    limits: dict[str, int] = field(default_factory=lambda: {"frame": FRAME_MAX_BYTES, "body": BODY_MAX_CHARS})
    capabilities: list[str] | None = None
    now: int | None = None
    next_fingerprint: str | None = None
    servers: list[str] | None = None

    def to_frame(self) -> dict[str, Any]:
        """Return the frame, with the time as text."""
        frame = super().to_frame()
        return frame if self.now is None else frame | {"now": to_rfc3339(self.now)}

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> Event:
        """Read the frame.

        :raises ValueError: `now` is no time.
        """
        now = frame.get("now")
        return super().from_frame(frame | {"now": from_rfc3339(now)} if isinstance(now, str) else frame)


@dataclass(frozen=True)
class MessageEvent(Event):
    """Something was said, or changed, in a room."""

    TYPE = "message"
    message: Message

    def to_frame(self) -> dict[str, Any]:
        """Return the message's own fields under the event's type."""
        return {"type": self.TYPE} | self.message.to_frame()

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "MessageEvent":
        """Read the message."""
        return cls(Message.from_frame(frame))


@dataclass(frozen=True)
class MembershipEvent(_FlatEvent):
    """One's own membership changed: `joined`, `pending` or `none`."""

    TYPE = "membership"
    room: str
    membership: str
    reason: str | None = None
    room_id: str | None = None


@dataclass(frozen=True)
class MemberEvent(_FlatEvent):
    """Somebody joined or left the watched room."""

    TYPE = "member"
    room: str
    username: str
    change: str
    display_name: str | None = None
    room_id: str | None = None


@dataclass(frozen=True)
class RoomEvent(Event):
    """A room was added or changed, or removed; `was` is its former name after a renaming.

    :param removed: the name of the removed room, whose id is `removed_id`.
    """

    TYPE = "room"
    room: Room | None
    removed: str | None = None
    was: str | None = None
    removed_id: str = ""

    def to_frame(self) -> dict[str, Any]:
        """Return the room's fields, or its name and `removed`."""
        if self.room is None:
            frame = {"type": self.TYPE, "room": self.removed, "removed": True}
            return frame | ({"id": self.removed_id} if self.removed_id else {})
        return {"type": self.TYPE} | self.room.to_frame() | ({"was": self.was} if self.was else {})

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "RoomEvent":
        """Read either form."""
        if frame.get("removed"):
            return cls(None, removed=str(frame["room"]), removed_id=str(frame.get("id") or ""))
        return cls(Room.from_frame(frame), was=optional_text(frame, "was"))


@dataclass(frozen=True)
class SyncEvent(Event):
    """What was missed in a room: one for each, ahead of the `ok` of a `sync`.

    :param messages: the newest ones, by ascending seq; `more` when there are others before them.
    """

    TYPE = "sync"
    room: Room
    messages: Sequence[Message]
    more: bool = False

    def to_frame(self) -> dict[str, Any]:
        """Return the room's fields and the messages."""
        frame = {"type": self.TYPE} | self.room.to_frame()
        return frame | {"more": self.more, "messages": [message.to_frame() for message in self.messages]}

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "SyncEvent":
        """Read the frame."""
        messages = tuple(Message.from_frame(one) for one in frame["messages"])
        return cls(Room.from_frame(frame), messages, bool(frame.get("more")))


@dataclass(frozen=True)
class PresenceEvent(_FlatEvent):
    """Who came, went or changed status in a watched room: username -> status.

    :param texts: what some of them say about it; empty where it was taken back.
    :param names: the display names of those who have changed it.
    """

    TYPE = "presence"
    room: str
    changes: dict[str, str]
    online: int
    total: int
    texts: dict[str, str] | None = None
    room_id: str | None = None
    names: dict[str, str] | None = None


@dataclass(frozen=True)
class TypingEvent(_FlatEvent):
    """Somebody is writing in the watched room."""

    TYPE = "typing"
    room: str
    username: str
    room_id: str | None = None


@dataclass(frozen=True)
class ReadEvent(_FlatEvent):
    """One has read on in another session."""

    TYPE = "read"
    room: str
    read_seq: int
    room_id: str | None = None


@dataclass(frozen=True)
class SettingsEvent(Event):
    """What the user has chosen: all, ahead of the `ok` of `settings`, or one thing in another session."""

    TYPE = "settings"
    settings: Sequence[Setting]

    def to_frame(self) -> dict[str, Any]:
        """Return the frame."""
        return {"type": self.TYPE, "settings": [setting.to_frame() for setting in self.settings]}

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "SettingsEvent":
        """Read the frame."""
        return cls(tuple(map(Setting.from_frame, frame["settings"])))


@dataclass(frozen=True)
class SavedEvent(_FlatEvent):
    """The user has saved a message in another session, or (`on` false) saves it no more.

    :param room: by its id.
    """

    TYPE = "saved"
    room: str
    seq: int
    on: bool


@dataclass(frozen=True)
class ReceiptEvent(_FlatEvent):
    """The other one has read on in a private conversation."""

    TYPE = "receipt"
    room: str
    read_seq: int
    room_id: str | None = None


@dataclass(frozen=True)
class NoticeEvent(_FlatEvent):
    """The administrator says something to everyone."""

    TYPE = "notice"
    text: str


@dataclass(frozen=True)
class CertificateEvent(_FlatEvent):
    """The server will show a certificate of this fingerprint; with an empty one, after all no other."""

    TYPE = "certificate"
    next_fingerprint: str


@dataclass(frozen=True)
class ServersEvent(_FlatEvent):
    """The servers of this chat are others now; `host:port` each, as `hello` tells them."""

    TYPE = "servers"
    servers: list[str]


@dataclass(frozen=True)
class DeviceEvent(_FlatEvent):
    """The user has signed in with the password somewhere else.

    :param name: what the client there calls itself; None where it does not say.
    """

    TYPE = "device"
    address: str
    name: str | None = None


@dataclass(frozen=True)
class ProfileEvent(Event):
    """One's own display name or role changed, in another session or by an administrator."""

    TYPE = "profile"
    user: User

    def to_frame(self) -> dict[str, Any]:
        """Return the frame."""
        return {"type": self.TYPE, "user": self.user.to_frame()}

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "ProfileEvent":
        """Read the frame."""
        return cls(User.from_frame(frame["user"]))


@dataclass(frozen=True)
class MuteEvent(Event):
    """One may no longer write, or may again: everywhere, or in one room.

    :param active: whether it begins; a mute also ends by itself at `until`, of which nothing is told.
    :param until: milliseconds since 1970; None for good.
    """

    TYPE = "mute"
    active: bool
    reason: str = ""
    until: int | None = None
    room: str | None = None
    room_id: str | None = None

    def to_frame(self) -> dict[str, Any]:
        """Return the frame; what does not apply is left out."""
        until = None if self.until is None else to_rfc3339(self.until)
        extra = {"until": until, "room": self.room, "room_id": self.room_id}
        frame = {"type": self.TYPE, "active": self.active, "reason": self.reason}
        return frame | {name: value for name, value in extra.items() if value is not None}

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "MuteEvent":
        """Read the frame."""
        until = frame.get("until")
        return cls(
            bool(frame["active"]),
            str(frame.get("reason") or ""),
            from_rfc3339(until) if until else None,
            optional_text(frame, "room"),
            optional_text(frame, "room_id"),
        )


@dataclass(frozen=True)
class ModerationEvent(_FlatEvent):
    """The number of join requests that wait for a decision."""

    TYPE = "moderation"
    pending: int


@dataclass(frozen=True)
class ShutdownScheduledEvent(Event):
    """The server will stop at a time (ms since 1970), or, with None, will not after all."""

    TYPE = "shutdown_scheduled"
    at: int | None
    reason: str = ""

    def to_frame(self) -> dict[str, Any]:
        """Return the frame; `at` is null after a cancellation."""
        at = None if self.at is None else to_rfc3339(self.at)
        return {"type": self.TYPE, "at": at, "reason": self.reason}

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "ShutdownScheduledEvent":
        """Read the frame."""
        at = frame.get("at")
        return cls(from_rfc3339(at) if at else None, str(frame.get("reason", "")))


@dataclass(frozen=True)
class EndEvent(Event):
    """The server closes the connection after this.

    :param kind: one of :data:`END_KINDS`; it is the frame's type.
    :param until: the end of a kick in milliseconds since 1970, where there is one.
    """

    kind: str
    reason: str = ""
    until: int | None = None

    def to_frame(self) -> dict[str, Any]:
        """Return the frame."""
        frame: dict[str, Any] = {"type": self.kind, "reason": self.reason}
        return frame if self.until is None else frame | {"until": to_rfc3339(self.until)}

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "EndEvent":
        """Read the frame."""
        until = frame.get("until")
        return cls(str(frame["type"]), str(frame.get("reason", "")), from_rfc3339(until) if until else None)


_KINDS: Final[tuple[type[Event], ...]] = (
    *(Hello, MessageEvent, MembershipEvent, MemberEvent, RoomEvent, PresenceEvent, TypingEvent, ReadEvent),
    *(NoticeEvent, ModerationEvent, ShutdownScheduledEvent, ProfileEvent, MuteEvent, SyncEvent),
    *(DeviceEvent, CertificateEvent, SettingsEvent, SavedEvent, ReceiptEvent, ServersEvent),
)
EVENTS: Final[dict[str, type[Event]]] = {kind.TYPE: kind for kind in _KINDS} | dict.fromkeys(
    END_KINDS, EndEvent
)


def parse_event(frame: dict[str, Any]) -> Event | None:
    """Read an event; None for a type that this version does not know, which a client ignores.

    :raises ValueError: when a field is missing or of the wrong form.
    """
    kind = EVENTS.get(str(frame.get("type")))
    if kind is None:
        return None
    try:
        return kind.from_frame(frame)
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"unreadable event {frame.get('type')!r}: {error!r}") from error
