"""Invitations: in force until they are used, revoked or too old; each makes one account."""

import threading
from collections.abc import Callable

import pytest

from chat_server.storage import Storage
from chat_server.storage.core.errors import DuplicateKey, NoSuchInvitation
from chat_server.storage.core.records import UserRecord
from chat_server.storage.repositories import users
from tests.chat_server.storage.conftest import START_MS


def test_invitations(storage: Storage) -> None:
    """Each is listed and found by its code's hash, letter by letter, until it expires or is removed."""
    first = storage.invitations.add("h1", "Zoé", "moderator", "boss", START_MS, START_MS + 10)
    second = storage.invitations.add("h2", "", "member", "boss", START_MS, START_MS + 20)
    assert storage.invitations.in_force(START_MS) == [first, second]
    assert (first.username, first.role, first.by_name) == ("Zoé", "moderator", "boss")
    assert storage.invitations.by_code("h1", START_MS + 9) == first
    assert storage.invitations.by_code("H1", START_MS) is None
    assert storage.invitations.by_code("h1", START_MS + 10) is None
    assert storage.invitations.in_force(START_MS + 10) == [second]
    third = storage.invitations.add("h3", "", "member", "boss", START_MS + 10, START_MS + 20)
    assert third.id > second.id
    assert not storage.invitations.remove(first.id)  # it went when it had expired
    assert storage.invitations.remove(second.id)
    assert storage.invitations.in_force(START_MS) == [third]


def test_invitation_is_used_up_by_an_account(storage: Storage, alice: UserRecord) -> None:
    """With it goes the invitation; a taken name leaves it, and one that is gone makes no account."""
    made = storage.invitations.add("h1", "", "member", "boss", START_MS, START_MS + 10)
    with pytest.raises(DuplicateKey):
        storage.users.create("Alice", alice.username_key, "A", "hash", START_MS, invitation=made.id)
    assert storage.invitations.in_force(START_MS) == [made]
    with pytest.raises(NoSuchInvitation):
        storage.users.create("zoe", "zoe", "Z", "hash", START_MS + 10, invitation=made.id)
    assert storage.users.by_key("zoe") is None
    zoe = storage.users.create("zoe", "zoe", "Z", "hash", START_MS, "moderator", made.id)
    assert storage.users.by_key("zoe") == zoe
    assert zoe.role == "moderator"
    with pytest.raises(NoSuchInvitation):
        storage.users.create("jules", "jules", "J", "hash", START_MS, invitation=made.id)


def test_invitation_used_twice_at_once(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one uses it and is not stored yet, the other waits, and then has no account."""
    made = storage.invitations.add("h1", "", "member", "boss", START_MS, START_MS + 10)
    inside, tried, outcomes = threading.Event(), threading.Event(), []
    display_key: Callable[[str], str] = users._display_key

    def slow_key(name: str) -> str:
        """Park the first, which has taken the invitation out, until the second is on its way."""
        if name == "first":
            inside.set()
            assert tried.wait(5)
        return display_key(name)

    monkeypatch.setattr(users, "_display_key", slow_key)

    def register(name: str) -> None:
        try:
            storage.users.create(name, name, name, "hash", START_MS, invitation=made.id)
            outcomes.append((name, "made"))
        except NoSuchInvitation:
            outcomes.append((name, "refused"))

    threads = [threading.Thread(target=register, args=(name,)) for name in ("first", "second")]
    threads[0].start()
    assert inside.wait(5)
    threads[1].start()
    tried.set()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [("first", "made"), ("second", "refused")]
    assert storage.users.by_key("second") is None
    assert storage.invitations.in_force(START_MS) == []
