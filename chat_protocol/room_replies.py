"""The replies about rooms and the people in them, as typed values; it must not know how they come about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chat_protocol.objects import JoinRequest, Member, Room
from chat_protocol.reply import NUMBER, TEXT, TEXTS, YES_NO, Reply, many, wire


@dataclass(frozen=True, slots=True)
class RoomReply(Reply):
    """The user's membership of a room is now `joined`, `pending` or `none`.

    :param view: the whole room as the user sees it now, after the user has joined.
    """

    room: str = wire(TEXT)
    membership: str = wire(TEXT)
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
        return cls(TEXT.read(frame["room"]), TEXT.read(frame["membership"]), view)


@dataclass(frozen=True, slots=True)
class MemberList(Reply):
    """Members of a room, as many as fit.

    :param total: how many there are; `online` of them are connected.
    :param more: true when there are others behind these; otherwise None.
    """

    room: str = wire(TEXT)
    members: Sequence[Member] = wire(many(Member))
    total: int = wire(NUMBER, 0)
    online: int = wire(NUMBER, 0)
    more: bool | None = wire(YES_NO, None)


@dataclass(frozen=True, slots=True)
class PeopleFound(Reply):
    """Accounts whose name begins as asked.

    :param more: true when there are others; otherwise None.
    """

    users: Sequence[Member] = wire(many(Member))
    more: bool | None = wire(YES_NO, None)


@dataclass(frozen=True, slots=True)
class Watching(Reply):
    """The room whose presence and typing are sent; None for no room.

    :param rooms: all of them, where several were asked for; `room` is the first.
    """

    _ALWAYS = frozenset({"room"})
    room: str | None = wire(TEXT, None)
    rooms: Sequence[str] | None = wire(TEXTS, None)


@dataclass(frozen=True, slots=True)
class QuietSet(Reply):
    """Whether the connection gets fewer events from now on."""

    on: bool = wire(YES_NO)


@dataclass(frozen=True, slots=True)
class TypingNoted(Reply):
    """The members who watch the room were told."""

    room: str = wire(TEXT)


@dataclass(frozen=True, slots=True)
class JoinRequests(Reply):
    """The join requests that wait for a decision, the oldest first, as many as fit."""

    requests: Sequence[JoinRequest] = wire(many(JoinRequest))
