"""Tokens as devices: how long they hold, how many there may be, and what is known of each."""

from collections.abc import Callable
from typing import Any

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.own_events import DeviceEvent
from chat_server.limits import Limits
from chat_server.live.session import Session
from chat_server.services.accounts.devices import DAY_MS, DEVICES_MAX, LOOK_EVERY_MS, USED_EVERY_MS
from chat_server.services.vocabulary.actors import Actor
from chat_server.storage.core.errors import StorageUnavailable
from chat_server.storage.core.records import DeviceRecord, UserRecord
from tests.chat_server.fakes import FakeSession
from tests.support.office import PASSWORD, Office

MINUTE_MS = 60_000


@pytest.fixture
def jules(office: Office) -> UserRecord:
    """Somebody with an account."""
    return office.user("jules")


def _connect(office: Office, act: Callable[[Session], Any], address: str = "192.0.2.1") -> FakeSession:
    session = FakeSession(address=address, now=office.clock())
    office.registry.opened(session)
    act(session)
    return session


def _sign_in(office: Office, user: UserRecord, device: str = "", address: str = "192.0.2.1") -> str:
    """Sign in with the password, and go away; return the token."""
    tokens: list[str] = []
    accounts = office.parts.services.accounts
    session = _connect(
        office,
        lambda session: tokens.append(accounts.login(session, user.username, PASSWORD, device).token),
        address,
    )
    office.registry.closed(session)
    return tokens[0]


def _resume(office: Office, token: str, device: str = "", address: str = "192.0.2.1") -> FakeSession:
    """Sign in with the token, and stay."""
    accounts = office.parts.services.accounts
    return _connect(office, lambda session: accounts.resume(session, token, device), address)


def _ended(office: Office, token: str) -> bool:
    with pytest.raises(ChatError) as caught:
        _resume(office, token)
    return caught.value.code == ErrorCode.INVALID_CREDENTIALS


def _only(office: Office, user: UserRecord) -> DeviceRecord:
    (device,) = office.storage.tokens.of_user(user.id)
    return device


def test_device_has_name_address_and_times(office: Office, jules: UserRecord) -> None:
    """What the client calls itself is kept without what must not be shown; the id is not the token."""
    token = _sign_in(office, jules, " Chat \x1b[31m on\u202e  desk ", "192.0.2.7")
    device = _only(office, jules)
    assert (device.name, device.address) == ("Chat [31m on desk", "192.0.2.7")
    assert device.created_at == device.last_used_at == office.clock()
    assert len(device.public_id) == 12
    assert device.public_id not in token
    assert device.public_id not in device.token_hash


def test_sign_in_with_the_password_is_told_to_the_other_devices(office: Office, jules: UserRecord) -> None:
    """They learn its name and address; the one that signs in, one with a token and other users do not."""
    zoe = office.user("zoe")
    there, elsewhere = _resume(office, _sign_in(office, jules)), _resume(office, _sign_in(office, zoe))
    accounts = office.parts.services.accounts
    new = _connect(
        office,
        lambda session: accounts.login(session, "jules", PASSWORD, " Chat\x1b on  desk"),
        "192.0.2.7",
    )
    assert there.sent == [DeviceEvent("192.0.2.7", "Chat on desk")]
    _resume(office, _sign_in(office, jules))
    assert [there.sent[1:], new.sent] == [[DeviceEvent("192.0.2.1")]] * 2
    assert elsewhere.sent == []


def test_sign_in_that_fails_is_not_told(office: Office, jules: UserRecord) -> None:
    """A wrong password, or one too many connections, alarms nobody."""
    there = _resume(office, _sign_in(office, jules))
    accounts = office.parts.services.accounts
    with pytest.raises(ChatError):
        _connect(office, lambda session: accounts.login(session, "jules", "wrong password"))
    accounts._rates.connections_per_user = 1
    with pytest.raises(ChatError):
        _connect(office, lambda session: accounts.login(session, "jules", PASSWORD))
    assert there.sent == []


def test_token_ends_unused(office: Office, jules: UserRecord) -> None:
    """After the days of the setting it is like an unknown one, and no longer among the user's devices."""
    token = _sign_in(office, jules)
    office.clock.pass_by(30 * DAY_MS)
    office.registry.closed(_resume(office, token))
    office.parts.devices.note()
    office.clock.pass_by(30 * DAY_MS + 1)
    assert _ended(office, token)
    assert office.parts.devices.of_user(jules.id) == []


def test_days_are_a_setting(office: Office, jules: UserRecord) -> None:
    """A reload with another number holds for the tokens that are there."""
    token = _sign_in(office, jules)
    office.clock.pass_by(2 * DAY_MS)
    office.parts.devices.apply(Limits(token_days=1))
    assert _ended(office, token)


def test_use_is_written_once_an_hour(office: Office, jules: UserRecord) -> None:
    """A sign-in writes nothing itself; the timer notes it, unless the last note is younger than an hour."""
    token = _sign_in(office, jules)
    start = office.clock()
    for wait_ms, expected in ((USED_EVERY_MS - 1, start), (1, start + USED_EVERY_MS)):
        office.clock.pass_by(wait_ms)
        office.registry.closed(_resume(office, token))
        assert _only(office, jules).last_used_at == start
        office.parts.devices.note()
        assert _only(office, jules).last_used_at == expected


def test_new_address_and_name_are_written_at_once(office: Office, jules: UserRecord) -> None:
    """A token that is used from elsewhere is seen to be, also within the hour; no name keeps the last one."""
    token = _sign_in(office, jules, "desk")
    office.clock.pass_by(MINUTE_MS)
    office.registry.closed(_resume(office, token, address="198.51.100.9"))
    office.parts.devices.note()
    device = _only(office, jules)
    assert (device.name, device.address, device.last_used_at) == ("desk", "198.51.100.9", office.clock())
    office.registry.closed(_resume(office, token, "laptop", "198.51.100.9"))
    office.parts.devices.note()
    assert _only(office, jules).name == "laptop"


def test_connected_device_is_in_use(office: Office, jules: UserRecord) -> None:
    """A connection that stays for months keeps its token; what is shown of it is as it is now."""
    token = _sign_in(office, jules)
    session = _resume(office, token, address="198.51.100.9")
    for _ in range(40):
        office.clock.pass_by(DAY_MS)
        office.parts.devices.note()
    session.last_active_at = office.clock()
    (device,) = office.parts.devices.of_user(jules.id)
    assert (device.address, device.last_used_at) == ("198.51.100.9", office.clock())
    office.registry.closed(session)
    assert not _resume(office, token).ended


def test_unused_tokens_are_removed_once_a_day(office: Office, jules: UserRecord) -> None:
    """They go at the daily look, whoever owns them, and those in use stay."""
    _sign_in(office, jules)
    office.parts.devices.note()
    office.clock.pass_by(30 * DAY_MS + 1)
    other = _sign_in(office, office.user("zoe"))
    office.parts.devices.note()
    assert office.storage.tokens.of_user(jules.id) == []
    assert not _resume(office, other).ended
    _sign_in(office, jules)
    office.parts.devices.apply(Limits(token_days=1))
    office.clock.pass_by(LOOK_EVERY_MS - 1)
    office.parts.devices.note()
    assert office.storage.tokens.of_user(jules.id)


def test_twenty_devices_at_most(office: Office, jules: UserRecord) -> None:
    """One more ends the one that was not used for longest; a connected one is in use, however old."""
    connected = _resume(office, _sign_in(office, jules))
    tokens = []
    for _ in range(DEVICES_MAX):
        office.clock.pass_by(MINUTE_MS)
        tokens.append(_sign_in(office, jules))
    assert len(office.storage.tokens.of_user(jules.id)) == DEVICES_MAX
    assert connected.ended is None
    assert _ended(office, tokens[0])
    assert not _resume(office, tokens[1]).ended


def test_device_that_has_to_go_is_disconnected(office: Office, jules: UserRecord) -> None:
    """Where all are connected, the connections of the token that ends are closed with a reason."""
    sessions = []
    for _ in range(DEVICES_MAX):
        office.clock.pass_by(MINUTE_MS)
        sessions.append(_resume(office, _sign_in(office, jules)))
    _sign_in(office, jules)
    assert [session.ended is not None for session in sessions] == [True] + [False] * (DEVICES_MAX - 1)


def test_new_password_keeps_the_name_of_the_device(office: Office, jules: UserRecord) -> None:
    """The fresh token is the same device's; the others are gone."""
    session = _resume(office, _sign_in(office, jules, "desk"))
    _sign_in(office, jules, "laptop")
    office.parts.services.accounts.change_password(session, PASSWORD, "quite another password")
    assert _only(office, jules).name == "desk"


def test_use_is_noted_after_an_outage(
    office: Office, jules: UserRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signing in by token needs no write; what could not be noted is noted when the database is back."""
    token = _sign_in(office, jules)
    office.clock.pass_by(2 * USED_EVERY_MS)

    def away(*_: object, **__: object) -> None:
        raise StorageUnavailable("away")

    with monkeypatch.context() as outage:
        outage.setattr(office.storage.tokens, "used", away)
        office.registry.closed(_resume(office, token))
        office.parts.devices.note()
    office.parts.devices.note()
    assert _only(office, jules).last_used_at == office.clock()


def test_uses_are_noted_some_at_a_time(
    office: Office, jules: UserRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a return of everybody no transaction is long, and an outage in between loses nothing."""
    tokens = [_sign_in(office, jules) for _ in range(5)]
    office.clock.pass_by(2 * USED_EVERY_MS)
    for token in tokens:
        office.registry.closed(_resume(office, token))
    used, sizes = office.storage.tokens.used, list[int]()

    def note(uses: dict[str, tuple[str, str]], now: int) -> None:
        if len(sizes) == 1:
            sizes.append(0)
            raise StorageUnavailable("away")
        sizes.append(len(uses))
        used(uses, now)

    monkeypatch.setattr("chat_server.services.accounts.devices.BATCH_TOKENS", 2)
    monkeypatch.setattr(office.storage.tokens, "used", note)
    office.parts.devices.note()
    office.parts.devices.note()
    assert sizes == [2, 0, 2, 1]
    assert {device.last_used_at for device in office.storage.tokens.of_user(jules.id)} == {office.clock()}


def test_user_ends_a_device(office: Office, jules: UserRecord) -> None:
    """Its token and its connections end, and nothing of other devices or users."""
    devices = office.parts.devices
    token = _sign_in(office, jules, "laptop")
    desk, laptop, again = (_resume(office, each) for each in (_sign_in(office, jules, "desk"), token, token))
    zoe = _resume(office, _sign_in(office, office.user("zoe")))
    shown = {device.name: device for device in devices.shown_to(desk)}
    assert (shown["desk"].current, shown["laptop"].current) == (True, False)
    assert devices.end_other(zoe, shown["laptop"].id) == 0
    assert devices.end_other(desk, shown["laptop"].id) == 1
    assert [session.ended is not None for session in (desk, laptop, again, zoe)] == [False, True, True, False]
    assert _ended(office, token)
    assert devices.end_other(desk, shown["laptop"].id) == 0


def test_user_ends_all_other_devices(office: Office, jules: UserRecord) -> None:
    """The one that asks stays, with all its connections."""
    devices = office.parts.devices
    token = _sign_in(office, jules)
    desk, again = _resume(office, token), _resume(office, token)
    others = [_resume(office, _sign_in(office, jules)) for _ in range(2)]
    assert devices.end_other(desk, None) == 2
    assert [session.ended for session in (desk, again)] == [None, None]
    assert all(session.ended for session in others)
    assert [device.current for device in devices.shown_to(desk)] == [True]
    assert devices.end_other(desk, None) == 0


def test_own_device_is_signed_out_otherwise(office: Office, jules: UserRecord) -> None:
    """To end the device that asks is a logout, which closes after its answer."""
    desk = _resume(office, _sign_in(office, jules))
    (own,) = office.parts.devices.shown_to(desk)
    with pytest.raises(ChatError) as caught:
        office.parts.devices.end_other(desk, own.id)
    assert (caught.value.code, caught.value.extra["field"]) == (ErrorCode.BAD_REQUEST, "id")
    assert desk.ended is None


def test_end_reaches_a_sign_in_under_way(
    office: Office, jules: UserRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that is ended after it was looked up and before its connection is entered signs nobody in."""
    token = _sign_in(office, jules)
    add = office.registry.add

    def enter(entering: Session, most: int) -> bool:
        office.parts.devices.end(office.admin, jules, None)
        return add(entering, most)

    monkeypatch.setattr(office.registry, "add", enter)
    assert _ended(office, token)
    assert not office.registry.is_online(jules.id)


def test_administrator_ends_devices(office: Office, jules: UserRecord) -> None:
    """One or all; the audit has it, and an id that the user has no device of is refused there, too."""
    sessions = [_resume(office, _sign_in(office, jules)) for _ in range(3)]
    first = next(
        device for device in office.parts.devices.of_user(jules.id)
        if device.token_hash == sessions[0].token_hash
    )  # fmt: skip
    assert office.parts.devices.end(office.admin, jules, first.public_id) == 1
    assert [session.ended is not None for session in sessions] == [True, False, False]
    with pytest.raises(ChatError, match="no device"):
        office.parts.devices.end(office.admin, jules, first.public_id)
    assert office.parts.devices.end(office.admin, jules, None) == 2
    named = [
        entry.detail for entry in office.audit.entries() if entry.action == "end device" and entry.allowed
    ]
    assert sorted(named) == sorted([f"{first.public_id}; 1 ended", "all; 2 ended"])
    assert all(session.ended for session in sessions)
    moderator = Actor("mo", "moderator", "wire 192.0.2.1")
    with pytest.raises(ChatError):
        office.parts.devices.end(moderator, jules, None)
    assert [act for act in office.actions() if act[0] == "end device"] == [
        ("end device", "jules", allowed) for allowed in (True, False, True, False)
    ]
