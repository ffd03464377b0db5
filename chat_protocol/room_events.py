"""The events of rooms and people: messages, members, join requests; it must not know who is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chat_protocol.event import Event, FlatEvent
from chat_protocol.event_fields import optional_text
from chat_protocol.objects import Message, Room


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
class MembershipEvent(FlatEvent):
    """One's own membership changed: `joined`, `pending` or `none`."""

    TYPE = "membership"
    room: str
    membership: str
    reason: str | None = None
    room_id: str | None = None


@dataclass(frozen=True)
class MemberEvent(FlatEvent):
    """Somebody joined or left the watched room."""

    TYPE = "member"
    room: str
    username: str
    change: str
    display_name: str | None = None
    room_id: str | None = None
    avatar: str | None = None


@dataclass(frozen=True)
class AvatarEvent(FlatEvent):
    """Somebody shows another picture.

    :param avatar: names it, by its content; None where there is none any more.
    """

    TYPE = "avatar"
    username: str
    avatar: str | None = None


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
class PresenceEvent(FlatEvent):
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
class TypingEvent(FlatEvent):
    """Somebody is writing in the watched room."""

    TYPE = "typing"
    room: str
    username: str
    room_id: str | None = None


@dataclass(frozen=True)
class ModerationEvent(FlatEvent):
    """The number of join requests that wait for a decision."""

    TYPE = "moderation"
    pending: int


@dataclass(frozen=True)
class PinEvent(Event):
    """A message was pinned in a room, or (`on` false) is pinned no more.

    :param message: the one that was pinned, without its reactions.
    """

    TYPE = "pin"
    room: str
    seq: int
    on: bool
    room_id: str | None = None
    message: Message | None = None

    def to_frame(self) -> dict[str, Any]:
        """Return the frame; what does not apply is left out."""
        frame: dict[str, Any] = {"type": self.TYPE, "room": self.room, "seq": self.seq, "on": self.on}
        frame |= {"room_id": self.room_id} if self.room_id else {}
        return frame | ({"message": self.message.to_frame()} if self.message is not None else {})

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "PinEvent":
        """Read the frame."""
        message = frame.get("message")
        return cls(
            str(frame["room"]),
            int(frame["seq"]),
            bool(frame["on"]),
            optional_text(frame, "room_id"),
            Message.from_frame(message) if message is not None else None,
        )
