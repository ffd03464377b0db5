"""What users keep for themselves: settings with versions, and saved messages."""

from chat_server.storage import Storage
from chat_server.storage.core.records import NewMessage, RoomRecord, UserRecord
from tests.chat_server.storage.conftest import START_MS

MOST = 2


def test_each_choice_has_a_greater_version(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """The version of a setting grows with each choice, also over one that was taken back."""
    storage.members.join(room.id, alice.id)
    settings = storage.own_settings
    assert settings.set(alice.id, room.id, "notify", '"none"', MOST) == 1
    assert settings.set(alice.id, 0, "words", '["café 😀"]', MOST) == 1
    assert settings.set(alice.id, room.id, "notify", "null", MOST) == 2
    assert settings.set(alice.id, room.id, "notify", '"all"', MOST) == 3
    found = [(one.room, one.name, one.value, one.version) for one in settings.of_user(alice.id)]
    assert found == [
        (None, "words", '["café 😀"]', 1),
        (room.public_id, "notify", '"all"', 3),
    ]


def test_settings_of_rooms_are_bounded(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """Past the number of settings of rooms none is added; those that are there can still be changed."""
    settings = storage.own_settings
    assert [settings.set(alice.id, number, "notify", '"all"', MOST) for number in (1, 2, 3)] == [1, 1, None]
    assert settings.set(alice.id, 2, "notify", '"none"', MOST) == 2
    assert settings.set(alice.id, 0, "receipts", "false", MOST) == 1


def test_settings_of_rooms_need_membership(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """The settings of a room are not listed while the user is out of it."""
    storage.own_settings.set(alice.id, room.id, "notify", '"all"', MOST)
    storage.members.remove(room.id, alice.id)
    assert storage.own_settings.of_user(alice.id) == []
    storage.members.join(room.id, alice.id)
    assert [one.room for one in storage.own_settings.of_user(alice.id)] == [room.public_id]


def test_one_of_two_has_chosen(storage: Storage, alice: UserRecord, bob: UserRecord) -> None:
    """A value that either of two has chosen is found, and no other."""
    pair = (alice.id, bob.id)
    storage.own_settings.set(alice.id, 0, "receipts", "true", MOST)
    assert not storage.own_settings.any_has(pair, "receipts", "false")
    storage.own_settings.set(bob.id, 0, "receipts", "false", MOST)
    assert storage.own_settings.any_has(pair, "receipts", "false")


def test_value_of_one_user(storage: Storage, alice: UserRecord, bob: UserRecord) -> None:
    """What somebody has chosen is found as it was stored; nothing of what others have chosen."""
    storage.own_settings.set(alice.id, 0, "utc_offset", '"+01:00"', MOST)
    assert storage.own_settings.value_of(alice.id, "utc_offset") == '"+01:00"'
    assert storage.own_settings.value_of(bob.id, "utc_offset") is None


def test_saved_messages(storage: Storage, room: RoomRecord, alice: UserRecord, bob: UserRecord) -> None:
    """A list has each message once, the last one saved first, and no more than it may."""
    storage.members.join(room.id, alice.id)
    saved = storage.saved
    assert saved.add(alice.id, room.id, 4, START_MS, MOST)
    assert saved.add(alice.id, room.id, 4, START_MS, MOST) is False
    assert saved.add(alice.id, room.id, 2, START_MS, MOST)
    assert saved.add(alice.id, room.id, 3, START_MS, MOST) is None
    assert [place.seq for place in saved.page(alice.id, None, 10)] == [2, 4]
    last = saved.page(alice.id, None, 1)[0]
    assert [place.seq for place in saved.page(alice.id, last.id, 10)] == [4]
    assert saved.page(bob.id, None, 10) == []
    assert saved.remove(alice.id, room.id, 4)
    assert not saved.remove(alice.id, room.id, 4)
    storage.members.remove(room.id, alice.id)
    assert saved.page(alice.id, None, 10) == []


def test_gone_with_their_user_and_message(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """A saved place goes with its message, and all that a user kept with the user."""
    storage.members.join(room.id, alice.id)
    for number in range(3):
        message = NewMessage(room.id, alice.id, "x", str(number))
        storage.messages.append([message], START_MS + number)
        storage.saved.add(alice.id, room.id, number + 1, START_MS, 9)
    storage.retention.remove(room.id, before=START_MS + 1, now=START_MS + 9, limit=10)
    assert [place.seq for place in storage.saved.page(alice.id, None, 9)] == [3, 2]
    storage.own_settings.set(alice.id, 0, "words", "[]", 9)
    storage.users.erase(alice.id)
    assert storage.personal.settings(alice.id) == storage.personal.saved(alice.id) == []
