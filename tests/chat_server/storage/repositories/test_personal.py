"""All that is kept about one person, piece by piece, on every database."""

import pytest

from chat_server.storage import Storage
from chat_server.storage.core.records import NewMessage, RoomRecord, UserRecord
from chat_server.storage.repositories import personal as module
from tests.chat_server.storage.conftest import START_MS


def _say(
    storage: Storage, room: RoomRecord, user: UserRecord, body: str, kind: str = "text", target: int = 0
) -> None:
    message = NewMessage(room.id, user.id, body, f"{kind} {body}", kind, target or None)
    storage.messages.append([message], START_MS)


def test_rooms_are_all_but_other_peoples_conversations(
    storage: Storage, alice: UserRecord, bob: UserRecord
) -> None:
    """Whoever may have written somewhere finds it; a conversation of two others stays theirs."""
    carol = storage.users.create("Carol", "carol", "Carol", "hash", START_MS)
    own = storage.rooms.direct(alice.id, bob.id, START_MS)
    others = storage.rooms.direct(carol.id, bob.id, START_MS)
    found = [room.id for room in storage.personal.rooms(alice.id)]
    assert found == sorted(found)
    assert own.id in found
    assert others.id not in found
    assert {room.id for room in storage.rooms.all()} <= set(found)


def test_messages_come_whole_with_former_versions(
    storage: Storage, room: RoomRecord, alice: UserRecord, bob: UserRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the user's own are given, in order, across the stretches of the queries."""
    monkeypatch.setattr(module, "STRETCH", 2)
    _say(storage, room, alice, "first")
    _say(storage, room, bob, "not hers")
    _say(storage, room, alice, "third")
    _say(storage, room, alice, "edited", "edit", 1)
    _say(storage, room, bob, "his", "edit", 2)
    _say(storage, room, alice, "", "delete", 3)
    now = storage.rooms.by_id(room.id)
    assert now is not None
    found = list(storage.personal.messages(alice.id, now))
    assert [(one["seq"], one["kind"]) for one in found] == [
        (1, "text"),
        (3, "text"),
        (4, "edit"),
        (6, "delete"),
    ]
    first, third, edit, _ = found
    assert (first["body"], first["edited_at"], first["deleted"]) == ("edited", START_MS, False)
    assert [version["body"] for version in first["former_versions"]] == ["first"]
    assert third["deleted"] is True
    assert (edit["target"], edit["body"], "former_versions" in edit) == (1, "edited", False)
    assert "reply_to" not in first


def test_memberships_addresses_and_sign_ins(
    storage: Storage, room: RoomRecord, alice: UserRecord, bob: UserRecord
) -> None:
    """Each under the names of its columns, and of that user alone; no token is among them."""
    moderated = storage.rooms.create("Plaza", "plaza", "moderated", "", START_MS)
    storage.members.join(room.id, alice.id)
    storage.members.request(moderated.id, alice.id, "please", START_MS + 5)
    storage.members.join(moderated.id, bob.id)
    storage.tokens.add(alice.id, "a hash", START_MS + 9, address="192.0.2.1", name="desk")
    storage.tokens.add(bob.id, "another hash", START_MS + 10)
    memberships = storage.personal.memberships(alice.id)
    assert [(one["room_id"], one["state"], one["reason"]) for one in memberships] == [
        (room.id, "joined", memberships[0]["reason"]),
        (moderated.id, "pending", "please"),
    ]
    assert memberships[1]["requested_at"] == START_MS + 5
    assert storage.personal.tokens(alice.id) == [
        {
            "device": "desk",
            "address": "192.0.2.1",
            "created_at": START_MS + 9,
            "last_used_at": START_MS + 9,
        }
    ]
    assert storage.personal.addresses(alice.id) == []
