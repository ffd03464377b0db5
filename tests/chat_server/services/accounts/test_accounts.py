"""Accounts: registering, signing in and out, passwords and tokens, without a network."""

from collections.abc import Callable
from typing import Any

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.own_events import ReadEvent
from chat_protocol.server_events import NoticeEvent
from chat_server.live.guesses import FREE_BY_NAME
from chat_server.live.session import Session
from chat_server.services.accounts.accounts import Accounts
from chat_server.services.accounts.passwords import hash_password, is_outdated, verify_password
from chat_server.services.moderation.sanction_order import SanctionOrder
from chat_server.services.vocabulary.addresses import parse_network
from chat_server.services.vocabulary.hashes import hash_secret
from chat_server.storage.core.records import UserRecord
from tests.chat_server.building import ADMIN, Building
from tests.chat_server.fakes import FakeSession, frames_of
from tests.support.office import PASSWORD

NEW_PASSWORD = "quite another password"


@pytest.fixture
def accounts(building: Building) -> Accounts:
    """The accounts of a new server."""
    return building.services.accounts


def _code(act: Callable[..., Any], *arguments: Any) -> str:
    with pytest.raises(ChatError) as caught:
        act(*arguments)
    return caught.value.code


def test_register_makes_an_account_and_signs_in(building: Building, accounts: Accounts) -> None:
    """The new user is in the arrival room at once, and the token signs in again."""
    session = FakeSession()
    reply = accounts.register(session, "Zoé", PASSWORD, "  Zoé   R. ")
    assert (reply.user.username, reply.user.display_name, reply.user.role) == ("Zoé", "Zoé R.", "member")
    assert session.signed_in
    assert building.services.registry.is_online(session.user_id)
    assert any(room.membership == "joined" for room in reply.rooms)
    again = FakeSession()
    assert accounts.resume(again, reply.token).user == reply.user
    assert again.account is session.account


def test_newcomer_is_told_to_those_who_watch_the_arrival_room(building: Building, accounts: Accounts) -> None:
    """With the display name, once."""
    zoe = building.sign_in(building.user("zoe"))
    arrival = building.services.directory.conversation("Général")
    building.services.presence.watch(zoe, [arrival])
    accounts.register(FakeSession(), "jules", PASSWORD, "Jules R.")
    (told,) = [frame for frame in frames_of(zoe) if frame["type"] == "member"]
    assert (told["room"], told["username"], told["display_name"], told["change"]) == (
        "Général",
        "jules",
        "Jules R.",
        "joined",
    )


def test_register_refuses_a_taken_name_and_a_weak_password(building: Building, accounts: Accounts) -> None:
    """A name that looks alike is taken, and nothing is left behind by a refusal."""
    building.user("zoe")
    session = FakeSession()
    assert _code(accounts.register, session, "ZOE", PASSWORD, None) == ErrorCode.USERNAME_TAKEN
    assert _code(accounts.register, session, "jules", "jules", None) == ErrorCode.WEAK_PASSWORD
    assert not session.signed_in
    assert building.storage.users.by_key("jules") is None


def test_login_needs_the_right_password(building: Building, accounts: Accounts) -> None:
    """A wrong password and an unknown name have the same answer; the name may be written in any case."""
    building.user("jules")
    session = FakeSession()
    assert _code(accounts.login, session, "jules", "wrong") == ErrorCode.INVALID_CREDENTIALS
    assert _code(accounts.login, session, "nobody", PASSWORD) == ErrorCode.INVALID_CREDENTIALS
    assert not session.signed_in
    assert accounts.login(session, "@JULES", PASSWORD).user.username == "jules"


def test_login_is_refused_to_the_banned(building: Building, accounts: Accounts) -> None:
    """A ban keeps out by password and by token, and says so only to the right password, or to an address."""
    jules = building.user("jules")
    token = accounts.login(FakeSession(), "jules", PASSWORD).token
    building.services.moderation.sanction(ADMIN, SanctionOrder("ban", jules, None, "spam"))
    session = FakeSession()
    assert _code(accounts.login, session, "jules", PASSWORD) == ErrorCode.BANNED
    assert _code(accounts.login, session, "jules", "wrong") == ErrorCode.INVALID_CREDENTIALS
    assert _code(accounts.resume, session, token) in (ErrorCode.BANNED, ErrorCode.INVALID_CREDENTIALS)
    building.services.moderation.sanction(ADMIN, SanctionOrder("ban", parse_network("192.0.2.0/24")))
    stranger = FakeSession(address="192.0.2.7")
    assert _code(accounts.resume, stranger, "no token") == ErrorCode.BANNED
    assert _code(accounts.login, stranger, "nobody", PASSWORD) == ErrorCode.BANNED
    assert _code(accounts.register, stranger, "zoe", PASSWORD, None) == ErrorCode.BANNED
    assert building.storage.users.by_key("zoe") is None
    assert not session.signed_in
    assert not any(other is session for other in building.services.registry.sessions())


def test_logout_ends_this_token_alone(building: Building, accounts: Accounts) -> None:
    """The token of another device goes on signing in."""
    building.user("jules")
    desk, laptop = FakeSession(), FakeSession()
    first, second = (accounts.login(session, "jules", PASSWORD).token for session in (desk, laptop))
    accounts.logout(desk)
    assert _code(accounts.resume, FakeSession(), first) == ErrorCode.INVALID_CREDENTIALS
    assert accounts.resume(FakeSession(), second).user.username == "jules"


def test_new_password_ends_the_other_sessions(building: Building, accounts: Accounts) -> None:
    """The session that changed it stays, with a new token; all others end, and their tokens with them."""
    building.user("jules")
    desk, laptop = FakeSession(), FakeSession()
    old = accounts.login(desk, "jules", PASSWORD).token
    accounts.login(laptop, "jules", PASSWORD)
    desk.account.must_change_password = True
    token = accounts.change_password(desk, PASSWORD, NEW_PASSWORD)
    assert (desk.ended, laptop.ended is not None) == (None, True)
    assert not desk.account.must_change_password
    assert desk.token_hash == hash_secret(token)
    assert _code(accounts.resume, FakeSession(), old) == ErrorCode.INVALID_CREDENTIALS
    assert _code(accounts.login, FakeSession(), "jules", PASSWORD) == ErrorCode.INVALID_CREDENTIALS
    accounts.login(FakeSession(), "jules", NEW_PASSWORD)


def test_new_password_is_checked(building: Building, accounts: Accounts) -> None:
    """The old one must be right, the new one strong and another one; otherwise nothing changes."""
    building.user("jules")
    session = FakeSession()
    token = accounts.login(session, "jules", PASSWORD).token
    assert _code(accounts.change_password, session, "wrong", NEW_PASSWORD) == ErrorCode.INVALID_CREDENTIALS
    assert _code(accounts.change_password, session, PASSWORD, "short") == ErrorCode.WEAK_PASSWORD
    assert _code(accounts.change_password, session, PASSWORD, PASSWORD) == ErrorCode.WEAK_PASSWORD
    accounts.resume(FakeSession(), token)
    accounts.login(FakeSession(), "jules", PASSWORD)


def test_user_with_a_one_time_password_reads_nothing_yet(building: Building, accounts: Accounts) -> None:
    """Until the password is changed, the session is quiet; notices of the administrator come all the same."""
    user = building.user("zoe")
    password = building.server.parts.roles.one_time_password(ADMIN, user)
    session = FakeSession()
    assert accounts.login(session, "zoe", password).must_change_password
    assert session.quiet
    session.send(ReadEvent("Général", 7))
    session.send(NoticeEvent("Coffee is ready."))
    assert [frame["type"] for frame in frames_of(session)] == ["notice"]
    accounts.change_password(session, password, NEW_PASSWORD)
    assert not session.quiet


def _changes(building: Building, user: UserRecord) -> dict[str, Callable[[], Any]]:
    roles = building.server.parts.roles
    return {
        "password": lambda: roles.one_time_password(ADMIN, user),
        "erasure": lambda: roles.erase(ADMIN, user),
    }


@pytest.mark.parametrize("change", ["password", "erasure"])
@pytest.mark.parametrize("moment", ["after the check", "before the entry", "after the entry"])
def test_change_of_an_account_reaches_a_sign_in_under_way(
    building: Building, accounts: Accounts, monkeypatch: pytest.MonkeyPatch, change: str, moment: str
) -> None:
    """Whenever it comes, the sign-in fails or ends, and no token is left."""
    user, session = building.user("jules"), FakeSession()
    act = _changes(building, user)[change]
    registry = building.services.registry
    verify, add = verify_password, registry.add

    def check(password: str, stored: str | None, group: str, *, known: bool) -> bool:
        right = verify(password, stored, group, known=known)
        if moment == "after the check":
            act()
        return right

    def enter(entering: Session, most: int) -> bool:
        if moment == "before the entry":
            act()
        entered = add(entering, most)
        if moment == "after the entry":
            act()
        return entered

    monkeypatch.setattr("chat_server.services.accounts.accounts.verify_password", check)
    monkeypatch.setattr(registry, "add", enter)
    assert _code(accounts.login, session, "jules", PASSWORD) == ErrorCode.INVALID_CREDENTIALS
    assert not session.signed_in
    assert not registry.is_online(user.id)
    assert building.storage.tokens.remove_all(user.id) == 0


def test_change_of_a_role_reaches_a_sign_in_under_way(
    building: Building, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A moderator who is made a member while he signs in enters as a member."""
    user, session = building.user("jules", "moderator"), FakeSession()
    add = building.services.registry.add

    def enter(entering: Session, most: int) -> bool:
        building.server.parts.roles.set_role(ADMIN, user, "member")
        return add(entering, most)

    monkeypatch.setattr(building.services.registry, "add", enter)
    assert accounts.login(session, "jules", PASSWORD).user.role == "member"
    assert session.role == "member"


def test_own_change_of_the_password_does_not_undo_a_reset(
    building: Building, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An administrator's one-time password that comes meanwhile is the one that holds."""
    user = building.user("jules")
    session = building.sign_in(user)

    def reset(password: str) -> str:
        monkeypatch.undo()
        building.server.parts.roles.one_time_password(ADMIN, user)
        return hash_password(password)

    monkeypatch.setattr("chat_server.services.accounts.accounts.hash_password", reset)
    code = _code(accounts.change_password, session, PASSWORD, NEW_PASSWORD)
    assert code == ErrorCode.INVALID_CREDENTIALS
    stored = building.storage.users.by_id(user.id)
    assert stored is not None
    assert stored.one_time_password


def test_hash_of_earlier_parameters_is_renewed_at_the_sign_in(
    building: Building, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password stays, its hash has today's parameters."""
    user = building.user("jules")
    with monkeypatch.context() as earlier:
        earlier.setattr("chat_server.services.accounts.passwords._N", 2**10)
        building.storage.users.set_password(user.id, hash_password(PASSWORD))
    accounts.login(FakeSession(), "jules", PASSWORD)
    stored = building.storage.users.by_id(user.id)
    assert stored is not None
    assert not is_outdated(stored.password_hash)
    accounts.login(FakeSession(), "jules", PASSWORD)


def test_guess_counts_while_it_is_tried(
    building: Building, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many guesses at once, those behind the first ones wait; a right password is taken back."""
    building.user("jules")
    guesses = building.services.rates.guesses
    waits: list[float] = []

    def check(password: str, stored: str | None, group: str, *, known: bool) -> bool:
        waits.append(guesses.wait_s("jules", "198.51.100.7"))
        return verify_password(password, stored, group, known=known)

    for number in range(FREE_BY_NAME - 1):
        guesses.wrong("jules", f"198.51.100.{number}")
    monkeypatch.setattr("chat_server.services.accounts.accounts.verify_password", check)
    accounts.login(FakeSession(address="203.0.113.9"), "jules", PASSWORD)
    assert waits[0] > 0
    assert guesses.wait_s("jules", "198.51.100.7") == 0


def test_password_that_could_not_be_checked_is_no_guess(
    building: Building, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the check itself fails, for want of a turn say, nobody has to wait for it later."""
    building.user("jules")
    busy = ChatError(ErrorCode.UNAVAILABLE, "Too many sign in at once.")

    def refuse(*_: object, **__: object) -> bool:
        raise busy

    monkeypatch.setattr("chat_server.services.accounts.accounts.verify_password", refuse)
    for number in range(FREE_BY_NAME + 1):
        session = FakeSession(address=f"203.0.113.{number}")
        assert _code(accounts.login, session, "jules", PASSWORD) == ErrorCode.UNAVAILABLE
    assert building.services.rates.guesses.wait_s("jules", "203.0.113.9") == 0


def test_owner_gets_in_where_he_was_before_while_others_guess(building: Building, accounts: Accounts) -> None:
    """Guesses at a name from everywhere make strangers wait, and neither his address nor his token."""
    user = building.user("jules")
    token = accounts.login(FakeSession(address="192.0.2.1"), "jules", PASSWORD).token
    assert [address for address, *_ in building.storage.users.addresses(user.id)] == ["192.0.2.1"]
    for number in range(1_000):
        building.services.rates.guesses.wrong("jules", f"198.51.{number >> 8}.{number & 255}")
    stranger = FakeSession(address="203.0.113.9")
    assert _code(accounts.login, stranger, "jules", PASSWORD) == ErrorCode.RATE_LIMITED
    assert accounts.login(FakeSession(address="192.0.2.1"), "jules", PASSWORD).token
    assert accounts.resume(FakeSession(address="203.0.113.9"), token).token == token


def test_sign_in_is_seen_by_those_who_watch(building: Building, accounts: Accounts) -> None:
    """With the next digest, and a second device of the user changes nothing in it."""
    room, jules = building.room("Plaza"), building.user("jules")
    zoe = building.sign_in(building.user("zoe"))
    building.services.rooms.join(zoe, "Plaza", "")
    building.services.rooms.join(building.sign_in(jules), "Plaza", "")
    building.services.presence.watch(zoe, [building.services.directory.conversation("Plaza")])
    for number in range(2):
        before = len(frames_of(zoe))
        building.storage.tokens.add(jules.id, hash_secret(f"t{number}"), building.server.parts.clock())
        accounts.resume(FakeSession(), f"t{number}")
        building.services.presence.digest()
        (frame,) = frames_of(zoe)[before:]
        assert (frame["room"], frame["changes"]) == (room.name, {"jules": "online"})


def test_registration_works_as_a_stranger_s(
    building: Building, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who makes an account is not known yet: the work waits behind that of users."""
    asked: list[tuple[str, bool]] = []

    def hashed(password: str, group: str = "", *, known: bool = True) -> str:
        asked.append((group, known))
        return hash_password(password)

    monkeypatch.setattr("chat_server.services.accounts.accounts.hash_password", hashed)
    accounts.register(FakeSession(address="192.0.2.7"), "zoe", PASSWORD, None)
    assert asked == [("192.0.2.7", False)]


def test_banned_user_gets_no_token(building: Building, accounts: Accounts) -> None:
    """Nor is forgiven what was guessed before; nothing of the sign-in is kept."""
    jules = building.user("jules")
    building.services.moderation.sanction(ADMIN, SanctionOrder("ban", jules, None, "spam"))
    session = FakeSession()
    for _ in range(3):
        assert _code(accounts.login, session, "jules", PASSWORD) == ErrorCode.BANNED
    assert building.storage.tokens.of_user(jules.id) == []
    assert building.services.rates.guesses._entries["@jules"][0] == 3
