"""Old messages are found and removed in the same way on every database."""

from chat_server.storage import Storage
from chat_server.storage.core.records import NewMessage, RoomRecord, UserRecord

START_MS = 1_700_000_000_000
NOW_MS = START_MS + 100


def say(storage: Storage, room: RoomRecord, sender: UserRecord, at: int, count: int = 1) -> None:
    batch = [NewMessage(room.id, sender.id, "text", f"{at}-{number}") for number in range(count)]
    storage.messages.append(batch, START_MS + at)


def test_rooms_with_older(storage: Storage, room: RoomRecord, alice: UserRecord, bob: UserRecord) -> None:
    """A room is found by its oldest message, whatever its kind; one without a message never."""
    direct = storage.rooms.direct(alice.id, bob.id, START_MS)
    say(storage, room, alice, 10)
    say(storage, room, alice, 30)
    say(storage, direct, alice, 20)
    found = [
        [one.id for one in storage.retention.rooms_with_older(START_MS + at, NOW_MS)]
        for at in (10, 11, 20, 21)
    ]
    assert found == [[], [room.id], [room.id], [room.id, direct.id]]


def test_first_kept(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """The first message that is kept is found by its time."""
    for at in (10, 20, 30):
        say(storage, room, alice, at, count=3)
    now = storage.rooms.by_id(room.id)
    assert now is not None
    kept = [storage.retention.first_kept(now, START_MS + at, NOW_MS) for at in (0, 10, 11, 21, 30, 31)]
    assert kept == [1, 1, 4, 7, 7, 10]


def test_remove(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """The oldest messages go, as many as are allowed, and the room says where it starts."""
    say(storage, room, alice, 10, count=5)
    say(storage, room, alice, 20, count=2)
    before = START_MS + 20
    assert [storage.retention.remove(room.id, before, 3, NOW_MS) for _ in range(3)] == [
        (3, 4),
        (2, 6),
        (0, 1),
    ]
    assert [message.seq for message in storage.messages.after(room.id, 0, 10)] == [6, 7]
    now = storage.rooms.by_id(room.id)
    assert now is not None
    assert (now.first_seq, now.last_seq) == (6, 7)


def test_dated_in_the_future(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """A message dated later than now holds nothing up; it goes with what is old behind it, else it stays."""
    for at, count in ((500, 4), (10, 2), (20, 1), (600, 1)):
        say(storage, room, alice, at, count)
    before = START_MS + 15
    (found,) = storage.retention.rooms_with_older(before, NOW_MS)
    assert storage.retention.first_kept(found, before, NOW_MS) == 7
    assert storage.retention.remove(room.id, before, 3, NOW_MS) == (2, 7)
    assert storage.retention.rooms_with_older(before, NOW_MS) == []
    assert [message.seq for message in storage.messages.after(room.id, 0, 10)] == [7, 8]


def test_personal_messages(storage: Storage, room: RoomRecord, alice: UserRecord, bob: UserRecord) -> None:
    """What one person said is found in every stretch of a room, with what it said before."""
    say(storage, room, alice, 10, count=2_500)
    say(storage, room, bob, 20, count=2)
    storage.messages.append([NewMessage(room.id, alice.id, "new", "e", "edit", 2)], START_MS + 30)
    now = storage.rooms.by_id(room.id)
    assert now is not None
    found = list(storage.personal.messages(alice.id, now))
    assert [fields["seq"] for fields in found] == [*range(1, 2_501), 2_503]
    assert found[1]["body"] == "new"
    assert found[1]["former_versions"] == [{"body": "text", "replaced_at": START_MS + 30}]
    assert found[2_500] == {
        "seq": 2_503,
        "sent_at": START_MS + 30,
        "kind": "edit",
        "body": "new",
        "target": 2,
        "deleted": False,
    }
