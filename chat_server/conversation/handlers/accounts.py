"""Answers to requests about signing in and out, passwords and profiles."""

from dataclasses import replace

from chat_protocol.errors import bad_request
from chat_protocol.own_replies import DeviceList, DevicesEnded, ProfileReply, SignedIn, TokenReply
from chat_protocol.reply import Done
from chat_protocol.requests import (
    Devices,
    EndDevice,
    Login,
    Logout,
    Password,
    Ping,
    Profile,
    Register,
    Resume,
)
from chat_protocol.server_events import NoticeEvent
from chat_server.conversation.acting import actor_of
from chat_server.conversation.context import Services
from chat_server.conversation.dispatch import handles
from chat_server.live.session import Session


@handles(Ping, access="anyone")
def ping(services: Services, session: Session, request: Ping) -> Done:
    """Say that the server is there."""
    return Done()


@handles(Register, access="guest", rate_limit="sign_in")
def register(services: Services, session: Session, request: Register) -> SignedIn:
    """Create an account and sign in."""
    reply = services.accounts.register(
        session,
        request.username,
        request.password,
        request.display_name,
        request.device or "",
        code=request.invitation or "",
    )
    return _welcomed(services, session, reply)


@handles(Login, access="guest", rate_limit="sign_in")
def login(services: Services, session: Session, request: Login) -> SignedIn:
    """Sign in with the password."""
    device = request.device or ""
    reply = services.accounts.login(session, request.username, request.password, device)
    return _welcomed(services, session, reply)


@handles(Resume, access="guest")
def resume(services: Services, session: Session, request: Resume) -> SignedIn:
    """Sign in with a token."""
    return _welcomed(
        services, session, services.accounts.resume(session, request.token, request.device or "")
    )


@handles(Password, rate_limit="sign_in")
def password(services: Services, session: Session, request: Password) -> TokenReply:
    """Change the password."""
    return TokenReply(services.accounts.change_password(session, request.old, request.new))


@handles(Profile)
def profile(services: Services, session: Session, request: Profile) -> ProfileReply:
    """Change the display name."""
    return ProfileReply(services.people.set_display_name(session, request.display_name))


@handles(Logout, rate_limit="free")
def logout(services: Services, session: Session, request: Logout) -> Done:
    """End this sign-in; the client's thread closes after the answer."""
    services.accounts.logout(session)
    return Done()


@handles(Devices)
def devices(services: Services, session: Session, request: Devices) -> DeviceList:
    """List where the user is signed in."""
    return DeviceList(services.devices.shown_to(session))


@handles(EndDevice)
def end_device(services: Services, session: Session, request: EndDevice) -> DevicesEnded:
    """Sign out one other device, or all others."""
    if request.id is None and not request.others:
        raise bad_request("id", "Say which device, or all others.")
    return DevicesEnded(services.devices.end_other(session, request.id))


def _welcomed(services: Services, session: Session, reply: SignedIn) -> SignedIn:
    """Let the welcome message, what became of join requests, mutes and a planned stop follow the answer."""
    if motd := services.notices.motd:
        session.send(NoticeEvent(motd))
    for event in services.pending_notices.pop(session.user_id):
        session.send(event)
    for mute in services.moderation.standing_mutes(session.user_id, session.address):
        session.send(mute)
    if (stop := services.shutdown.announced) is not None:
        session.send(stop)
    return replace(reply, may_create=services.room_owners.kinds_for(actor_of(session)))
