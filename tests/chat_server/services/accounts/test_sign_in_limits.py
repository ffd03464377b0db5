"""What somebody who signs in is refused for: too many tries, too many connections, sanctions."""

from collections.abc import Callable
from typing import Any

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.times import to_rfc3339
from chat_server.limits import Limits
from chat_server.live.session import Session
from chat_server.services.accounts.accounts import Accounts, sanction_error
from chat_server.storage.core.records import SanctionRecord
from tests.chat_server.building import Building
from tests.chat_server.fakes import FakeSession
from tests.support.office import PASSWORD

AT_ONCE = 3


@pytest.fixture
def accounts(building: Building) -> Accounts:
    """The accounts of a server that lets few try at once."""
    building.services.rates.apply(Limits(guesses_burst=AT_ONCE, returns_burst=AT_ONCE))
    return building.services.accounts


def codes_of(act: Callable[[], Any]) -> list[str]:
    """Return how tries end, until one more than may be made at once."""
    codes = []
    for _ in range(AT_ONCE + 1):
        try:
            act()
        except ChatError as refused:
            codes.append(str(refused.code))
        else:
            codes.append("")
    return codes


def test_wrong_passwords_of_one_address_wait(building: Building, accounts: Accounts) -> None:
    """Also where the user has been before: whoever sits there now may be somebody else."""
    building.user("jules")
    accounts.login(FakeSession(), "jules", PASSWORD)
    building.services.rates.apply(Limits(guesses_burst=AT_ONCE + 1))
    codes = codes_of(lambda: accounts.login(FakeSession(), "@Jules", "wrong"))
    assert codes == [ErrorCode.INVALID_CREDENTIALS] * AT_ONCE + [ErrorCode.RATE_LIMITED]


def test_wrong_present_passwords_wait(building: Building, accounts: Accounts) -> None:
    """A connection that was left open is no way to guess."""
    session = building.sign_in(building.user("jules"))
    codes = codes_of(lambda: accounts.change_password(session, "wrong", "quite another password"))
    assert codes == [ErrorCode.INVALID_CREDENTIALS] * AT_ONCE + [ErrorCode.RATE_LIMITED]


def test_returns_of_a_user_wait(building: Building, accounts: Accounts) -> None:
    """A sign-in by token costs the server much; others come back meanwhile."""
    building.user("jules"), building.user("zoe")
    token = accounts.login(FakeSession(), "jules", PASSWORD).token
    other = accounts.login(FakeSession(), "zoe", PASSWORD).token
    codes = codes_of(lambda: accounts.resume(FakeSession(), token))
    assert codes == [""] * AT_ONCE + [ErrorCode.RATE_LIMITED]
    accounts.resume(FakeSession(), other)


def test_one_connection_too_many_is_a_guest_again(building: Building, accounts: Accounts) -> None:
    """It may sign in as somebody else, and nothing is sent to it."""
    building.user("jules"), building.user("zoe")
    accounts.login(FakeSession(), "jules", PASSWORD)
    accounts._rates.connections_per_user = 1
    session = FakeSession()
    with pytest.raises(ChatError) as caught:
        accounts.login(session, "jules", PASSWORD)
    assert caught.value.code == ErrorCode.RATE_LIMITED
    assert caught.value.extra["retry_after"] > 0
    assert not session.signed_in
    assert accounts.login(session, "zoe", PASSWORD).user.username == "zoe"


def test_nothing_comes_before_the_answer(
    building: Building, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is delivered from the moment of the entry on is held back."""
    building.user("jules")
    session, order = FakeSession(), list[str]()
    add = building.services.registry.add

    def enter(entering: Session, most: int) -> bool:
        order.append("entered")
        return add(entering, most)

    monkeypatch.setattr(session, "hold", lambda: order.append("held"))
    monkeypatch.setattr(building.services.registry, "add", enter)
    accounts.login(session, "jules", PASSWORD)
    assert order == ["held", "entered"]


@pytest.mark.parametrize(
    ("kind", "until", "code", "text"),
    [
        ("ban", 60_000, ErrorCode.BANNED, "You are banned from this server."),
        ("kick", 60_000, ErrorCode.KICKED, f"You may not sign in before {to_rfc3339(60_000)}."),
        ("kick", None, ErrorCode.KICKED, "You may not sign in before an administrator allows it."),
    ],
)
def test_sanction_says_until_when_and_why(kind: str, until: int | None, code: str, text: str) -> None:
    """In words, and in fields that a client shows in its own."""
    error = sanction_error(SanctionRecord(1, kind, 2, None, None, "spam", "boss", 0, until, None, ""))
    assert (error.code, error.message) == (code, text)
    times = {} if until is None else {"until": to_rfc3339(until)}
    assert error.extra == {"reason": "spam", **times}
