"""Accounts whose passwords are kept elsewhere: made at the first sign-in, never in a local one's place."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.own_replies import SignedIn
from chat_protocol.room_events import RoomEvent
from chat_server.live.guesses import FREE_BY_NAME, Guesses
from chat_server.options import Options
from chat_server.server import ChatServer
from chat_server.services.accounts.auth_command import AuthCommand, Verdict
from chat_server.storage import open_storage
from chat_server.storage.core.records import UserRecord
from tests.chat_server.building import ADMIN, Building
from tests.chat_server.fakes import FakeSession, frames_of

RIGHT = "the right one"


class Elsewhere:
    """What a program would answer, and about whom it was asked."""

    def __init__(self) -> None:
        self.verdict = Verdict("Ada L.")
        self.asked: list[str] = []
        self.later = False  # it cannot tell just now

    def ask(self, _command: AuthCommand, name: str, password: str, _address: str) -> Verdict | None:
        self.asked.append(name)
        if self.later:
            raise ChatError(ErrorCode.UNAVAILABLE, "Later.")
        return self.verdict if password == RIGHT else None


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    made = Elsewhere()
    monkeypatch.setattr(AuthCommand, "ask", lambda *arguments: made.ask(*arguments))
    return made


@pytest.fixture
def office(tmp_path: Path, elsewhere: Elsewhere) -> Iterator[Building]:
    """A server that asks elsewhere."""
    assert elsewhere.asked == []
    options = Options(port=0, data_dir=tmp_path, insecure=True, rate_limits=False, auth_command="ask")
    server = ChatServer(options, open_storage(options.database_url), None)
    yield Building(server)
    server.close()
    server.parts.storage.close()


def sign_in(office: Building, name: str, password: str = RIGHT) -> SignedIn:
    session = FakeSession()
    office.services.registry.opened(session)
    return office.services.accounts.login(session, name, password)


def refused(office: Building, name: str, password: str) -> str:
    with pytest.raises(ChatError) as error:
        sign_in(office, name, password)
    return error.value.code


def account(office: Building, key: str) -> UserRecord:
    user = office.storage.users.by_key(key)
    assert user is not None
    return user


def test_account_made_at_the_first_sign_in(office: Building, elsewhere: Elsewhere) -> None:
    """A right password makes an account, in the arrival rooms and those that are named, with its role."""
    office.room("Ops")
    elsewhere.verdict = Verdict("Ada L.", "moderator", ("ops", "nowhere"))
    reply = sign_in(office, "Ada")
    assert (reply.user.username, reply.user.display_name, reply.user.role) == ("Ada", "Ada L.", "moderator")
    assert {room.name for room in reply.rooms if room.membership == "joined"} == {"Général", "Ops"}
    made = account(office, "ada")
    assert (made.kind, made.password_hash) == ("external", "")
    assert sign_in(office, "@ADA").user.username == "Ada"
    assert elsewhere.asked == ["Ada", "Ada"]
    assert office.storage.users.count() == 1


def test_wrong_password(office: Building) -> None:
    """A wrong password makes no account, and lets nobody into one."""
    assert refused(office, "ada", "wrong") == "invalid_credentials"
    assert office.storage.users.by_key("ada") is None
    sign_in(office, "ada")
    assert refused(office, "ada", "") == "invalid_credentials"


def test_later_is_no_wrong_password(office: Building, elsewhere: Elsewhere) -> None:
    """While the program cannot tell, a try counts as nothing; a wrong password after that counts again."""
    guesses = Guesses(lambda: 5.0)
    office.services.rates.guesses = guesses
    elsewhere.later = True
    for _ in range(2 * FREE_BY_NAME):
        assert refused(office, "ada", RIGHT) == "unavailable"
    assert guesses.wait_s("ada", "127.0.0.1") == 0
    elsewhere.later = False
    for _ in range(FREE_BY_NAME - 1):
        assert refused(office, "ada", "wrong") == "invalid_credentials"
    assert guesses.wait_s("ada", "127.0.0.1") == 0
    assert refused(office, "ada", "wrong") == "invalid_credentials"
    assert guesses.wait_s("ada", "127.0.0.1") == 1.0


def test_name_that_no_account_can_have(office: Building, elsewhere: Elsewhere) -> None:
    """The program is not asked about what is no username."""
    assert refused(office, "a*)(uid=*", RIGHT) == "invalid_credentials"
    assert elsewhere.asked == []


def test_local_account_is_not_taken_over(office: Building, elsewhere: Elsewhere) -> None:
    """About a local account or a bot the program is never asked, whatever it would say."""
    office.user("boss", "admin")
    office.storage.users.create_bot("robo", "robo", 0)
    for name in ("boss", "robo"):
        assert refused(office, name, RIGHT) == "invalid_credentials"
    assert elsewhere.asked == []


def test_role_follows_what_is_said(office: Building, elsewhere: Elsewhere) -> None:
    """A role that is named is given, one that is not is kept, and the last administrator stays one."""
    for role, expected in (("admin", "admin"), ("", "admin"), ("member", "admin")):
        elsewhere.verdict = Verdict("Ada", role)
        assert sign_in(office, "ada").user.role == expected
    office.user("boss", "admin")
    assert sign_in(office, "ada").user.role == "member"


def test_account_handed_over_and_taken_back(office: Building, elsewhere: Elsewhere) -> None:
    """A local account that is handed over is asked about; a one-time password takes it back."""
    roles = office.server.parts.roles
    roles.make_external(ADMIN, office.user("jules"))
    sign_in(office, "jules")
    assert elsewhere.asked == ["jules"]
    password = roles.one_time_password(ADMIN, account(office, "jules"))
    assert refused(office, "jules", RIGHT) == "invalid_credentials"
    assert sign_in(office, "jules", password).must_change_password
    assert elsewhere.asked == ["jules"]
    with pytest.raises(ChatError, match="bot"):
        roles.make_external(ADMIN, office.storage.users.create_bot("robo", "robo", 0))


def test_password_is_changed_elsewhere(office: Building) -> None:
    """The server changes no password that it does not keep."""
    session = FakeSession()
    office.services.registry.opened(session)
    office.services.accounts.login(session, "ada", RIGHT)
    with pytest.raises(ChatError) as error:
        office.services.accounts.change_password(session, RIGHT, "a new and long password")
    assert error.value.code == "forbidden"


def test_registration_closed(office: Building) -> None:
    """Nobody takes a name before its owner comes."""
    registration = office.server.parts.registration
    assert not registration.is_open()
    with pytest.raises(ChatError, match="elsewhere"):
        registration.change(ADMIN, "open")
    with pytest.raises(ChatError) as error:
        office.services.accounts.register(FakeSession(), "ada", "a new and long password", None)
    assert error.value.code == "registration_closed"


def test_without_a_command(office: Building, elsewhere: Elsewhere) -> None:
    """A server that asks nobody lets no external account in."""
    sign_in(office, "ada")
    office.server.parts.registration.external = None
    assert refused(office, "ada", RIGHT) == "invalid_credentials"
    assert len(elsewhere.asked) == 1


def test_banned(office: Building) -> None:
    """A ban holds for accounts of elsewhere."""
    sign_in(office, "ada")
    record = office.storage.sanctions.add("ban", account(office, "ada").id, None, None, "", "boss", 0, None)
    office.server.parts.sanctions.add(record)
    assert refused(office, "ada", RIGHT) == "banned"


def test_two_first_sign_ins_at_once_make_one_account(
    office: Building, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one finds the account that the first has made meanwhile."""
    create = office.storage.users.create

    def make_twice(*arguments: Any, **more: Any) -> UserRecord:
        create(*arguments, **more)
        return create(*arguments, **more)

    monkeypatch.setattr(office.storage.users, "create", make_twice)
    assert sign_in(office, "ada").user.username == "ada"
    assert office.storage.users.count() == 1


def test_newcomer_is_told_to_those_who_watch(office: Building, elsewhere: Elsewhere) -> None:
    """Once, with the name that is shown, as one who registers here."""
    sign_in(office, "zoe")
    zoe = office.sign_in(account(office, "zoe"))
    office.services.presence.watch(zoe, [office.services.directory.conversation("Général")])
    for _ in range(2):
        sign_in(office, "ada")
    told = [frame for frame in frames_of(zoe) if frame["type"] == "member"]
    assert [(each["username"], each["display_name"], each["change"]) for each in told] == [
        ("ada", "Ada L.", "joined")
    ]


def test_what_is_said_again_changes_nothing(office: Building, elsewhere: Elsewhere) -> None:
    """A role that stays, or of which nothing is said, is no act; nor is a room that the user is in."""
    office.room("Ops")
    elsewhere.verdict = Verdict("Ada", "moderator", ("Ops",))
    sign_in(office, "ada")
    acts = len(office.server.parts.audit.entries())
    watching = office.sign_in(account(office, "ada"))
    for role in ("moderator", ""):
        elsewhere.verdict = Verdict("Ada", role, ("Ops",))
        sign_in(office, "ada")
    assert len(office.server.parts.audit.entries()) == acts
    assert [event for event in watching.sent if isinstance(event, RoomEvent)] == []


def test_rooms_that_are_named(office: Building, elsewhere: Elsewhere) -> None:
    """One that is not there keeps nobody from the next; whoever only asked to enter is let in.

    The user's other connections are told of each; a private conversation of others is no room.
    """
    staff = office.room("Staff", kind="private")
    sign_in(office, "ada")
    ada = account(office, "ada")
    watching = office.sign_in(ada)
    office.storage.members.request(staff.id, ada.id, "please", 0)
    direct = office.storage.rooms.direct(office.user("bob").id, office.user("eve").id, 0)
    elsewhere.verdict = Verdict("Ada", "", ("nowhere", direct.public_id, staff.public_id))
    reply = sign_in(office, "ada")
    assert {room.name for room in reply.rooms if room.membership == "joined"} == {
        "Général",
        staff.name,
    }
    (told,) = [event for event in watching.sent if isinstance(event, RoomEvent)]
    assert told.room is not None
    assert (told.room.name, told.room.membership) == (staff.name, "joined")
