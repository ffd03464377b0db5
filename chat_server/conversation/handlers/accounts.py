"""Answers to requests about signing in and out, passwords and profiles."""

from chat_protocol.events import NoticeEvent
from chat_protocol.replies import Done, ProfileReply, SignedIn, TokenReply
from chat_protocol.requests import Login, Logout, Password, Ping, Profile, Register, Resume
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
    reply = services.accounts.register(session, request.username, request.password, request.display_name)
    return _welcomed(services, session, reply)


@handles(Login, access="guest", rate_limit="sign_in")
def login(services: Services, session: Session, request: Login) -> SignedIn:
    """Sign in with the password."""
    return _welcomed(services, session, services.accounts.login(session, request.username, request.password))


@handles(Resume, access="guest")
def resume(services: Services, session: Session, request: Resume) -> SignedIn:
    """Sign in with a token."""
    return _welcomed(services, session, services.accounts.resume(session, request.token))


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
    return reply
