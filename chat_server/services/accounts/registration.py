"""Whether new users may register; it must not know how an account is made."""

from typing import Final

from chat_protocol.errors import ChatError, ErrorCode
from chat_server.services.accounts.external import ExternalAccounts
from chat_server.services.accounts.one_time_invitations import OneTimeInvitations
from chat_server.services.audience import Audience
from chat_server.services.moderation.audit import Audit
from chat_server.services.vocabulary.actors import Actor, require
from chat_server.storage import Storage

SETTING: Final = "registration"
OPEN: Final = "open"
CLOSED: Final = "closed"


class Registration:
    """Keep the door open or closed, over restarts.

    :param storage: keeps what the administrator chose.
    :param audience: lets every server know.
    :param audit: records each change.
    :param invitations: what lets single people in while it is closed.
    :param external: the accounts that are kept elsewhere; with them the door is closed, whatever was chosen.
    :param default: what holds as long as no administrator has chosen; the command line's option.
    """

    def __init__(
        self,
        storage: Storage,
        audience: Audience,
        audit: Audit,
        invitations: OneTimeInvitations,
        default: str = OPEN,
        *,
        external: ExternalAccounts | None = None,
    ) -> None:
        self.invitations = invitations
        self._storage = storage
        self._audience = audience
        self._audit = audit
        self._default = default
        self.external = external
        self._read()
        audience.on_change("setting", lambda _key: self._read())

    @property
    def state(self) -> str:
        """Return `open` or `closed`."""
        return CLOSED if self.external is not None else self._chosen or self._default

    def is_open(self) -> bool:
        """Return whether newcomers may register."""
        return self.state == OPEN

    def change(self, actor: Actor, state: str) -> None:
        """Open or close the door; it stays so over a restart.

        :raises ChatError: `forbidden`; also to open it while accounts are made elsewhere.
        """
        with self._audit.act(actor, "registration", "", state):
            require(actor, "admin")
            if self.external is not None and state == OPEN:
                message = "Accounts are made elsewhere (--auth-command): names wait there for their owners."
                raise ChatError(ErrorCode.FORBIDDEN, message)
            self._storage.settings.set(SETTING, state)
            self._audience.changed("setting", 0)

    def _read(self) -> None:
        self._chosen = self._storage.settings.get(SETTING)
