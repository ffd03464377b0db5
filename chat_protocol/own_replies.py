"""The replies about a user's own account and what the user keeps; it must not know how they come about."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from chat_protocol.objects import Device, Message, Room, User
from chat_protocol.reply import NUMBER, TEXT, TEXTS, YES_NO, Reply, many, one, wire

_USER: Final = one(User)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(Reply):
    """The user is signed in. `rooms` holds what fits in a frame; other rooms follow as events.

    :param must_change_password: true after a one-time password; otherwise None.
    :param may_create: the kinds of rooms that the user may make; None from a server without rooms of people.
    """

    user: User = field(metadata={"form": _USER})
    must_change_password: bool | None = wire(YES_NO, None)
    token: str = wire(TEXT)
    rooms: Sequence[Room] = wire(many(Room))
    may_create: Sequence[str] | None = wire(TEXTS, None)


@dataclass(frozen=True, slots=True)
class TokenReply(Reply):
    """The password was changed, and this token replaces every other."""

    token: str = wire(TEXT)


@dataclass(frozen=True, slots=True)
class ProfileReply(Reply):
    """The user as others see it from now on."""

    user: User = field(metadata={"form": _USER})


@dataclass(frozen=True, slots=True)
class StatusSet(Reply):
    """The user's status from now on."""

    status: str = wire(TEXT)


@dataclass(frozen=True, slots=True)
class DeviceList(Reply):
    """The devices on which the user is signed in, the one used last first."""

    devices: Sequence[Device] = wire(many(Device))


@dataclass(frozen=True, slots=True)
class DevicesEnded(Reply):
    """So many devices were signed out; 0 when there was none of that id."""

    ended: int = wire(NUMBER)


@dataclass(frozen=True, slots=True)
class SettingsTold(Reply):
    """All of the user's settings have been sent, as `settings` events.

    :param count: how many there are.
    """

    count: int = wire(NUMBER)


@dataclass(frozen=True, slots=True)
class SettingKept(Reply):
    """A setting was chosen.

    :param version: of this choice.
    """

    version: int = wire(NUMBER)


@dataclass(frozen=True, slots=True)
class SavedPage(Reply):
    """Saved messages that the user may still read, the last one saved first.

    :param next: `before` of the request for those behind; None where there are none.
    """

    messages: Sequence[Message] = wire(many(Message))
    next: int | None = wire(NUMBER, None)


@dataclass(frozen=True, slots=True)
class ReceiptReply(Reply):
    """How far the other one has read a private conversation.

    :param read_seq: None where one of the two does not want that to be told.
    """

    room: str = wire(TEXT)
    read_seq: int | None = wire(NUMBER, None)
