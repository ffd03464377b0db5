"""The requests of moderators, as checked values; it must not know how they are answered."""

from dataclasses import dataclass

from chat_protocol import fields as check
from chat_protocol.request import Request, optional, required
from chat_protocol.requests import REASON, ROOM, USERNAME


@dataclass(frozen=True, slots=True)
class ModerationPending(Request):
    """List the join requests that wait for a decision."""

    TYPE = "moderation.pending"


@dataclass(frozen=True, slots=True)
class ModerationDecide(Request):
    """Accept or refuse a join request."""

    TYPE = "moderation.decide"
    username: str = required(USERNAME)
    room: str = required(ROOM)
    accept: bool = required(check.boolean)
    reason: str | None = optional(REASON)


@dataclass(frozen=True, slots=True)
class ModerationSanction(Request):
    """Kick, ban or mute a user or an address; `duration` in seconds, None for good.

    `confirm` stands for the answer to the question that a sanction asks which would hit more than one
    connected user, or the one who imposes it.
    """

    TYPE = "moderation.sanction"
    kind: str = required(check.one_of("kick", "ban", "mute"))
    username: str | None = optional(USERNAME)
    address: str | None = optional(check.text(1, 64))
    duration: int | None = optional(check.integer(1, 100 * 366 * 86_400))
    room: str | None = optional(ROOM)
    reason: str | None = optional(REASON)
    confirm: bool | None = optional(check.boolean)


@dataclass(frozen=True, slots=True)
class ModerationLift(Request):
    """Lift a sanction."""

    TYPE = "moderation.lift"
    kind: str = required(check.one_of("kick", "ban", "mute"))
    username: str | None = optional(USERNAME)
    address: str | None = optional(check.text(1, 64))
    room: str | None = optional(ROOM)
