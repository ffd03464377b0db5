"""Accounts: unique keys, look-ups, where people came from, and erasure."""

import pytest

from chat_server.storage import DuplicateKey, Storage, StorageError
from chat_server.storage.core.records import NewMessage, RoomRecord, UserRecord
from tests.chat_server.storage.conftest import START_MS


def test_user_created(storage: Storage) -> None:
    """A new account is found by its key and id as it was given."""
    made = storage.users.create("Zoé", "zoe", "Zoé Ω 😀", "scrypt$1", START_MS, role="admin")
    assert storage.users.by_key("zoe") == made
    assert storage.users.by_id(made.id) == made
    assert (made.username, made.display_name, made.role) == ("Zoé", "Zoé Ω 😀", "admin")


def test_user_created_joins_arrival_rooms(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """A new account is a member of the arrival room, and what was said before counts as read."""
    storage.messages.append([NewMessage(room.id, alice.id, "first", "n1")], START_MS)
    carol = storage.users.create("Carol", "carol", "Carol", "hash", START_MS)
    (membership,) = storage.members.of_user(carol.id)
    assert (membership.room_id, membership.state, membership.read_seq) == (room.id, "joined", 1)


def test_user_with_a_taken_key(storage: Storage, alice: UserRecord) -> None:
    """Two names with one key are one name; the second account is refused and leaves nothing."""
    with pytest.raises(DuplicateKey):
        storage.users.create("Àlice", "alice", "Another", "hash", START_MS)
    assert storage.users.count() == 1
    assert len(storage.members.user_ids(1)) == 1


@pytest.mark.parametrize("other", ["Alice", "alice.", "alicé"])
def test_keys_compared_exactly(storage: Storage, alice: UserRecord, other: str) -> None:
    """The database folds nothing by itself: what a key is, is decided before it gets there."""
    storage.users.create(other, other, other, "hash", START_MS)
    assert storage.users.by_key("alice") == alice
    assert storage.users.count() == 2


def test_user_unknown(storage: Storage) -> None:
    """Whoever is not there is None, and cannot be changed."""
    assert storage.users.by_key("nobody") is None
    assert storage.users.by_id(99) is None
    with pytest.raises(StorageError):
        storage.users.set_role(99, "admin")


def test_users_by_ids(storage: Storage, alice: UserRecord, bob: UserRecord) -> None:
    """Several accounts come in one call; an unknown id is left out, and no id is no query."""
    assert storage.users.by_ids([bob.id, alice.id, 99, bob.id]) == {alice.id: alice, bob.id: bob}
    assert storage.users.by_ids([]) == {}


def test_user_search(storage: Storage) -> None:
    """A prefix finds the key or the folded display name; signs of LIKE mean themselves."""
    for number, display in enumerate(["Émile", "100%_sure", "Zed"]):
        storage.users.create(f"user{number}", f"user{number}", display, "hash", START_MS)
    assert [user.display_name for user in storage.users.search("emi", 10)] == ["Émile"]
    assert [user.username for user in storage.users.search("user", 2)] == ["user0", "user1"]
    assert len(storage.users.search("", 10)) == 3
    assert [user.display_name for user in storage.users.search("100%_", 10)] == ["100%_sure"]
    assert storage.users.search("_", 10) == []
    assert [user.username for user in storage.users.search("user", 9, "user0")] == ["user1", "user2"]
    assert storage.users.search("", 9, "user2") == []


def test_user_listing(storage: Storage, alice: UserRecord, bob: UserRecord) -> None:
    """A text is found anywhere in the names, folded."""
    assert storage.users.listing() == [alice, bob]
    assert storage.users.listing("ÔB") == [bob]
    assert storage.users.listing("%") == []
    assert storage.users.listing(limit=1) == [alice]


def test_user_changed(storage: Storage, alice: UserRecord) -> None:
    """Password, role and display name change one by one."""
    storage.users.set_password(alice.id, "new", one_time=True)
    storage.users.set_role(alice.id, "moderator")
    storage.users.set_display_name(alice.id, "Élise")
    found = storage.users.by_id(alice.id)
    assert found is not None
    assert (found.password_hash, found.one_time_password) == ("new", True)
    assert (found.role, found.display_name) == ("moderator", "Élise")
    assert storage.users.search("eli", 5) == [found]
    storage.users.set_display_name(alice.id, "Élise")  # the same again is no error


def test_admin_known(storage: Storage, alice: UserRecord) -> None:
    """The storage knows whether anybody may administer."""
    assert not storage.users.has_admin()
    storage.users.set_role(alice.id, "admin")
    assert storage.users.has_admin()


def test_user_seen(storage: Storage, alice: UserRecord, bob: UserRecord) -> None:
    """Each address keeps the first and the last time; the account keeps the last."""
    storage.users.seen([(alice.id, "192.0.2.1"), (bob.id, "2001:db8::1")], 10)
    storage.users.seen([(alice.id, "192.0.2.1"), (alice.id, "192.0.2.2")], 20)
    storage.users.seen([], 30)
    assert storage.users.addresses(alice.id) == [("192.0.2.1", 10, 20), ("192.0.2.2", 20, 20)]
    storage.users.seen([(bob.id, "192.0.2.2")], 30)
    assert storage.users.recent_addresses(2) == ["192.0.2.2", "192.0.2.1"]
    assert storage.users.recent_addresses(9) == ["192.0.2.2", "192.0.2.1", "2001:db8::1"]
    found = storage.users.by_ids([alice.id, bob.id])
    assert (found[alice.id].last_seen_at, found[bob.id].last_seen_at) == (20, 30)


def test_user_erased(storage: Storage, room: RoomRecord, alice: UserRecord, bob: UserRecord) -> None:
    """An erased account leaves its messages without a sender, and nothing else of itself."""
    storage.messages.append([NewMessage(room.id, alice.id, "stays", "n1")], START_MS)
    storage.messages.append([NewMessage(room.id, alice.id, "👍", "n2", "react", 1)], START_MS)
    storage.users.seen([(alice.id, "192.0.2.1")], 10)
    storage.tokens.add(alice.id, "token", START_MS)
    storage.users.erase(alice.id)
    found = storage.users.by_id(alice.id)
    assert found is not None
    assert found.erased
    assert (found.username_key, found.display_name, found.password_hash, found.last_seen_at) == (
        f"~{alice.id}",
        "",
        "",
        None,
    )
    (message,) = storage.messages.after(room.id, 0, 1)
    assert (message.body, message.author, message.author_id) == ("stays", None, alice.id)
    assert message.reactions == {}
    assert storage.users.addresses(alice.id) == []
    assert storage.tokens.user_of("token") is None
    assert storage.members.user_ids(room.id) == [bob.id]
    assert storage.users.listing() == [bob]
    assert storage.users.count() == 1
    assert storage.users.create("Alice", "alice", "Another Alice", "hash", 30).id != alice.id


def test_password_replaced_only_where_it_is_still_the_known_one(storage: Storage, alice: UserRecord) -> None:
    """Of two changes at the same time one wins, and a one-time password ends with the user's own choice."""
    storage.users.set_password(alice.id, "one-time", one_time=True)
    assert not storage.users.replace_password(alice.id, "hash", "late")
    assert storage.users.replace_password(alice.id, "one-time", "own")
    found = storage.users.by_key("alice")
    assert found is not None
    assert (found.password_hash, found.one_time_password) == ("own", False)
    storage.users.set_password(alice.id, "one-time", one_time=True)
    assert not storage.users.renew_hash(alice.id, "own", "late")
    assert storage.users.renew_hash(alice.id, "one-time", "renewed")
    found = storage.users.by_key("alice")
    assert found is not None
    assert (found.password_hash, found.one_time_password) == ("renewed", True)
