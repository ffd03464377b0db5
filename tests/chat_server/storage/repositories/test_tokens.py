"""Tokens: whom they sign in, when they were used, and their end."""

from chat_server.storage import Storage
from chat_server.storage.core.records import UserRecord
from tests.chat_server.storage.conftest import START_MS


def test_tokens(storage: Storage, alice: UserRecord, bob: UserRecord) -> None:
    """A token signs its user in until it ends, alone or with all others."""
    for user, token in ((alice, "a1"), (alice, "a2"), (bob, "b1")):
        storage.tokens.add(user.id, token, START_MS)
    assert storage.tokens.user_of("a1") == alice
    assert storage.tokens.user_of("A1") is None
    assert storage.tokens.remove("a1")
    assert not storage.tokens.remove("a1")
    assert storage.tokens.user_of("a1") is None
    assert storage.tokens.remove_all(alice.id) == 1
    assert storage.tokens.user_of("a2") is None
    assert storage.tokens.user_of("b1") == bob


def test_token_is_a_device(storage: Storage, alice: UserRecord) -> None:
    """What is known of a token stands beside its user; each has an id of its own."""
    assert storage.tokens.add(alice.id, "a1", START_MS, address="192.0.2.1", name="pâté 😀" * 9)
    storage.tokens.add(alice.id, "a2", START_MS + 1)
    found = storage.tokens.sign_in_of("a1")
    assert found is not None
    user, device = found
    assert user == alice
    assert (device.token_hash, device.user_id, device.name) == ("a1", alice.id, "pâté 😀" * 9)
    assert (device.address, device.created_at, device.last_used_at) == ("192.0.2.1", START_MS, START_MS)
    newer, older = storage.tokens.of_user(alice.id)
    assert (newer.token_hash, older) == ("a2", device)
    assert newer.public_id != older.public_id
    assert storage.tokens.sign_in_of("a3") is None


def test_token_used(storage: Storage, alice: UserRecord, bob: UserRecord) -> None:
    """A use is noted with its address and name; one of a token that has ended is none."""
    storage.tokens.add(alice.id, "a1", START_MS)
    storage.tokens.add(bob.id, "b1", START_MS)
    storage.tokens.used({"a1": ("192.0.2.1", "desk"), "gone": ("192.0.2.2", "")}, START_MS + 5)
    (device,) = storage.tokens.of_user(alice.id)
    assert (device.address, device.name, device.last_used_at) == ("192.0.2.1", "desk", START_MS + 5)
    assert storage.tokens.sign_in_of("gone") is None
    storage.tokens.in_use({"a1", "b1"}, START_MS + 9, before=START_MS)
    used = [storage.tokens.of_user(user.id)[0].last_used_at for user in (alice, bob)]
    assert used == [START_MS + 5, START_MS + 9]


def test_tokens_unused_removed(storage: Storage, alice: UserRecord, bob: UserRecord) -> None:
    """Those that were used last before a time end, the oldest first, so many at a time."""
    for number, user in enumerate((alice, alice, bob, bob)):
        storage.tokens.add(user.id, f"t{number}", START_MS + number)
    assert storage.tokens.remove_unused(START_MS + 3, 2) == 2
    assert storage.tokens.remove_unused(START_MS + 3, 2) == 1
    assert storage.tokens.remove_unused(START_MS + 3, 2) == 0
    assert [device.token_hash for device in storage.tokens.of_user(bob.id)] == ["t3"]
    assert storage.tokens.of_user(alice.id) == []
