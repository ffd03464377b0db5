"""Bots: who makes them, how their tokens come and end, and what they can never become."""

import pytest

from chat_protocol.errors import ChatError
from chat_protocol.server_events import EndEvent
from chat_server.services.accounts.bots import Bots
from chat_server.services.vocabulary.actors import Actor
from chat_server.storage.core.records import UserRecord
from tests.chat_server.building import ADMIN, Building
from tests.chat_server.fakes import FakeSession


@pytest.fixture
def bots(building: Building) -> Bots:
    return building.server.parts.bots


def arrive(building: Building, token: str) -> FakeSession:
    session = FakeSession()
    building.services.registry.opened(session)
    building.services.accounts.resume(session, token)
    return session


def record(building: Building, name: str) -> UserRecord:
    found = building.storage.users.by_key(name)
    assert found is not None
    return found


def refusal(act: object, *arguments: object) -> str:
    assert callable(act)
    with pytest.raises(ChatError) as refused:
        act(*arguments)
    return refused.value.code


def test_bot_signs_in_with_its_token(building: Building, bots: Bots) -> None:
    """The token lets the bot in, as a program, into no room; only a hash of it is kept."""
    made = bots.add(ADMIN, "Rota")
    session = arrive(building, made.token)
    assert (session.username, session.account.bot, session.rooms) == ("Rota", True, {})
    rows = building.storage.database.rows("SELECT * FROM tokens")
    rows += building.storage.database.rows("SELECT actor, target, detail FROM audit")
    assert not any(made.token in str(value) for row in rows for value in row)
    ((bot, token),) = bots.listing()
    assert (bot.username, token is not None) == ("Rota", True)


def test_token_rotated(building: Building, bots: Bots) -> None:
    """Another token ends the one before, with the connections that it serves."""
    first = bots.add(ADMIN, "rota").token
    session = arrive(building, first)
    second = bots.rotate(ADMIN, record(building, "rota")).token
    assert isinstance(session.ended, EndEvent)
    assert session.ended.kind == "killed"
    assert refusal(arrive, building, first) == "invalid_credentials"
    assert arrive(building, second).username == "rota"


def test_token_revoked(building: Building, bots: Bots) -> None:
    """Without its token a bot has no way in, keeps its rooms, and can be given one again."""
    token = bots.add(ADMIN, "rota").token
    session = arrive(building, token)
    building.room("Ops")
    building.services.rooms.join(session, "Ops", "")
    bots.revoke(ADMIN, record(building, "rota"))
    assert session.ended is not None
    assert refusal(arrive, building, token) == "invalid_credentials"
    ((_bot, kept),) = bots.listing()
    assert kept is None
    assert [one.record.name for one in arrive(building, bots.add(ADMIN, "rota").token).rooms.values()] == [
        "Ops"
    ]


def test_names_refused(building: Building, bots: Bots) -> None:
    """A person's name, a bot's that has a token and what is no name are refused; so is who is no admin."""
    building.user("jules")
    bots.add(ADMIN, "rota")
    assert refusal(bots.add, ADMIN, "Jules") == "username_taken"
    assert refusal(bots.add, ADMIN, "ROTA") == "username_taken"
    assert refusal(bots.add, ADMIN, "a") == "invalid_username"
    rota, jules = record(building, "rota"), record(building, "jules")
    assert refusal(bots.rotate, ADMIN, jules) == refusal(bots.revoke, ADMIN, jules) == "bad_request"
    moderator = Actor("mod", "moderator", "console")
    assert refusal(bots.add, moderator, "other") == "forbidden"
    assert refusal(bots.rotate, moderator, rota) == refusal(bots.revoke, moderator, rota) == "forbidden"
    allowed = [(entry.action, entry.allowed) for entry in building.server.parts.audit.entries()]
    assert allowed.count(("bot add", True)) == 1
    assert allowed.count(("bot revoke", False)) == 2


def test_bot_never_administers(building: Building, bots: Bots) -> None:
    """A bot may moderate, but nobody makes it an administrator, and it has no password to change."""
    session = arrive(building, bots.add(ADMIN, "rota").token)
    roles, bot = building.server.parts.roles, record(building, "rota")
    assert refusal(roles.set_role, ADMIN, bot, "admin") == "forbidden"
    roles.set_role(ADMIN, bot, "moderator")
    assert session.role == "moderator"
    accounts = building.services.accounts
    assert refusal(accounts.change_password, session, "", "a long password indeed") == "forbidden"
    assert refusal(accounts.login, FakeSession(), "rota", "") == "invalid_credentials"


def test_bot_shown_as_one(building: Building, bots: Bots) -> None:
    """Connected or not, a bot is shown as one in the list of members, which counts it."""
    session = arrive(building, bots.add(ADMIN, "rota").token)
    building.room("Ops")
    jules = building.sign_in(building.user("jules"))
    for one in (session, jules):
        building.services.rooms.join(one, "Ops", "")
    listed = building.services.rooms.members(jules, "Ops")
    assert ({member.username: member.bot for member in listed.members}, listed.total, listed.online) == (
        {"rota": True, "jules": False},
        2,
        2,
    )
    assert {m.username: m.bot for m in building.services.rooms.members(jules, "Ops", "").members}["rota"]
    building.services.registry.closed(session)
    assert {m.username: m.bot for m in building.services.rooms.members(jules, "Ops").members}["rota"]
