"""One-time invitations: a secret code lets one person register while nobody else may; it must not know links.

Runs on client threads and the console's. The code is told once; only its hash is kept.
"""

import secrets
import threading
from collections.abc import Callable
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import INVITATION_DAYS_MAX
from chat_protocol.names import clean_username, username_key
from chat_server.live.rates import Rates
from chat_server.services.moderation.audit import Audit
from chat_server.services.vocabulary.actors import ROLES, Actor, require
from chat_server.services.vocabulary.durations import UNITS_MS
from chat_server.services.vocabulary.hashes import hash_secret
from chat_server.storage import Storage
from chat_server.storage.core.records import InvitationRecord, UserRecord

DAYS_USUAL: Final = 7
DAYS_MAX: Final = 365
_CODE_BYTES: Final = 16  # 128 random bits: nobody guesses one, and the link stays short


class OneTimeInvitations:
    """Make invitations, say for whom a code is, and end them.

    :param audit: records who made and ended which, and who came by it.
    :param rates: how often codes may be guessed.
    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(self, storage: Storage, audit: Audit, rates: Rates, clock: Callable[[], int]) -> None:
        self._storage = storage
        self._audit = audit
        self._rates = rates
        self._clock = clock
        self._lock = threading.Lock()  # guards _ends
        self._ends = {each.id: each.expires_at for each in self.in_force()}

    def count(self) -> int:
        """Count those in force, without asking the database."""
        now = self._clock()
        with self._lock:
            return sum(end > now for end in self._ends.values())

    def in_force(self) -> list[InvitationRecord]:
        """List the invitations that still let somebody in, the oldest first."""
        return self._storage.invitations.in_force(self._clock())

    def make(
        self, actor: Actor, username: str = "", role: str = "member", days: int = DAYS_USUAL
    ) -> tuple[InvitationRecord, str]:
        """Make an invitation, and return it with its code, which is kept nowhere.

        :param username: for whom; empty where whoever has the code chooses the name.
        :param role: what the new user will be.
        :raises ChatError: `forbidden`, `invalid_username`, `username_taken`, `bad_request`.
        """
        with self._audit.act(actor, "invite", username, f"{role}, {days} days") as act:
            require(actor, "admin")
            if username:
                username = clean_username(username)
                if self._storage.users.by_key(username_key(username)) is not None:
                    raise ChatError(ErrorCode.USERNAME_TAKEN, f"{username} has an account already.")
            if role not in ROLES or not 1 <= days <= INVITATION_DAYS_MAX:
                message = f"An invitation holds for 1 to {INVITATION_DAYS_MAX} days."
                raise ChatError(ErrorCode.BAD_REQUEST, message)
            code, now = secrets.token_urlsafe(_CODE_BYTES), self._clock()
            made = self._storage.invitations.add(
                hash_secret(code), username, role, actor.name, now, now + days * UNITS_MS["d"]
            )
            with self._lock:
                self._ends = {id_: end for id_, end in self._ends.items() if end > now}
                self._ends[made.id] = made.expires_at
            act.note(f"invitation {made.id}")
        return made, code

    def revoke(self, actor: Actor, number: int) -> None:
        """End an invitation.

        :raises ChatError: `forbidden`; `bad_request` when there is none of this number.
        """
        with self._audit.act(actor, "revoke invitation", str(number)):
            require(actor, "admin")
            if not self._storage.invitations.remove(number):
                raise ChatError(ErrorCode.BAD_REQUEST, f"There is no invitation {number}.")
            self._gone(number)

    def find(self, code: str, username: str, address: str) -> InvitationRecord:
        """Return the invitation of a code. It is used up when the account is made, not here.

        :param username: who wants to register with it.
        :param address: from where; wrong codes cost there what wrong passwords cost.
        :raises ChatError: `invalid_invitation`, also when it is for another name; `rate_limited`.
        """
        self._rates.check_code(address)
        found = self._storage.invitations.by_code(hash_secret(code), self._clock())
        if found is None:
            self._rates.guesses.wrong_code(address)
            raise no_invitation()
        if found.username and username_key(found.username) != username_key(username):
            message = f"This invitation is for the username “{found.username}”."
            raise ChatError(ErrorCode.INVALID_INVITATION, message, field="username")
        return found

    def used(self, invitation: InvitationRecord, user: UserRecord, address: str) -> None:
        """Record who came by an invitation."""
        self._gone(invitation.id)
        actor = Actor(user.username, user.role, f"wire {address}", user.id, (address,))
        detail = f"{user.role}; invited by {invitation.by_name}"
        self._audit.record(actor, "use invitation", str(invitation.id), detail)

    def _gone(self, number: int) -> None:
        with self._lock:
            self._ends.pop(number, None)


def no_invitation() -> ChatError:
    """Return the error of a code that lets nobody in, or nobody any more."""
    message = "This invitation was used or revoked, or it has expired; ask for another one."
    return ChatError(ErrorCode.INVALID_INVITATION, message)
