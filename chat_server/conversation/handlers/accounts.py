"""Answers to requests about signing in and out, passwords and profiles."""

from typing import Any

from chat_protocol.events import NoticeEvent
from chat_protocol.requests import Login, Logout, Password, Ping, Profile, Register, Resume
from chat_server.conversation.context import Services
from chat_server.conversation.dispatch import handles
from chat_server.live.session import Session


@handles(Ping, access="anyone", rate_limit="free")
def ping(services: Services, session: Session, request: Ping) -> dict[str, Any]:
    """Say that the server is there."""
    return {}


@handles(Register, access="guest", rate_limit="sign_in")
def register(services: Services, session: Session, request: Register) -> dict[str, Any]:
    """Create an account and sign in."""
    fields = services.accounts.register(session, request.username, request.password, request.display_name)
    return _welcomed(services, session, fields)


@handles(Login, access="guest", rate_limit="sign_in")
def login(services: Services, session: Session, request: Login) -> dict[str, Any]:
    """Sign in with the password."""
    return _welcomed(services, session, services.accounts.login(session, request.username, request.password))


@handles(Resume, access="guest")
def resume(services: Services, session: Session, request: Resume) -> dict[str, Any]:
    """Sign in with a token."""
    return _welcomed(services, session, services.accounts.resume(session, request.token))


@handles(Password, rate_limit="sign_in")
def password(services: Services, session: Session, request: Password) -> dict[str, Any]:
    """Change the password."""
    return {"token": services.accounts.change_password(session, request.old, request.new)}


@handles(Profile)
def profile(services: Services, session: Session, request: Profile) -> dict[str, Any]:
    """Change the display name."""
    return {"user": services.accounts.set_display_name(session, request.display_name).to_frame()}


@handles(Logout, rate_limit="free")
def logout(services: Services, session: Session, request: Logout) -> dict[str, Any]:
    """End this sign-in; the client's thread closes after the answer."""
    services.accounts.logout(session)
    return {}


def _welcomed(services: Services, session: Session, fields: dict[str, Any]) -> dict[str, Any]:
    """Let words of welcome, and what became of requests to join, follow the answer, which is sent first."""
    if motd := services.notices.motd:
        session.send(NoticeEvent(motd))
    for event in services.room_admin.pending_notices.pop(session.user_id):
        session.send(event)
    return fields
