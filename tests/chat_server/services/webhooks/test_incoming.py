"""The webhooks of programs: who makes them, as whom they speak, and how they end."""

import pytest

from chat_protocol.errors import ChatError
from chat_server.live.session import Account
from chat_server.services.messages.messages import Submission
from chat_server.services.vocabulary.actors import Actor
from chat_server.services.webhooks.incoming import MadeHook
from tests.chat_server.building import ADMIN, Building
from tests.chat_server.fakes import FakeSession


@pytest.fixture
def hook(building: Building) -> MadeHook:
    return building.server.parts.webhooks.add(ADMIN, building.room("Ops"), "alerts")


def prepare(building: Building, secret: str, key: str = "") -> Submission:
    webhooks = building.server.parts.webhooks
    record = webhooks.of_secret(secret)
    assert record is not None
    bot = record.user
    sender = FakeSession(Account(bot.id, bot.username, bot.username_key, bot.display_name, bot.role))
    return webhooks.prepare(record, sender, "down", key)


def code(error: pytest.ExceptionInfo[ChatError]) -> str:
    return error.value.code


def test_bot_belongs_to_its_room_alone(building: Building, hook: MadeHook) -> None:
    """A bot is a member of its webhook's room, where everybody sees what it is, and of no arrival room."""
    jules = building.sign_in(building.user("jules"))
    building.services.rooms.join(jules, "Ops", "")
    members = {item.username: item.bot for item in building.services.rooms.members(jules, "Ops").members}
    assert members == {"alerts": True, "jules": False}
    (found,) = building.services.people.find("ale", 5).users
    assert found.bot
    arrival = building.services.rooms.members(jules, "Général").members
    assert [item.username for item in arrival] == ["jules"]


def test_only_a_hash_is_kept(building: Building, hook: MadeHook) -> None:
    """The secret stands in no row of the database, and only it opens the webhook."""
    rows = building.storage.database.rows("SELECT * FROM incoming_webhooks")
    rows += building.storage.database.rows("SELECT actor, target, detail FROM audit")
    assert not any(hook.secret in str(value) for row in rows for value in row)
    webhooks = building.server.parts.webhooks
    assert webhooks.of_secret(hook.secret) is not None
    assert webhooks.of_secret(hook.secret[:-1]) is None
    assert webhooks.of_secret("") is None


def test_message_prepared(building: Building, hook: MadeHook) -> None:
    """A text is the bot's, for its room; a key makes one nonce, and without one each has its own."""
    one, two = (prepare(building, hook.secret, key="k 1").message for _ in range(2))
    bot = building.storage.users.by_key("alerts")
    room = building.server.parts.directory.find("Ops")
    assert bot is not None
    assert (one.author_id, one.room_id, one.body) == (bot.id, room.id, "down")
    assert one.nonce == two.nonce
    assert prepare(building, hook.secret).message.nonce != prepare(building, hook.secret).message.nonce
    (listed,) = building.server.parts.webhooks.listing(room)
    assert listed.last_used_at is not None


def test_secret_rotated(building: Building, hook: MadeHook) -> None:
    """The former secret ends when there is another one."""
    webhooks = building.server.parts.webhooks
    made = webhooks.rotate(ADMIN, "@Alerts")
    assert webhooks.of_secret(hook.secret) is None
    assert webhooks.of_secret(made.secret) is not None


def test_webhook_removed_and_made_again(building: Building, hook: MadeHook) -> None:
    """Without its webhook a bot has no way in and no room; another one makes it speak elsewhere."""
    webhooks, other = building.server.parts.webhooks, building.room("Other")
    webhooks.remove(ADMIN, "alerts")
    bot = building.storage.users.by_key("alerts")
    assert bot is not None
    assert webhooks.of_secret(hook.secret) is None
    assert building.storage.members.of_user(bot.id) == []
    webhooks.add(ADMIN, other, "Alerts")
    (listed,) = webhooks.listing()
    assert (listed.user.id, listed.room_id) == (bot.id, other.id)


def test_names_refused(building: Building, hook: MadeHook) -> None:
    """A person's name, a bot's that has a webhook, and what is no name are refused; so is who is no admin."""
    webhooks, room = building.server.parts.webhooks, building.server.parts.directory.find("Ops")
    building.user("jules")
    for name, expected in (
        ("Jules", "username_taken"),
        ("alerts", "username_taken"),
        ("a", "invalid_username"),
    ):
        with pytest.raises(ChatError) as refused:
            webhooks.add(ADMIN, room, name)
        assert code(refused) == expected
    for act in (webhooks.rotate, webhooks.remove):
        with pytest.raises(ChatError) as refused:
            act(ADMIN, "jules")
        assert code(refused) == "no_such_user"
    with pytest.raises(ChatError) as refused:
        webhooks.add(Actor("mod", "moderator", "console"), room, "other")
    assert code(refused) == "forbidden"


def test_bot_has_no_password(building: Building, hook: MadeHook) -> None:
    """Nobody signs in as a bot, gives it a password, or makes it an administrator's account."""
    bot = building.storage.users.by_key("alerts")
    assert bot is not None
    session = FakeSession()
    with pytest.raises(ChatError) as refused:
        building.services.accounts.login(session, "alerts", "")
    assert code(refused) == "invalid_credentials"
    roles = building.server.parts.roles
    with pytest.raises(ChatError) as refused:
        roles.one_time_password(ADMIN, bot)
    assert code(refused) == "forbidden"
    with pytest.raises(ChatError) as refused:
        roles.create_admin(ADMIN, "alerts", "a long password indeed", reset=True)
    assert code(refused) == "forbidden"


def test_bot_sanctioned(building: Building, hook: MadeHook) -> None:
    """A bot that is muted or banned says nothing."""
    bot = building.storage.users.by_key("alerts")
    assert bot is not None
    for kind in ("mute", "ban"):
        record = building.storage.sanctions.add(kind, bot.id, None, None, "", "boss", 0, None)
        building.server.parts.sanctions.add(record)
        with pytest.raises(ChatError) as refused:
            prepare(building, hook.secret)
        assert code(refused) == {"mute": "muted", "ban": "banned"}[kind]


def test_room_removed(building: Building, hook: MadeHook) -> None:
    """A webhook whose room was removed says so."""
    parts = building.server.parts
    parts.room_admin.archive(ADMIN, parts.directory.find("Ops"))
    with pytest.raises(ChatError) as refused:
        prepare(building, hook.secret)
    assert code(refused) == "no_such_room"
    assert parts.webhooks.room_name(parts.webhooks.find("alerts")) == ""


def test_bot_erased(building: Building, hook: MadeHook) -> None:
    """With a bot's account its webhook ends."""
    bot = building.storage.users.by_key("alerts")
    assert bot is not None
    building.server.parts.roles.erase(ADMIN, bot)
    assert building.server.parts.webhooks.of_secret(hook.secret) is None
    assert building.server.parts.webhooks.listing() == []


def test_name_that_is_no_webhook_is_cut_in_the_audit(building: Building) -> None:
    """What was typed for one is kept as far as it may be a name, with the refusal."""
    webhooks, typed = building.server.parts.webhooks, "x" * 60
    for act in (webhooks.rotate, webhooks.remove):
        with pytest.raises(ChatError):
            act(ADMIN, typed)
    refused = [
        (entry.action, entry.target) for entry in building.server.parts.audit.entries() if not entry.allowed
    ]
    assert sorted(refused) == [("webhook remove", typed[:40]), ("webhook rotate", typed[:40])]
