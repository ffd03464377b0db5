"""What administrators ask for: roles, passwords, devices, invitations, the audit; it decides on no right."""

from collections.abc import Callable
from dataclasses import replace

from chat_client.engine.core import Core
from chat_client.model.changes import InvitationMade, ListChanged, PasswordMade, RequestDone
from chat_protocol.invitations import Invitation
from chat_protocol.moderation_replies import AuditPage, InvitationList, Invited, OneTimePassword
from chat_protocol.moderation_requests import (
    ModerationAudit,
    ModerationDevices,
    ModerationEndDevice,
    ModerationInvitations,
    ModerationInvite,
    ModerationPassword,
    ModerationRevoke,
    ModerationRole,
)
from chat_protocol.own_replies import DeviceList


class Administration:
    """Ask the server for what administrators do; lists are kept in `state.lists`.

    :param invitation: returns the link to this server, without a code.
    """

    def __init__(self, core: Core, invitation: Callable[[], Invitation]) -> None:
        self._core = core
        self._invitation = invitation

    def set_role(self, username: str, role: str) -> None:
        """Give a user a role."""

        def done(_reply: object) -> None:
            directory = self._core.state.lists.directory
            told = "" if role == "member" else role
            for place, member in enumerate(directory.items or ()):
                if directory.items and member.username == username:
                    directory.items[place] = replace(member, role=told)
            self._core.emit(ListChanged("directory"), RequestDone(ModerationRole.TYPE))

        self._core.ask(ModerationRole(username, role), done)

    def one_time_password(self, username: str) -> None:
        """Set a one-time password for another user; it comes in the change, and is kept nowhere."""

        def made(reply: OneTimePassword) -> None:
            self._core.emit(PasswordMade(username, reply.password))

        self._core.ask(ModerationPassword(username), made)

    def devices(self, username: str) -> None:
        """Ask where a user is signed in."""
        lists = self._core.state.lists
        lists.devices, lists.devices_of = None, username

        def listed(reply: DeviceList) -> None:
            if lists.devices_of == username:
                lists.devices = list(reply.devices)
                self._core.emit(ListChanged("devices"))

        self._core.ask(ModerationDevices(username), listed)

    def end_device(self, username: str, device: str | None = None) -> None:
        """Sign a user out on one device, or without an id on all."""
        lists = self._core.state.lists

        def ended(_reply: object) -> None:
            if lists.devices_of == username and lists.devices is not None:
                lists.devices = [each for each in lists.devices if device not in (None, each.id)]
            self._core.emit(ListChanged("devices"), RequestDone(ModerationEndDevice.TYPE))

        self._core.ask(ModerationEndDevice(username, device), ended)

    def invite(self, username: str = "", role: str = "member", days: int | None = None) -> None:
        """Make a one-time invitation; its link comes in the change, and is kept nowhere."""

        def made(reply: Invited) -> None:
            name = reply.username or ""
            link = replace(self._invitation(), code=reply.code, username=name).link()
            self._core.emit(InvitationMade(link, name, reply.role, reply.expires_at))

        self._core.ask(ModerationInvite(username or None, role, days), made)

    def invitations(self) -> None:
        """Ask for the one-time invitations in force."""
        lists = self._core.state.lists

        def listed(reply: InvitationList) -> None:
            lists.invitations = list(reply.invitations)
            self._core.emit(ListChanged("invitations"))

        self._core.ask(ModerationInvitations(), listed)

    def revoke(self, number: int) -> None:
        """End a one-time invitation."""
        lists = self._core.state.lists

        def done(_reply: object) -> None:
            lists.invitations = [one for one in lists.invitations or () if one.number != number]
            self._core.emit(ListChanged("invitations"), RequestDone(ModerationRevoke.TYPE))

        self._core.ask(ModerationRevoke(number), done)

    def audit(self, actor: str = "", target: str = "", *, more: bool = False) -> None:
        """Ask for the audit: what `actor` did, what was done to `target`; with `more` for the page behind."""
        audit = self._core.state.lists.audit

        def listed(page: AuditPage) -> None:
            audit.take(page.entries, page.next, more=more)
            self._core.emit(ListChanged("audit"))

        before = audit.next if more and isinstance(audit.next, int) else None
        self._core.ask(ModerationAudit(before, actor=actor or None, target=target or None), listed)
