"""Accounts whose passwords are kept elsewhere: made at the first sign-in, kept up with what is said there.

A local account is never asked about: no name in a directory takes an account of this server over.
"""

import logging
from collections.abc import Callable
from typing import Final

from chat_protocol.errors import ChatError
from chat_protocol.names import clean_username, username_key
from chat_protocol.room_events import RoomEvent
from chat_server.live.directory import RoomDirectory
from chat_server.services.accounts.auth_command import AuthCommand, Verdict
from chat_server.services.audience import Audience
from chat_server.services.people.roles import Roles
from chat_server.services.rooms.rooms import Rooms
from chat_server.services.vocabulary.actors import Actor
from chat_server.storage import Storage
from chat_server.storage.core.errors import DuplicateKey
from chat_server.storage.core.records import UserRecord

_log = logging.getLogger("chat.accounts")

ACTOR: Final = Actor("auth-command", "admin", "sign-in")


class ExternalAccounts:
    """Let in whom an administrator's program lets in.

    :param clock: milliseconds since 1970 UTC.
    """

    def __init__(
        self,
        command: AuthCommand,
        storage: Storage,
        directory: RoomDirectory,
        audience: Audience,
        rooms: Rooms,
        roles: Roles,
        clock: Callable[[], int],
    ) -> None:
        self._command = command
        self._storage = storage
        self._directory = directory
        self._audience = audience
        self._rooms = rooms
        self._roles = roles
        self._clock = clock

    def decides(self, user: UserRecord | None) -> bool:
        """Return whether the program is asked about a user, or about a name that nobody has here."""
        return user is None or user.kind == "external"

    def sign_in(self, user: UserRecord | None, name: str, password: str, address: str) -> UserRecord | None:
        """Return the account of who signs in, made if need be; None when the name or the password is wrong.

        :raises ChatError: `unavailable` when nobody can tell just now.
        """
        try:
            username = user.username if user is not None else clean_username(name)
        except ChatError:  # a name that no account can have
            return None
        verdict = self._command.ask(username, password, address)
        if verdict is None:
            return None
        if user is None:
            user = self._create(username, verdict)
        if user.kind != "external":  # somebody took the name meanwhile
            return None
        self._follow(user, verdict)
        return self._storage.users.by_id(user.id)

    def _create(self, username: str, verdict: Verdict) -> UserRecord:
        key = username_key(username)
        try:
            user = self._storage.users.create(
                username, key, verdict.display_name or username, "", self._clock(), kind="external"
            )
        except DuplicateKey:  # the same user signs in twice at once
            user_there = self._storage.users.by_key(key)
            assert user_there is not None
            return user_there
        self._rooms.welcome(user)
        return user

    def _follow(self, user: UserRecord, verdict: Verdict) -> None:
        """Give the role and the rooms that the program names; rooms that it does not name are kept."""
        if verdict.role and verdict.role != user.role:
            try:
                self._roles.set_role(ACTOR, user, verdict.role)
            except ChatError as refusal:  # the last administrator stays one
                _log.warning("%s keeps the role %s: %s", user.username, user.role, refusal.message)
        joined = {one.room_id for one in self._storage.members.of_user(user.id) if one.state == "joined"}
        for name in verdict.rooms:
            try:
                conversation = self._directory.conversation(name)
            except ChatError:
                _log.warning("%s cannot be let into %r: there is no such room", user.username, name)
                continue
            if conversation.id not in joined:
                view = self._rooms.let_in(user.id, user.username, user.display_name, conversation)
                self._audience.to_user(user.id, RoomEvent(view))
