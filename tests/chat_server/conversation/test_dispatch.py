"""The table of handlers: who may ask what, which rate it counts against, and that every request has one."""

import pytest

from chat_protocol import requests
from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.moderation_requests import ModerationPending
from chat_protocol.reply import Done
from chat_protocol.request import Request
from chat_protocol.requests import Login, Logout, Password, Ping
from chat_server.conversation import handlers
from chat_server.conversation.dispatch import Access, check_access, dispatch, handler_of, handles
from chat_server.services.messages.messages import Messages
from tests.chat_server.building import Building
from tests.chat_server.fakes import FakeSession, make_session

assert handlers  # imported for the handlers that it registers


def _all_requests() -> list[type[Request]]:
    return [
        kind
        for kind in vars(requests).values()
        if isinstance(kind, type) and issubclass(kind, Request) and kind is not Request
    ]


def _refusal(session: FakeSession, request: Request, access: Access) -> str | None:
    try:
        check_access(session, type(request), access)
    except ChatError as error:
        return error.code
    return None


def test_every_request_is_answered_by_one(building: Building) -> None:
    """Each request of the protocol has a handler, or is stored as a message, and not both."""
    messages: Messages = building.services.messages
    assert len(_all_requests()) > 20
    for kind in _all_requests():
        if messages.stores(kind):
            with pytest.raises(ChatError, match="does not know"):
                handler_of(kind)
        else:
            handler_of(kind)


def test_second_handler_of_a_request_is_refused() -> None:
    """Two functions for one request are a mistake that shows at the import."""
    with pytest.raises(ValueError, match="Ping has a handler already"):
        handles(Ping)(lambda services, session, request: Done())


def test_access_by_role() -> None:
    """Guests, members, moderators and administrators may each ask what is theirs."""
    ping = Ping()
    guest = FakeSession()
    by_role: tuple[Access, ...] = ("member", "moderator", "admin")
    assert _refusal(guest, ping, "anyone") is None
    assert _refusal(guest, ping, "guest") is None
    assert _refusal(guest, ping, "member") == ErrorCode.NOT_SIGNED_IN
    for allowed, role in enumerate(by_role, start=1):
        session = make_session(1, "Alice", role)
        assert _refusal(session, ping, "guest") == ErrorCode.ALREADY_SIGNED_IN
        answers = [_refusal(session, ping, access) for access in by_role]
        assert answers == [None] * allowed + [ErrorCode.FORBIDDEN] * (3 - allowed)


def test_one_time_password_lets_only_choose_a_new_one() -> None:
    """Until there is a new password, nothing but that, signing out and `ping` is answered."""
    session = make_session(1, "Alice", "admin")
    session.account.must_change_password = True
    refused = _refusal(session, ModerationPending(), "moderator")
    assert refused == ErrorCode.PASSWORD_CHANGE_REQUIRED
    for request in (Password("old", "new"), Logout(), Ping()):
        assert _refusal(session, request, "member") is None


def test_dispatch_checks_before_it_runs(building: Building) -> None:
    """A request that may not be asked does not reach its handler, nor count against a rate."""
    session = make_session(1, "Alice")
    with pytest.raises(ChatError, match="signed in as Alice"):
        dispatch(building.services, session, Login("bob", "a password"))
    with pytest.raises(ChatError) as caught:
        dispatch(building.services, session, ModerationPending())
    assert caught.value.code == ErrorCode.FORBIDDEN
    dispatch(building.services, session, Ping())


def test_dispatch_counts_requests(building: Building) -> None:
    """A flood of requests is refused; `ping` is one of them, and `logout` is free."""
    session = building.sign_in(building.user("mod", "moderator"))
    codes = set()
    for _ in range(300):
        try:
            dispatch(building.services, session, ModerationPending())
        except ChatError as error:
            codes.add(error.code)
    assert codes == {ErrorCode.RATE_LIMITED}
    with pytest.raises(ChatError):
        dispatch(building.services, session, Ping())
    dispatch(building.services, session, Logout())
