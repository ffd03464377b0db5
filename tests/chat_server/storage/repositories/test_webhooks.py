"""The rows of webhooks, in both databases."""

from dataclasses import replace

import pytest

from chat_server.storage import DuplicateKey, Storage
from chat_server.storage.core.records import RoomRecord
from tests.chat_server.storage.conftest import START_MS

HASHES = ("aa" * 32, "bb" * 32)


def test_incoming_webhook(storage: Storage, room: RoomRecord) -> None:
    """A webhook is found by its bot and by its secret's hash, with when it was used, until it is removed."""
    bot = storage.users.create_bot("Alerts", "alerts", START_MS)
    assert (bot.is_bot, storage.users.by_id(bot.id)) == (True, bot)
    assert storage.members.of_user(bot.id) == []
    storage.webhooks.add_incoming(bot.id, room.id, HASHES[0], START_MS)
    (found,) = storage.webhooks.incoming()
    assert (found.user, found.room_id, found.created_at, found.last_used_at) == (bot, room.id, START_MS, None)
    assert storage.webhooks.incoming_of(bot.id) == storage.webhooks.incoming_by_secret(HASHES[0]) == found
    storage.webhooks.replace_incoming_secret(bot.id, HASHES[1])
    storage.webhooks.incoming_used(bot.id, START_MS + 1)
    assert storage.webhooks.incoming_by_secret(HASHES[0]) is None
    used = storage.webhooks.incoming_by_secret(HASHES[1])
    assert used is not None
    assert used.last_used_at == START_MS + 1
    storage.webhooks.remove_incoming(bot.id)
    assert storage.webhooks.incoming() == []


def test_incoming_webhook_of_a_bot_that_has_one(storage: Storage, room: RoomRecord) -> None:
    """A bot has one webhook; a second one is refused."""
    bot = storage.users.create_bot("Alerts", "alerts", START_MS)
    storage.webhooks.add_incoming(bot.id, room.id, HASHES[0], START_MS)
    with pytest.raises(DuplicateKey):
        storage.webhooks.add_incoming(bot.id, room.id, HASHES[1], START_MS)


def test_bot_erased(storage: Storage, room: RoomRecord) -> None:
    """A bot's webhook ends with its account."""
    bot = storage.users.create_bot("Alerts", "alerts", START_MS)
    storage.webhooks.add_incoming(bot.id, room.id, HASHES[0], START_MS)
    storage.users.erase(bot.id)
    assert storage.webhooks.incoming_by_secret(HASHES[0]) is None


def test_outgoing_webhook(storage: Storage, room: RoomRecord) -> None:
    """Where a room's messages go is kept with how far that has come, until it is removed."""
    storage.webhooks.add_outgoing(room.id, "Relay", "relay", "https://x.example/", HASHES[0], 7, START_MS)
    (hook,) = storage.webhooks.outgoing()
    assert (hook.name, hook.sent_seq, hook.tries, hook.trouble) == ("Relay", 7, 0, "")
    with pytest.raises(DuplicateKey):
        storage.webhooks.add_outgoing(room.id, "relay", "relay", "https://y.example/", HASHES[1], 0, START_MS)
    later = replace(hook, sent_seq=9, tries=2, retry_at=START_MS + 5, trouble="x" * 300, given_up=1)
    storage.webhooks.sent(later)
    storage.webhooks.replace_outgoing_secret(hook.id, HASHES[1])
    assert storage.webhooks.outgoing() == [replace(later, trouble="x" * 255, secret=HASHES[1])]
    storage.webhooks.remove_outgoing(hook.id)
    assert storage.webhooks.outgoing() == []
