"""The events about a user's own account and what the user keeps here; it must not know to whom they go."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chat_protocol.event import Event, FlatEvent
from chat_protocol.event_fields import optional_text
from chat_protocol.objects import Setting, User
from chat_protocol.times import from_rfc3339, to_rfc3339


@dataclass(frozen=True)
class ReadEvent(FlatEvent):
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
class SavedEvent(FlatEvent):
    """The user has saved a message in another session, or (`on` false) saves it no more.

    :param room: by its id.
    """

    TYPE = "saved"
    room: str
    seq: int
    on: bool


@dataclass(frozen=True)
class ReceiptEvent(FlatEvent):
    """The other one has read on in a private conversation."""

    TYPE = "receipt"
    room: str
    read_seq: int
    room_id: str | None = None


@dataclass(frozen=True)
class DeviceEvent(FlatEvent):
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
