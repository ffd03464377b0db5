"""Pinned messages in storage: once each, in their order, bounded, and gone with what they are about."""

import pytest

from chat_server.storage import Storage
from chat_server.storage.core.records import NewMessage, RoomRecord, UserRecord
from tests.chat_server.storage.conftest import START_MS

MOST = 2


@pytest.fixture
def pinned(storage: Storage, room: RoomRecord, alice: UserRecord) -> RoomRecord:
    """A room with three messages, of which the third was pinned, and then the first."""
    storage.members.join(room.id, alice.id)
    for number in range(3):
        message = NewMessage(room.id, alice.id, "x", str(number))
        storage.messages.append([message], START_MS + number)
    assert [storage.pins.add(room.id, seq, alice.id, START_MS, MOST) for seq in (3, 1)] == ["new", "new"]
    return room


def _seqs(storage: Storage, room: RoomRecord) -> list[int]:
    return [pin.seq for pin in storage.pins.page(room.id, None, 9)]


def test_each_once_and_bounded(storage: Storage, pinned: RoomRecord, bob: UserRecord) -> None:
    """Each message is there once, the one pinned last first, and no more than a room may have."""
    pins = storage.pins
    assert pins.add(pinned.id, 1, bob.id, START_MS, MOST) == "old"
    assert pins.add(pinned.id, 2, bob.id, START_MS, MOST) == "full"
    assert pins.add(pinned.id, 9, bob.id, START_MS, 9) == "gone"
    last = pins.page(pinned.id, None, 1)[0]
    assert (last.seq, [pin.seq for pin in pins.page(pinned.id, last.id, 9)]) == (1, [3])
    assert pins.remove(pinned.id, 1)
    assert not pins.remove(pinned.id, 1)
    assert _seqs(storage, pinned) == [3]


def test_gone_with_the_message(storage: Storage, pinned: RoomRecord, alice: UserRecord) -> None:
    """A deleted message is pinned no more and cannot be pinned; nor is an old one that retention removes."""
    storage.messages.append([NewMessage(pinned.id, alice.id, "", "d", "delete", 3)], START_MS + 5)
    assert _seqs(storage, pinned) == [1]
    assert storage.pins.add(pinned.id, 3, alice.id, START_MS, 9) == "gone"
    storage.retention.remove(pinned.id, before=START_MS + 1, now=START_MS + 9, limit=10)
    assert _seqs(storage, pinned) == []


def test_gone_with_the_room(storage: Storage, pinned: RoomRecord) -> None:
    """A room that is removed keeps no pins."""
    storage.rooms.archive(pinned.id, START_MS)
    assert _seqs(storage, pinned) == []


def test_who_pinned_is_told_to_that_user_alone(
    storage: Storage, pinned: RoomRecord, alice: UserRecord
) -> None:
    """Personal data has the places; when the account is erased, the room keeps what is pinned in it."""
    assert [entry["seq"] for entry in storage.personal.pinned(alice.id)] == [3, 1]
    storage.users.erase(alice.id)
    assert _seqs(storage, pinned) == [1, 3]
