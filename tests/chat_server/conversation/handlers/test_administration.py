"""Administrators' requests: roles, one-time passwords, devices, invitations, the audit."""

import pytest

from chat_protocol.errors import ChatError, ErrorCode
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
from chat_protocol.own_events import ProfileEvent
from chat_protocol.own_replies import DeviceList, DevicesEnded
from chat_protocol.reply import Done
from chat_protocol.request import Request
from chat_protocol.requests import Register
from chat_server.conversation.dispatch import dispatch
from tests.chat_server.building import ADMIN, Building
from tests.chat_server.fakes import FakeSession

EVERYTHING: list[tuple[Request, str, str]] = [
    (ModerationRole("jules", "admin"), "role", "jules"),
    (ModerationPassword("jules"), "password", "jules"),
    (ModerationDevices("jules"), "devices", "jules"),
    (ModerationEndDevice("nobody"), "end device", "nobody"),
    (ModerationInvite("newcomer"), "invite", "newcomer"),
    (ModerationInvitations(), "invitations", ""),
    (ModerationRevoke(1), "revoke invitation", "1"),
    (ModerationAudit(), "audit", ""),
]


@pytest.fixture
def admin(building: Building) -> FakeSession:
    """An administrator."""
    return building.sign_in(building.user("root", "admin"))


def _refusal(building: Building, session: FakeSession, request: Request) -> ChatError:
    with pytest.raises(ChatError) as caught:
        dispatch(building.services, session, request)
    return caught.value


@pytest.mark.parametrize(("request_", "action", "target"), EVERYTHING)
def test_moderator_is_refused_and_the_attempt_is_in_the_audit(
    building: Building, request_: Request, action: str, target: str
) -> None:
    """Who is no administrator changes and learns nothing, not even whether there is such a user."""
    jules = building.user("jules")
    session = building.sign_in(building.user("mod", "moderator"))
    assert _refusal(building, session, request_).code == ErrorCode.FORBIDDEN
    last = building.server.parts.audit.entries()[-1]
    assert (last.actor, last.action, last.target, last.allowed) == ("mod", action, target, False)
    assert building.storage.users.by_id(jules.id) == jules
    assert building.services.invitations.in_force() == []


def test_role(building: Building, admin: FakeSession) -> None:
    """Who has another role is told, and has its rights at once; the last administrator stays one."""
    jules = building.sign_in(building.user("jules"))
    assert dispatch(building.services, admin, ModerationRole("Jules", "moderator")) == Done()
    assert jules.role == "moderator"
    assert [type(event) for event in jules.sent] == [ProfileEvent]
    refused = _refusal(building, admin, ModerationRole("root", "member"))
    assert (refused.code, admin.role) == (ErrorCode.FORBIDDEN, "admin")


def test_one_time_password(building: Building, admin: FakeSession) -> None:
    """The user is signed out, and the audit has who did it without the password; one's own is refused."""
    user = building.user("jules")
    jules = building.sign_in(user)
    reply = dispatch(building.services, admin, ModerationPassword("jules"))
    assert isinstance(reply, OneTimePassword)
    changed = building.storage.users.by_id(user.id)
    assert changed is not None
    assert changed.one_time_password
    assert jules.ended is not None
    entry = building.server.parts.audit.entries()[-1]
    assert (entry.actor, entry.action, entry.target) == ("root", "password", "jules")
    assert reply.password not in repr(entry)
    assert _refusal(building, admin, ModerationPassword("root")).code == ErrorCode.BAD_REQUEST


def test_devices_of_a_user(building: Building, admin: FakeSession) -> None:
    """They are listed, and ended one by one or all; each ends the connections that it serves."""
    user = building.user("jules")
    sessions = [building.sign_in(user) for _ in range(3)]
    listed = dispatch(building.services, admin, ModerationDevices("jules"))
    assert isinstance(listed, DeviceList)
    assert [device.current for device in listed.devices] == [False] * 3
    one = ModerationEndDevice("jules", listed.devices[0].id)
    assert dispatch(building.services, admin, one) == DevicesEnded(1)
    assert sum(session.ended is not None for session in sessions) == 1
    assert dispatch(building.services, admin, ModerationEndDevice("jules")) == DevicesEnded(2)
    assert _refusal(building, admin, one).code == ErrorCode.BAD_REQUEST


def test_invitations(building: Building, admin: FakeSession) -> None:
    """One is made for a name and a role, listed without its code, and revoked."""
    made = dispatch(building.services, admin, ModerationInvite("Newcomer", "moderator", 3))
    assert isinstance(made, Invited)
    assert made.code in Invitation("chat.example.org", 5000, code=made.code).link()
    listed = dispatch(building.services, admin, ModerationInvitations())
    assert isinstance(listed, InvitationList)
    assert made.code not in repr(listed)
    (one,) = listed.invitations
    assert (one.number, one.username, one.role, one.by) == (made.number, "Newcomer", "moderator", "root")
    assert (made.username, made.role, made.expires_at) == (one.username, one.role, one.expires_at)
    assert dispatch(building.services, admin, ModerationRevoke(made.number)) == Done()
    assert dispatch(building.services, admin, ModerationInvitations()) == InvitationList([])


def test_audit_comes_in_pages(building: Building, admin: FakeSession) -> None:
    """The newest first; by whom and on whom where asked; the mark of a page leads to the one behind it."""
    for name in ("ann", "bob", "cem"):
        building.user(name)
        dispatch(building.services, admin, ModerationRole(name, "moderator"))

    def page(request: ModerationAudit) -> AuditPage:
        reply = dispatch(building.services, admin, request)
        assert isinstance(reply, AuditPage)
        return reply

    first = page(ModerationAudit(limit=2))
    assert [(one.action, one.target, one.allowed) for one in first.entries] == [
        ("role", "cem", True),
        ("role", "bob", True),
    ]
    assert page(ModerationAudit(before=first.next, limit=2)).entries[0].target == "ann"
    all_three = page(ModerationAudit(actor="root", limit=3))
    assert (len(all_three.entries), all_three.next) == (3, None)
    assert [one.target for one in page(ModerationAudit(actor="root", target="bob")).entries] == ["bob"]
    assert page(ModerationAudit(actor="nobody")) == AuditPage([])


def test_invitation_for_anybody_has_no_name(building: Building, admin: FakeSession) -> None:
    """Whoever registers with it chooses one; the code is what it takes."""
    made = dispatch(building.services, admin, ModerationInvite())
    assert isinstance(made, Invited)
    assert made.username is None
    building.server.parts.registration.change(ADMIN, "closed")
    guest = FakeSession()
    building.services.registry.opened(guest)
    dispatch(building.services, guest, Register("zoe", "quite a good password", invitation=made.code))
    assert guest.username == "zoe"
