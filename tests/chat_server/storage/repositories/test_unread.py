"""What others have said after a mark, counted by the database; and when something was said last."""

from chat_server.storage import Storage
from chat_server.storage.core.records import NewMessage, RoomRecord, UserRecord

START = 1_700_000_000_000


def test_only_what_others_have_said_counts(
    storage: Storage, room: RoomRecord, alice: UserRecord, bob: UserRecord
) -> None:
    """One's own messages, edits, deleted ones and reactions are not counted, nor what lies elsewhere."""
    said = [
        (alice, "read already", "text", None),
        (alice, "hello @bob", "text", None),
        (bob, "mine", "text", None),
        (alice, "to be deleted @bob", "text", None),
        (alice, "100% plain", "text", None),
        (alice, "", "delete", 4),
        (alice, "👍", "react", 3),
        (alice, "hello again @bob", "edit", 2),
        (alice, "after the mark", "text", None),
    ]
    for number, (author, body, kind, target) in enumerate(said):
        message = NewMessage(room.id, author.id, body, f"n{number}", kind, target)
        storage.messages.append([message], START + number)
    marks = {room.id: (1, 8)}
    assert storage.messages.count_others(bob.id, marks) == {room.id: 2}
    assert storage.messages.others_with_at(bob.id, marks) == [(room.id, "hello again @bob")]
    assert storage.messages.count_others(alice.id, marks) == {room.id: 1}
    assert storage.messages.heads([room.id, room.id + 1]) == {room.id: (9, START + 8), room.id + 1: (0, None)}


def test_last_at_is_of_what_was_said(
    storage: Storage, room: RoomRecord, alice: UserRecord, bob: UserRecord
) -> None:
    """A reaction changes nothing about when something was said last."""
    storage.messages.append([NewMessage(room.id, alice.id, "hello", "n")], START)
    storage.messages.append([NewMessage(room.id, bob.id, "👍", "m", "react", 1)], START + 5)
    assert storage.messages.heads([room.id]) == {room.id: (2, START)}


def test_many_rooms_are_counted_at_once(storage: Storage, alice: UserRecord, bob: UserRecord) -> None:
    """More rooms than one statement takes are counted all the same."""
    rooms = [storage.rooms.create(f"R{n}", f"r{n}", "public", "", START) for n in range(120)]
    for record in rooms:
        storage.messages.append([NewMessage(record.id, alice.id, "hello", f"n{record.id}")], START)
    counts = storage.messages.count_others(bob.id, {record.id: (0, 1) for record in rooms})
    assert counts == {record.id: 1 for record in rooms}
