"""The requests of moderators, as checked values; it must not know how they are answered."""

from dataclasses import dataclass
from typing import Final

from chat_protocol import fields as check
from chat_protocol.errors import bad_request
from chat_protocol.limits import (
    DEVICE_ID_MAX_CHARS,
    INVITATION_DAYS_MAX,
    PEOPLE_ADDED_MAX,
    RECORDS_PAGE_DEFAULT,
    RECORDS_PAGE_MAX,
)
from chat_protocol.request import Request, optional, required
from chat_protocol.requests import REASON, ROOM, USERNAME

_ROLE: Final = check.one_of("member", "moderator", "admin")
_PAGE: Final = check.integer(1, RECORDS_PAGE_MAX)
_WORDS: Final = check.text(1, 200)  # a name as the audit has it


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
    """Lift a sanction.

    :param number: only the one of this number among them.
    """

    TYPE = "moderation.lift"
    kind: str = required(check.one_of("kick", "ban", "mute"))
    username: str | None = optional(USERNAME)
    address: str | None = optional(check.text(1, 64))
    room: str | None = optional(ROOM)
    number: int | None = optional(check.integer(1))


@dataclass(frozen=True, slots=True)
class ModerationInForce(Request):
    """List the sanctions in force, the newest first.

    :param before: the `next` of the page before.
    """

    TYPE = "moderation.sanctions"
    before: int | None = optional(check.integer(1))
    limit: int = optional(_PAGE, RECORDS_PAGE_DEFAULT)


@dataclass(frozen=True, slots=True)
class ModerationAccept(Request):
    """Accept the join requests of several people for one room."""

    TYPE = "moderation.accept"
    room: str = required(ROOM)
    people: tuple[str, ...] = required(check.several(USERNAME, PEOPLE_ADDED_MAX))

    def __post_init__(self) -> None:
        if not self.people:
            raise bad_request("people", "Say who is to be accepted.")


@dataclass(frozen=True, slots=True)
class ModerationAvatar(Request):
    """Take away the picture that a user shows."""

    TYPE = "moderation.avatar"
    username: str = required(USERNAME)


@dataclass(frozen=True, slots=True)
class ModerationRole(Request):
    """Give a user a role."""

    TYPE = "moderation.role"
    username: str = required(USERNAME)
    role: str = required(_ROLE)


@dataclass(frozen=True, slots=True)
class ModerationPassword(Request):
    """Set a one-time password for another user, who is signed out everywhere."""

    TYPE = "moderation.password"
    username: str = required(USERNAME)


@dataclass(frozen=True, slots=True)
class ModerationDevices(Request):
    """List where a user is signed in."""

    TYPE = "moderation.devices"
    username: str = required(USERNAME)


@dataclass(frozen=True, slots=True)
class ModerationEndDevice(Request):
    """Sign a user out on one device; without an id, on all."""

    TYPE = "moderation.end_device"
    username: str = required(USERNAME)
    id: str | None = optional(check.text(1, DEVICE_ID_MAX_CHARS))


@dataclass(frozen=True, slots=True)
class ModerationInvite(Request):
    """Make a one-time invitation, for a username where one is given."""

    TYPE = "moderation.invite"
    username: str | None = optional(USERNAME)
    role: str = optional(_ROLE, "member")
    days: int | None = optional(check.integer(1, INVITATION_DAYS_MAX))


@dataclass(frozen=True, slots=True)
class ModerationInvitations(Request):
    """List the one-time invitations in force."""

    TYPE = "moderation.invitations"


@dataclass(frozen=True, slots=True)
class ModerationRevoke(Request):
    """End a one-time invitation."""

    TYPE = "moderation.revoke"
    number: int = required(check.integer(1))


@dataclass(frozen=True, slots=True)
class ModerationAudit(Request):
    """Read who did what, the newest first.

    :param before: the `next` of the page before.
    :param actor: only what this user did.
    :param target: only what was done to this user or room.
    """

    TYPE = "moderation.audit"
    before: int | None = optional(check.integer(1))
    limit: int = optional(_PAGE, RECORDS_PAGE_DEFAULT)
    actor: str | None = optional(_WORDS)
    target: str | None = optional(_WORDS)
