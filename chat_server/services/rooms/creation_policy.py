"""Who may make rooms of which kind: a setting for each kind; it must not know how a room is made."""

import json
from typing import Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.services.audience import Audience
from chat_server.services.moderation.audit import Audit
from chat_server.services.vocabulary.actors import ROLES, Actor, Role
from chat_server.services.vocabulary.actors import require as require_role
from chat_server.storage import Storage

SETTING: Final = "create_rooms"
DEFAULTS: Final[dict[str, Role]] = {"public": "admin", "moderated": "admin", "private": "member"}


class CreationPolicy:
    """Keep which role it takes to make a room.

    :param storage: keeps what the administrator chose, over restarts.
    :param audience: lets every server know.
    :param audit: records each change.
    """

    def __init__(self, storage: Storage, audience: Audience, audit: Audit) -> None:
        self._storage = storage
        self._audience = audience
        self._audit = audit
        self._roles: dict[str, Role]  # replaced as a whole
        self._read()
        audience.on_change("setting", lambda _key: self._read())

    def roles(self) -> dict[str, Role]:
        """Return the least role that makes rooms, by kind."""
        return dict(self._roles)

    def kinds_for(self, actor: Actor) -> tuple[str, ...]:
        """Return the kinds of rooms that somebody may make."""
        return tuple(kind for kind, role in self._roles.items() if actor.may_act_as(role))

    def require(self, actor: Actor, kind: str) -> None:
        """Let only those pass who may make a room of this kind.

        :raises ChatError: `forbidden`.
        """
        if not actor.may_act_as(self._roles[kind]):
            message = f"Only a user with the role “{self._roles[kind]}” may make a {kind} room here."
            raise ChatError(ErrorCode.FORBIDDEN, message)

    def change(self, actor: Actor, kind: str, role: Role) -> None:
        """Choose the least role that makes rooms of a kind.

        :raises ChatError: `forbidden`.
        """
        with self._audit.act(actor, "policy", f"create-rooms {kind}", role):
            require_role(actor, "admin")
            self._read()  # another server may have changed another kind's a moment ago
            self._storage.settings.set(SETTING, json.dumps(self._roles | {kind: role}))
            self._audience.changed("setting", 0)

    def _read(self) -> None:
        stored = json.loads(self._storage.settings.get(SETTING) or "{}")
        self._roles = DEFAULTS | {
            kind: role for role in ROLES for kind in DEFAULTS if stored.get(kind) == role
        }
