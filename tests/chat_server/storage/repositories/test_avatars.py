"""The pictures of users in storage: one each, named on the account, and gone with it."""

from chat_server.storage import Storage
from chat_server.storage.core.records import UserRecord

NAME, DATA = "12" * 16, "iVBORw0KGgo="


def _named(storage: Storage, user: UserRecord) -> str:
    found = storage.users.by_id(user.id)
    assert found is not None
    return found.avatar


def test_one_for_each_user(storage: Storage, alice: UserRecord, bob: UserRecord) -> None:
    """A second picture takes the place of the first; empty texts take it away."""
    assert storage.avatars.of_user(alice.id) is None
    assert storage.avatars.set(alice.id, "34" * 16, "AAAA")
    assert storage.avatars.set(alice.id, NAME, DATA)
    assert storage.avatars.of_user(alice.id) == (NAME, DATA)
    assert [_named(storage, one) for one in (alice, bob)] == [NAME, ""]
    assert storage.avatars.set(alice.id, "", "")
    assert (storage.avatars.of_user(alice.id), _named(storage, alice)) == (None, "")


def test_largest_picture_is_kept_whole(storage: Storage, alice: UserRecord) -> None:
    """No column is too short for what a frame may carry."""
    assert storage.avatars.set(alice.id, NAME, "A" * 61_440)
    assert storage.avatars.of_user(alice.id) == (NAME, "A" * 61_440)


def test_gone_with_the_account(storage: Storage, alice: UserRecord) -> None:
    """Nothing of a picture is left of an erased account, which gets no other one."""
    storage.avatars.set(alice.id, NAME, DATA)
    storage.users.erase(alice.id)
    assert (storage.avatars.of_user(alice.id), _named(storage, alice)) == (None, "")
    assert not storage.avatars.set(alice.id, NAME, DATA)
    assert storage.database.row("SELECT COUNT(*) FROM avatars") == (0,)
