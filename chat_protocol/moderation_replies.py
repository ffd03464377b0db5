"""The replies to requests of moderators, and the objects in them; it must not know how they come about."""

from collections.abc import Sequence
from dataclasses import dataclass

from chat_protocol.reply import MOMENT, NUMBER, TEXT, TEXTS, YES_NO, Item, Reply, many, wire


@dataclass(frozen=True, slots=True)
class Sanction(Item):
    """A sanction in force: on a user, or on an address or network.

    :param number: names it among all sanctions.
    :param kind: `kick`, `ban` or `mute`.
    :param since: when it was imposed; it ends at `until` (None: it is for good).
    :param room: of a mute: where alone it holds.
    :param liftable: true where the one who asks may lift it; otherwise None.
    """

    number: int = wire(NUMBER)
    kind: str = wire(TEXT)
    by: str = wire(TEXT)
    since: int = wire(MOMENT)
    until: int | None = wire(MOMENT, None)
    username: str | None = wire(TEXT, None)
    address: str | None = wire(TEXT, None)
    room: str | None = wire(TEXT, None)
    reason: str | None = wire(TEXT, None)
    liftable: bool | None = wire(YES_NO, None)


@dataclass(frozen=True, slots=True)
class SanctionPage(Reply):
    """Sanctions in force, the newest first, as many as fit.

    :param next: `before` of the request for those behind; None where there are none.
    """

    sanctions: Sequence[Sanction] = wire(many(Sanction))
    next: int | None = wire(NUMBER, None)


@dataclass(frozen=True, slots=True)
class Accepted(Reply):
    """These people were let in; the others did not wait any more."""

    people: Sequence[str] = wire(TEXTS)


@dataclass(frozen=True, slots=True)
class OneTimePassword(Reply):
    """The password with which the user signs in once. It is told only now."""

    password: str = wire(TEXT)


@dataclass(frozen=True, slots=True)
class OneTimeInvitation(Item):
    """An invitation that lets one person register.

    :param username: for whom alone it is; None where whoever has it chooses the name.
    :param role: what the new user will be.
    :param by: who made it.
    """

    number: int = wire(NUMBER)
    role: str = wire(TEXT)
    by: str = wire(TEXT)
    expires_at: int = wire(MOMENT)
    username: str | None = wire(TEXT, None)


@dataclass(frozen=True, slots=True)
class Invited(Reply):
    """An invitation was made. Its code is told only now; a link carries it (`chat_protocol.invitations`)."""

    code: str = wire(TEXT)
    number: int = wire(NUMBER)
    role: str = wire(TEXT)
    expires_at: int = wire(MOMENT)
    username: str | None = wire(TEXT, None)


@dataclass(frozen=True, slots=True)
class InvitationList(Reply):
    """The one-time invitations in force, the oldest first, as many as fit."""

    invitations: Sequence[OneTimeInvitation] = wire(many(OneTimeInvitation))


@dataclass(frozen=True, slots=True)
class AuditEntry(Item):
    """An administrative act, or an attempt at one.

    :param actor: who it was, and `origin` from where.
    :param target: on whom or what; empty where on nothing in particular.
    :param allowed: whether it was done.
    """

    at: int = wire(MOMENT)
    actor: str = wire(TEXT)
    origin: str = wire(TEXT)
    action: str = wire(TEXT)
    target: str = wire(TEXT)
    detail: str = wire(TEXT)
    allowed: bool = wire(YES_NO)


@dataclass(frozen=True, slots=True)
class AuditPage(Reply):
    """Entries of the audit, the newest first, as many as fit.

    :param next: `before` of the request for those behind; None where there are none.
    """

    entries: Sequence[AuditEntry] = wire(many(AuditEntry))
    next: int | None = wire(NUMBER, None)
