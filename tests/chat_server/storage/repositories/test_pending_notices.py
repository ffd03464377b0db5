"""Events that wait for users who are away."""

from chat_server.storage import Storage
from chat_server.storage.core.records import UserRecord


def test_one_for_each_room_waits_and_is_taken_once(storage: Storage, alice: UserRecord) -> None:
    """A later event about a room takes the place of the one before; all are taken in their order, at once."""
    waiting = storage.pending_notices
    for room, event in (("r1", "old"), ("r2", "café 😀"), ("r1", "new")):
        waiting.keep(alice.id, room, event)
    assert waiting.take(alice.id + 1) == []
    assert waiting.take(alice.id) == ["café 😀", "new"]
    assert waiting.take(alice.id) == []


def test_erased_user_has_none(storage: Storage, alice: UserRecord) -> None:
    """What waits for a user goes when the user is erased."""
    storage.pending_notices.keep(alice.id, "r1", "event")
    storage.users.erase(alice.id)
    assert storage.pending_notices.take(alice.id) == []
