"""Answers to administrators' requests; who may do what, and the audit, are the services' own."""

from chat_protocol.errors import bad_request
from chat_protocol.moderation_replies import (
    AuditEntry,
    AuditPage,
    InvitationList,
    Invited,
    OneTimeInvitation,
    OneTimePassword,
)
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
from chat_protocol.own_replies import DeviceList, DevicesEnded
from chat_protocol.paging import fitting
from chat_protocol.reply import Done
from chat_server.conversation.acting import actor_of
from chat_server.conversation.context import Services
from chat_server.conversation.dispatch import handles
from chat_server.live.session import Session
from chat_server.services.accounts.one_time_invitations import DAYS_USUAL
from chat_server.storage.core.records import UserRecord


@handles(ModerationRole)
def role(services: Services, session: Session, request: ModerationRole) -> Done:
    """Give a user a role."""
    user = _user(services, session, "role", request.username)
    services.roles.set_role(actor_of(session), user, request.role)
    return Done()


@handles(ModerationPassword)
def password(services: Services, session: Session, request: ModerationPassword) -> OneTimePassword:
    """Set a one-time password; not one's own, since the answer would not arrive any more."""
    user = _user(services, session, "password", request.username)
    if user.id == session.user_id:
        raise bad_request("username", "Change your own password with the old one.")
    return OneTimePassword(services.roles.one_time_password(actor_of(session), user))


@handles(ModerationDevices)
def devices(services: Services, session: Session, request: ModerationDevices) -> DeviceList:
    """List where a user is signed in."""
    user = _user(services, session, "devices", request.username)
    return DeviceList(services.devices.seen_by(session, user))


@handles(ModerationEndDevice)
def end_device(services: Services, session: Session, request: ModerationEndDevice) -> DevicesEnded:
    """Sign a user out on one device, or on all."""
    user = _user(services, session, "end device", request.username)
    return DevicesEnded(services.devices.end(actor_of(session), user, request.id))


@handles(ModerationInvite)
def invite(services: Services, session: Session, request: ModerationInvite) -> Invited:
    """Make a one-time invitation."""
    days = DAYS_USUAL if request.days is None else request.days
    made, code = services.invitations.make(actor_of(session), request.username or "", request.role, days)
    return Invited(code, made.id, made.role, made.expires_at, made.username or None)


@handles(ModerationInvitations)
def invitations(services: Services, session: Session, request: ModerationInvitations) -> InvitationList:
    """List the one-time invitations in force."""
    services.moderation.admit(actor_of(session), "admin", "invitations")
    found = [
        OneTimeInvitation(one.id, one.role, one.by_name, one.expires_at, one.username or None)
        for one in services.invitations.in_force()
    ]
    return InvitationList(found[: fitting(found)])


@handles(ModerationRevoke)
def revoke(services: Services, session: Session, request: ModerationRevoke) -> Done:
    """End a one-time invitation."""
    services.invitations.revoke(actor_of(session), request.number)
    return Done()


@handles(ModerationAudit)
def audit(services: Services, session: Session, request: ModerationAudit) -> AuditPage:
    """Read the audit, a page at a time."""
    records = services.audit.page(
        actor_of(session), request.before, request.limit + 1, request.actor, request.target
    )
    entries = [
        AuditEntry(one.at, one.actor, one.origin, one.action, one.target, one.detail, one.allowed)
        for one in records
    ]
    end = min(request.limit, fitting(entries))
    return AuditPage(entries[:end], records[end - 1].id if end < len(entries) else None)


def _user(services: Services, session: Session, action: str, name: str) -> UserRecord:
    """Return whom an administrator names; who is none learns nothing, not even whether there is such a user.

    :raises ChatError: `forbidden`, `no_such_user`.
    """
    services.moderation.admit(actor_of(session), "admin", action, name)
    return services.moderation.user(name)
