"""Who carries out an administrative act, with which role and from where; it must not know any act."""

from dataclasses import dataclass
from typing import Final, Literal

from chat_protocol.errors import ChatError, ErrorCode

Role = Literal["member", "moderator", "admin"]

ROLES: Final[tuple[Role, ...]] = ("member", "moderator", "admin")  # each may do what those before it may


@dataclass(frozen=True, slots=True)
class Actor:
    """Name the one who acts.

    :param name: a username, or the name of the operating system's user behind the admin socket.
    :param role: one of :data:`ROLES`.
    :param origin: `console`, `socket uid 1000` or `wire 192.0.2.1`, as the audit keeps it.
    :param user_id: the account, where there is one.
    :param addresses: the network addresses the actor works from; a sanction on one of them asks first.
    """

    name: str
    role: str
    origin: str
    user_id: int | None = None
    addresses: tuple[str, ...] = ()

    def may_act_as(self, role: Role) -> bool:
        """Return whether the actor's role reaches `role`."""
        return rank(self.role) >= rank(role)


def rank(role: str) -> int:
    """Return the place of a role among :data:`ROLES`; an unknown one ranks lowest."""
    return ROLES.index(role) if role in ROLES else 0


def require(actor: Actor, role: Role) -> None:
    """Let only actors of this role or a higher one pass.

    :raises ChatError: `forbidden`.
    """
    if not actor.may_act_as(role):
        raise ChatError(ErrorCode.FORBIDDEN, f"Only a user with the role “{role}” may do this.")
