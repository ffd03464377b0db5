"""What a user is allowed to be: role, one-time password, administrator; it must not know how anyone signs in.

Runs on the thread of whoever acts.
"""

import secrets
from collections.abc import Callable
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.names import clean_username, username_key
from chat_protocol.objects import User
from chat_protocol.own_events import ProfileEvent
from chat_protocol.room_events import AvatarEvent
from chat_protocol.server_events import EndEvent
from chat_server.services.accounts.passwords import check_strength, hash_password, verify_password
from chat_server.services.audience import Audience
from chat_server.services.moderation.audit import Audit
from chat_server.services.vocabulary.actors import ROLES, Actor, require
from chat_server.storage import Storage
from chat_server.storage.core.errors import DuplicateKey
from chat_server.storage.core.records import UserRecord

# No letter or digit that is easily taken for another: the password is read from a screen and typed elsewhere.
ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS: Final = 4
GROUP_CHARS: Final = 4  # 16 of 31 characters: 79 random bits


def make_password() -> str:
    """Return a password that is to be told to somebody, and used once."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP_CHARS)) for _ in range(GROUPS))


class Roles:
    """Give roles and one-time passwords, and make administrators.

    :param storage: keeps the accounts.
    :param audience: ends those who are connected.
    :param audit: records each act.
    :param clock: returns milliseconds since 1970 UTC.
    """

    def __init__(self, storage: Storage, audience: Audience, audit: Audit, clock: Callable[[], int]) -> None:
        self._storage = storage
        self._audience = audience
        self._audit = audit
        self._clock = clock

    def set_role(self, actor: Actor, user: UserRecord, role: str) -> None:
        """Give a user a role.

        :raises ChatError: `forbidden`; also for the last administrator, who cannot be made anything else, and
            for a bot that is to be one.
        """
        with self._audit.act(actor, "role", user.username, f"{user.role} -> {role}"):
            require(actor, "admin")
            if role not in ROLES:
                raise ChatError(ErrorCode.BAD_REQUEST, f"A role is one of {', '.join(ROLES)}.", field="role")
            if role == "admin" and user.is_bot:
                raise ChatError(ErrorCode.FORBIDDEN, f"{user.username} is a bot; it cannot administer.")
            if user.role == "admin" and role != "admin" and self._is_last_admin(user):
                raise ChatError(ErrorCode.FORBIDDEN, f"{user.username} is the last administrator.")
            self._storage.users.set_role(user.id, role)
            if (account := self._audience.account_of(user.id)) is not None:
                account.role = role
            self._audience.elsewhere("user", user.id)
            self._audience.to_user(
                user.id, ProfileEvent(User(user.username, user.display_name, role, user.avatar))
            )

    def one_time_password(self, actor: Actor, user: UserRecord) -> str:
        """Set a password that must be changed at the next sign-in; every session and token of the user ends.

        :return: the password, to be told to the user; it is kept nowhere else.
        :raises ChatError: `forbidden`.
        """
        with self._audit.act(actor, "password", user.username, "one-time password"):
            require(actor, "admin")
            _refuse_bot(user)
            password = make_password()
            self._storage.users.set_password(user.id, hash_password(password), one_time=True)
            self._end(user, "Your password was reset by an administrator.")
        return password

    def make_external(self, actor: Actor, user: UserRecord) -> None:
        """Have a user sign in with the password that another program knows; the one that is kept here ends.

        :raises ChatError: `forbidden`.
        """
        with self._audit.act(actor, "external user", user.username):
            require(actor, "admin")
            _refuse_bot(user)
            self._storage.users.set_external(user.id)

    def erase(self, actor: Actor, user: UserRecord) -> None:
        """Remove a user's account and addresses; the messages stay, of a former member.

        :raises ChatError: `forbidden`; also for the last administrator.
        """
        with self._audit.act(actor, "erase user", user.username):
            require(actor, "admin")
            if self._is_last_admin(user):
                raise ChatError(ErrorCode.FORBIDDEN, f"{user.username} is the last administrator.")
            # First: from here on nobody signs in as this user.
            self._storage.users.erase(user.id)
            self._end(user, "Your account was removed.")
            self._audience.changed("user", user.id)
            if user.avatar:
                self._audience.to_everyone(AvatarEvent(user.username))

    def create_admin(self, actor: Actor, name: str, password: str, *, reset: bool = False) -> UserRecord:
        """Make an administrator's account.

        :param reset: take an account that exists: it becomes an administrator's, with this password.
        :raises ChatError: `invalid_username`, `weak_password`, or `username_taken` without `reset`.
        """
        with self._audit.act(actor, "create admin", name[:40]):
            require(actor, "admin")
            username, key = clean_username(name), username_key(name)
            check_strength(password, username)
            known = self._storage.users.by_key(key)
            if known is None:
                return self._create(username, key, password)
            _refuse_bot(known)
            if not reset:
                raise ChatError(ErrorCode.USERNAME_TAKEN, f"{known.username} has an account already.")
            self._storage.users.set_password(known.id, hash_password(password))
            self._storage.users.set_role(known.id, "admin")
            self._end(known, "Your password was set by an administrator.")
            return known

    def sign_in(self, name: str, password: str, origin: str, addresses: tuple[str, ...] = ()) -> Actor:
        """Return the administrator of this name and password.

        :param origin: from where, for the audit.
        :raises ChatError: `invalid_credentials`, alike for an unknown name, a wrong password and a plain
            member.
        """
        try:
            user = self._storage.users.by_key(username_key(name))
        except ChatError:
            user = None
        right = verify_password(password, user.password_hash if user else None)
        if user is None or not right or user.role != "admin" or user.is_bot:
            unknown = Actor(name[:40] or "?", "member", origin)
            self._audit.record(unknown, "sign in", "", "refused", allowed=False)
            raise ChatError(
                ErrorCode.INVALID_CREDENTIALS, "This is not the name and password of an administrator."
            )
        actor = Actor(user.username, user.role, origin, user.id, addresses)
        self._audit.record(actor, "sign in")
        return actor

    def has_admin(self) -> bool:
        """Return whether anyone can sign in to the console."""
        return self._storage.users.has_admin()

    def _create(self, username: str, key: str, password: str) -> UserRecord:
        hashed = hash_password(password)
        try:
            return self._storage.users.create(username, key, username, hashed, self._clock(), role="admin")
        except DuplicateKey:
            raise ChatError(ErrorCode.USERNAME_TAKEN, f"{username} has an account already.") from None

    def _end(self, user: UserRecord, reason: str) -> None:
        self._storage.tokens.remove_all(user.id)
        valid = {each.token_hash for each in self._storage.tokens.of_user(user.id)}
        self._audience.end_user(user.id, EndEvent("killed", reason), valid=valid)

    def _is_last_admin(self, user: UserRecord) -> bool:
        if user.role != "admin":
            return False
        everyone = self._storage.users.listing("", limit=1_000_000)
        return not any(other.role == "admin" and other.id != user.id for other in everyone)


def _refuse_bot(user: UserRecord) -> None:
    if user.is_bot:
        raise ChatError(ErrorCode.FORBIDDEN, f"{user.username} is a bot; it has no password.")


def find_user(storage: Storage, name: str) -> UserRecord:
    """Return the user of this name, in any of its spellings, with or without `@`.

    :raises ChatError: `no_such_user`.
    """
    try:
        user = storage.users.by_key(username_key(name))
    except ChatError as invalid:
        raise ChatError(ErrorCode.NO_SUCH_USER, f"“{name[:40]}” is no username: {invalid.message}") from None
    if user is None:
        raise ChatError(ErrorCode.NO_SUCH_USER, f"There is no user “{name[:40]}”.")
    return user
