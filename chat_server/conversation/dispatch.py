"""The table of request handlers: which function answers what, from whom, under which rate limit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar, cast

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.request import Request
from chat_protocol.requests import Logout, Password, Ping
from chat_server.conversation.context import Services
from chat_server.live.session import Session
from chat_server.net.wire import Answer as Reply
from chat_server.services.files.downloads import Outgoing
from chat_server.services.files.uploads import Incoming
from chat_server.services.vocabulary.actors import rank

Access = Literal["anyone", "guest", "member", "moderator", "admin"]
R = TypeVar("R", bound=Request)
# What a handler returns: what is to be written, or a transfer that is to be run.
Answer = Reply | Incoming | Outgoing

_WITHOUT_NEW_PASSWORD: Final = (Password, Logout, Ping)


@dataclass(frozen=True, slots=True)
class Handler:
    """A handler and what is checked before it runs.

    :param access: who may call it: `guest` is one who has not signed in, `member` one who has.
    :param rate_limit: which rate limit it counts against: `free`, `request`, `message` or `sign_in`.
    """

    run: Callable[[Services, Session, Any], Answer]
    access: Access
    rate_limit: str


_handlers: dict[type[Request], Handler] = {}


def handles(
    kind: type[R], access: Access = "member", rate_limit: str = "request"
) -> Callable[[Callable[[Services, Session, R], Answer]], Callable[[Services, Session, R], Answer]]:
    """Register a function as the handler of a request type; it returns the reply."""

    def register(run: Callable[[Services, Session, R], Answer]) -> Callable[[Services, Session, R], Answer]:
        if kind in _handlers:
            raise ValueError(f"{kind.__name__} has a handler already")
        _handlers[kind] = Handler(run, access, rate_limit)
        return run

    return register


def handler_of(kind: type[Request]) -> Handler:
    """Return the handler of a request type.

    :raises ChatError: `unknown_type` when this server answers no such request.
    """
    handler = _handlers.get(kind)
    if handler is None:
        raise ChatError(ErrorCode.UNKNOWN_TYPE, "This server does not know that type of request.")
    return handler


def dispatch(services: Services, session: Session, request: Request) -> Answer:
    """Check who asks, and answer.

    :return: the reply.
    :raises ChatError: what is to be answered instead.
    """
    handler = handler_of(type(request))
    check_access(session, type(request), handler.access)
    services.rates.check(session, handler.rate_limit)
    return handler.run(services, session, request)


def check_access(session: Session, kind: type[Request], access: Access) -> None:
    """Let only those pass who may ask this.

    :raises ChatError: `not_signed_in`, `already_signed_in`, `password_change_required` or `forbidden`.
    """
    if access == "anyone":
        return
    if access == "guest":
        if session.signed_in:
            raise ChatError(ErrorCode.ALREADY_SIGNED_IN, f"You are signed in as {session.username}.")
        return
    if not session.signed_in:
        raise ChatError(ErrorCode.NOT_SIGNED_IN, "Sign in first.")
    if session.account.must_change_password and kind not in _WITHOUT_NEW_PASSWORD:
        raise ChatError(ErrorCode.PASSWORD_CHANGE_REQUIRED, "Choose a new password first.")
    if rank(session.role) < rank(cast(str, access)):
        raise ChatError(ErrorCode.FORBIDDEN, f"Only a user with the role “{access}” may do this.")
