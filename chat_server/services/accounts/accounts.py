"""Accounts: registering, signing in and out, passwords; it must not know the wire nor how sockets end.

Runs on client threads; it may wait for the database and for a turn to hash a password.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.names import clean_username, fold_text, username_key
from chat_protocol.objects import User
from chat_protocol.own_replies import SignedIn
from chat_protocol.times import to_rfc3339
from chat_server.limits import RETRY_AFTER_S
from chat_server.live.address_groups import address_groups
from chat_server.live.presence import Presence
from chat_server.live.rates import Rates
from chat_server.live.registry import ConnectionRegistry
from chat_server.live.session import Account, Session
from chat_server.services.accounts.devices import Devices
from chat_server.services.accounts.one_time_invitations import no_invitation
from chat_server.services.accounts.passwords import (
    check_strength,
    hash_password,
    is_outdated,
    verify_password,
)
from chat_server.services.accounts.registration import Registration
from chat_server.services.moderation.sanctions import SanctionBook
from chat_server.services.people.people import clean_display_name
from chat_server.services.rooms.rooms import Rooms
from chat_server.services.vocabulary.hashes import hash_secret
from chat_server.storage import Storage
from chat_server.storage.core.errors import DuplicateKey, NoSuchInvitation
from chat_server.storage.core.records import InvitationRecord, SanctionRecord, UserRecord

_SANCTION_CODES: Final = {"kick": ErrorCode.KICKED, "ban": ErrorCode.BANNED}
# By the kind of the account: why it cannot change its password here.
_PASSWORD_ELSEWHERE: Final = {
    "external": "Your password is not kept here; change it where you got it.",
    "bot": "A bot has no password; an administrator gives it another token.",
}


class Accounts:
    """Let people in.

    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(
        self,
        storage: Storage,
        registry: ConnectionRegistry,
        rooms: Rooms,
        sanctions: SanctionBook,
        devices: Devices,
        registration: Registration,
        presence: Presence,
        rates: Rates,
        clock: Callable[[], int],
    ) -> None:
        self._storage = storage
        self._registry = registry
        self._rooms = rooms
        self._sanctions = sanctions
        self._devices = devices
        self._registration = registration
        self._presence = presence
        self._rates = rates
        self._clock = clock

    def register(
        self,
        session: Session,
        name: str,
        password: str,
        display_name: str | None,
        device: str = "",
        *,
        code: str = "",
    ) -> SignedIn:
        """Create an account and sign in.

        :param device: what the client calls itself.
        :param code: of a one-time invitation, which lets in while registration is closed.
        :raises ChatError: `registration_closed`, `invalid_invitation`, `invalid_username`, `weak_password`,
            `username_taken`, `rate_limited`, or a sanction on the address.
        """
        self._refuse_sanctioned(None, session.address)
        if not code and not self._registration.is_open():
            raise ChatError(ErrorCode.REGISTRATION_CLOSED, "Only an administrator can create accounts here.")
        username = clean_username(name)
        invitation = self._registration.invitations.find(code, username, session.address) if code else None
        check_strength(password, username)
        user = self._create(session, username, display_name, password, invitation)
        self._rooms.welcome(user)
        return self._enter(session, user, self._new_token(session, user, device))

    def login(self, session: Session, name: str, password: str, device: str = "") -> SignedIn:
        """Sign in with the password; the user's other connections are told.

        :param device: what the client calls itself.
        :raises ChatError: `invalid_credentials`, `kicked` or `banned`, `rate_limited`; `unavailable` when who
            knows the password cannot be asked.
        """
        self._refuse_sanctioned(None, session.address)
        key = fold_text(name.removeprefix("@"))
        self._rates.check_guess(session.address, key)
        user = self._storage.users.by_key(key)
        known = user is not None and self._was_here(user, session.address)
        if not known:
            self._rates.check_guesses_of_others(session.address, key)
        counted = self._rates.guesses.wrong(key, session.address)
        try:
            user = self._checked(session, user, name, password, known=known)
        except BaseException:  # nobody could say that it is wrong
            self._rates.guesses.untried(counted)
            raise
        if user is None or user.erased or user.is_bot:
            raise ChatError(ErrorCode.INVALID_CREDENTIALS, "The username or the password is wrong.")
        self._refuse_sanctioned(user, session.address)
        self._rates.guesses.right(key, session.address)
        user = self._with_new_hash(user, password)
        reply = self._enter(session, user, self._new_token(session, user, device))
        self._devices.announce(session, device)
        return reply

    def _checked(
        self, session: Session, user: UserRecord | None, name: str, password: str, *, known: bool
    ) -> UserRecord | None:
        """Return whose password it is; None when the name or the password is wrong."""
        external = self._registration.external
        if external is not None and external.decides(user):
            return external.sign_in(user, name, password, session.address)
        group = address_groups(session.address)[0]
        right = verify_password(password, user.password_hash if user else None, group, known=known)
        return user if right else None

    def resume(self, session: Session, token: str, device: str = "") -> SignedIn:
        """Sign in with a token.

        :param device: what the client calls itself; nothing leaves it as it was.
        :raises ChatError: `invalid_credentials` when it is unknown or has ended, `kicked` or `banned`.
        """
        self._refuse_sanctioned(None, session.address)
        user = self._devices.come_back(token, session.address, device)
        if user is None:
            raise ChatError(
                ErrorCode.INVALID_CREDENTIALS, "This sign-in has ended; sign in with the password."
            )
        self._rates.check_return(user.id)
        return self._enter(session, user, token)

    def change_password(self, session: Session, old: str, new: str) -> str:
        """Change the password; every other token and session of the user ends.

        :return: a fresh token for this session.
        :raises ChatError: `invalid_credentials` for a wrong old password, `weak_password`; `forbidden` when
            it is kept elsewhere, and for a bot.
        """
        self._rates.check_guess(session.address, session.user_key)
        user = self._storage.users.by_id(session.user_id)
        if user is not None and user.kind in _PASSWORD_ELSEWHERE:
            raise ChatError(ErrorCode.FORBIDDEN, _PASSWORD_ELSEWHERE[user.kind])
        if user is None or not verify_password(old, user.password_hash):
            raise ChatError(ErrorCode.INVALID_CREDENTIALS, "The present password is wrong.")
        check_strength(new, user.username, "new")
        if old == new:
            raise ChatError(
                ErrorCode.WEAK_PASSWORD, "The new password must differ from the old one.", field="new"
            )
        hashed = hash_password(new)
        if not self._storage.users.replace_password(user.id, user.password_hash, hashed):
            raise _changed()
        renewed = replace(user, password_hash=hashed)
        token = self._devices.replace_all(renewed, session.token_hash, session.address)
        if token is None:
            raise _changed()
        session.token_hash = hash_secret(token)
        if session.account.must_change_password:
            session.account.must_change_password = session.quiet = False
        reason = "The password was changed elsewhere; sign in again."
        self._devices.end_connections(user.id, reason, besides=session.id)
        return token

    def logout(self, session: Session) -> None:
        """End this sign-in's token, and the other connections that it serves."""
        self._devices.sign_out(session.user_id, session.token_hash, besides=session.id)

    def _create(
        self,
        session: Session,
        username: str,
        display_name: str | None,
        password: str,
        invitation: InvitationRecord | None,
    ) -> UserRecord:
        """Make an account; an invitation is used up by it, and stays where that fails."""
        key = username_key(username)
        shown = clean_display_name(display_name) if display_name else username
        if self._storage.users.by_key(key) is not None:
            raise _taken(username)
        hashed = hash_password(password, address_groups(session.address)[0], known=False)
        role, used = (invitation.role, invitation.id) if invitation else ("member", None)
        try:
            user = self._storage.users.create(username, key, shown, hashed, self._clock(), role, used)
        except DuplicateKey:
            raise _taken(username) from None
        except NoSuchInvitation:
            raise no_invitation() from None
        if invitation is not None:
            self._registration.invitations.used(invitation, user, session.address)
        return user

    def _new_token(self, session: Session, user: UserRecord, device: str) -> str:
        token = self._devices.sign_in(user, session.address, device)
        if token is None:
            raise _changed()
        # At once, not with those who stay for a while: what is known of an address decides whether the next
        # sign-in there has to wait for what others guess.
        self._storage.users.seen([(user.id, session.address)], self._clock())
        return token

    def _was_here(self, user: UserRecord, address: str) -> bool:
        """Return whether the user has signed in from the address's group before."""
        group = address_groups(address)[0]
        return any(address_groups(one)[0] == group for one, _, _ in self._storage.users.addresses(user.id))

    def _with_new_hash(self, user: UserRecord, password: str) -> UserRecord:
        """Hash a right password again where its hash is of an earlier release's parameters."""
        if user.kind == "external" or not is_outdated(user.password_hash):
            return user
        renewed = hash_password(password)
        if not self._storage.users.renew_hash(user.id, user.password_hash, renewed):
            raise _changed()
        return replace(user, password_hash=renewed)

    def _confirm(self, session: Session) -> None:
        """Look again, now that the session is entered, whether it still may be and with which role.

        Who changes an account writes to storage first and then to the sessions that are entered: one of the
        two sees the other.

        :raises ChatError: `invalid_credentials` when the token was ended meanwhile.
        """
        while True:
            user = self._storage.tokens.user_of(session.token_hash)
            if user is None:
                raise _changed()
            if user.role == session.role:
                return
            session.account.role = user.role

    def _enter(self, session: Session, user: UserRecord, token: str) -> SignedIn:
        """Make the session the user's, and describe the user's world.

        The session is registered first and the rooms' `last_seq` are read afterwards, so that each message
        is in one of the two: below `last_seq`, or delivered. What is delivered meanwhile is held back.
        """
        session.hold()
        session.token_hash = hash_secret(token)
        session.account = Account(
            user.id,
            user.username,
            user.username_key,
            user.display_name,
            user.role,
            user.one_time_password,
            bot=user.is_bot,
            avatar=user.avatar,
        )
        session.buckets = self._rates.buckets_of(user.id)
        if not self._registry.add(session, self._rates.connections_per_user):
            session.forget_account()
            raise ChatError(
                ErrorCode.RATE_LIMITED, "You are connected too many times; end another connection first.",
                retry_after=RETRY_AFTER_S,
            )  # fmt: skip
        session.quiet = session.account.must_change_password  # who has a one-time password reads nothing yet
        try:
            self._confirm(session)
            self._refuse_sanctioned(user, session.address)  # again: a kick may have come in between
            self._rooms.enter(session)
            rooms = self._rooms.overview(session)
        except BaseException:
            self._registry.closed(session)
            session.forget_account()
            raise
        self._presence.signed_in(session)
        return SignedIn(
            user=User(user.username, user.display_name, session.role, user.avatar),
            must_change_password=user.one_time_password or None,
            token=token,
            rooms=rooms,
        )

    def _refuse_sanctioned(self, user: UserRecord | None, address: str) -> None:
        record = self._sanctions.check_address(address)
        if record is None and user is not None:
            record = self._sanctions.check_user(user.id)
        if record is not None:
            raise sanction_error(record)


def sanction_error(record: SanctionRecord) -> ChatError:
    """Return the `kicked` or `banned` error of a sanction."""
    until = None if record.until is None else to_rfc3339(record.until)
    if record.kind == "ban":
        message = "You are banned from this server."
    else:
        message = f"You may not sign in before {until or 'an administrator allows it'}."
    return ChatError(_SANCTION_CODES[record.kind], message, reason=record.reason, until=until)


def _changed() -> ChatError:
    return ChatError(
        ErrorCode.INVALID_CREDENTIALS, "This account was changed meanwhile; sign in with the new password."
    )


def _taken(username: str) -> ChatError:
    return ChatError(ErrorCode.USERNAME_TAKEN, f"The username “{username}” is taken.", field="username")
