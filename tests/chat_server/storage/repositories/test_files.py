"""Files: named by one message of their room, read with it in one query, and given up with it."""

from dataclasses import replace
from typing import Any

import pytest

from chat_server.storage import DuplicateKey, Storage
from chat_server.storage.core.database import Transaction
from chat_server.storage.core.errors import NoSuchFile
from chat_server.storage.core.records import FileRecord, NewFile, NewMessage, RoomRecord, Stored, UserRecord
from tests.chat_server.storage.conftest import START_MS

DIGEST = "ab" * 32
PREVIEW = "cd" * 32


def new_file(room: RoomRecord, user: UserRecord, nonce: str = "u1", **other: Any) -> NewFile:
    file = NewFile(
        room.id, user.id, nonce, "écran 😀.png", 5, "image/png", DIGEST, 4, 3, 2, PREVIEW, START_MS
    )
    return replace(file, **other)


def send(storage: Storage, files: tuple[FileRecord, ...], nonce: str = "n1", **other: Any) -> Any:
    message = NewMessage(files[0].room_id, files[0].user_id, "", nonce, files=files)._replace(**other)
    (result,) = storage.messages.append([message], START_MS)
    return result


def shown(storage: Storage, room: RoomRecord, seq: int = 1) -> list[str]:
    message = storage.messages.get(room.id, seq)
    assert message is not None
    return [file.public_id for file in message.files]


def test_file_is_kept_as_it_was_added(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """A file is found by its id and by its user's nonce, which serves once."""
    new = new_file(room, alice)
    added = storage.files.add(new)
    assert (added.name, added.nonce, added.size, added.width, added.seq, added.gone) == (
        *("écran 😀.png", "u1", 5, 4),
        *(None, False),
    )
    assert storage.files.by_id(added.public_id) == storage.files.by_nonce(alice.id, "u1") == added
    with pytest.raises(DuplicateKey):
        storage.files.add(new)
    assert storage.files.by_nonce(alice.id, "u1 ") is None


def test_message_names_its_files(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """Files are read with their message, in the message's order."""
    first, second = (storage.files.add(new_file(room, alice, nonce)) for nonce in ("u1", "u2"))
    assert isinstance(send(storage, (second, first)), Stored)
    assert shown(storage, room) == [second.public_id, first.public_id]
    assert [file.seq for file in storage.files.by_ids([first.public_id, second.public_id])] == [1, 1]


def test_message_is_sent_again(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """The same nonce is answered with the first place; another one may not have the files again."""
    file = storage.files.add(new_file(room, alice))
    assert send(storage, (file,)) == Stored(room.id, 1, START_MS, False)
    assert send(storage, (file,)) == Stored(room.id, 1, START_MS, True)
    assert isinstance(send(storage, (file,), "n2"), NoSuchFile)
    assert storage.messages.last_seqs([room.id]) == {room.id: 1}


def test_files_of_others_are_not_named(
    storage: Storage, room: RoomRecord, alice: UserRecord, bob: UserRecord
) -> None:
    """A file goes into a message of its own room and user, and not when it is gone."""
    other = storage.rooms.create("Other", "other", "public", "", START_MS)
    file = storage.files.add(new_file(room, alice))
    assert isinstance(send(storage, (file,), author_id=bob.id), NoSuchFile)
    assert isinstance(send(storage, (file,), room_id=other.id), NoSuchFile)
    storage.files.give_up(file)
    assert isinstance(send(storage, (file,)), NoSuchFile)


def test_refused_files_keep_nobody_from_speaking(
    storage: Storage, room: RoomRecord, alice: UserRecord
) -> None:
    """A message whose file is gone is refused alone; those beside it are stored."""
    file = storage.files.add(new_file(room, alice))
    storage.files.give_up(file)
    batch = [NewMessage(room.id, alice.id, text, text) for text in "abc"]
    batch.insert(1, NewMessage(room.id, alice.id, "x", "x", files=(file,)))
    results = storage.messages.append(batch, START_MS)
    assert [type(result) for result in results] == [Stored, NoSuchFile, Stored, Stored]
    assert [message.body for message in storage.messages.after(room.id, 0, 9)] == ["a", "b", "c"]


def test_pages_cost_a_query_only_with_files(
    storage: Storage, room: RoomRecord, alice: UserRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of texts is read as before; one with files costs one query, however many there are."""
    storage.messages.append([NewMessage(room.id, alice.id, "text", "n0")], START_MS)
    kind = storage.database.read(lambda transaction: type(transaction))
    queries: list[str] = []
    whole = kind.rows

    def rows(transaction: Transaction, sql: str, parameters: Any = ()) -> Any:
        queries.append(sql)
        return whole(transaction, sql, parameters)

    monkeypatch.setattr(kind, "rows", rows)
    storage.messages.after(room.id, 0, 50)
    plain = len(queries)
    for number in range(5):
        send(storage, (storage.files.add(new_file(room, alice, f"u{number}")),), f"m{number}")
    queries.clear()
    assert sum(len(message.files) for message in storage.messages.after(room.id, 0, 50)) == 5
    assert len(queries) == plain + 1


def test_deleted_message_gives_its_files_up(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """A deletion takes the files with the text; an edit keeps them."""
    file = storage.files.add(new_file(room, alice))
    send(storage, (file,))
    edit = NewMessage(room.id, alice.id, "new", "n2", "edit", 1)
    storage.messages.append([edit], START_MS)
    assert shown(storage, room) == [file.public_id]
    storage.messages.append([NewMessage(room.id, alice.id, "", "n3", "delete", 1)], START_MS)
    assert shown(storage, room) == []
    assert storage.files.by_id(file.public_id) is None
    assert [(gone.id, gone.name) for gone in storage.files.gone(9)] == [(file.id, "")]


def test_what_goes_with_rooms_people_and_time(storage: Storage, alice: UserRecord, bob: UserRecord) -> None:
    """Retention, the removal of a room and the erasure of a user give their files up, and no others."""
    rooms = [storage.rooms.create(name, name, "public", "", START_MS) for name in ("a", "b", "c", "d")]
    files = [storage.files.add(new_file(room, bob, room.name)) for room in rooms]
    files.append(storage.files.add(new_file(rooms[3], alice, "of alice")))
    for file in files:
        send(storage, (file,), f"n{file.id}")
    storage.retention.remove(rooms[0].id, START_MS + 1, 9, START_MS)
    storage.rooms.archive(rooms[1].id, START_MS)
    storage.files.give_up(files[2])
    assert {file.id for file in storage.files.gone(9)} == {file.id for file in files[:3]}
    assert shown(storage, rooms[1]) == shown(storage, rooms[2]) == []
    storage.users.erase(bob.id)
    assert (shown(storage, rooms[3]), shown(storage, rooms[3], 2)) == ([], [files[4].public_id])
    assert {file.id for file in storage.files.gone(9)} == {file.id for file in files[:4]}


def test_uploads_that_nobody_sent(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """What no message has named for long is given up; what a message names stays."""
    sent = storage.files.add(new_file(room, alice, "sent"))
    send(storage, (sent,))
    storage.files.add(new_file(room, alice, "old"))
    young = storage.files.add(new_file(room, alice, "young", created_at=START_MS + 1))
    assert storage.files.give_up_unnamed(START_MS + 1) == 1
    assert storage.files.by_ids([young.public_id, sent.public_id]) == [young, replace(sent, seq=1)]


def test_named_digests(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """Bytes are needed as long as any file has them that is not gone; then their row can be forgotten."""
    one, two = (storage.files.add(new_file(room, alice, nonce)) for nonce in ("u1", "u2"))
    assert storage.files.usage() == storage.files.usage(alice.id, room.id) == (2, 14)
    storage.files.give_up(one)
    assert storage.files.named([DIGEST, PREVIEW, "ef" * 32]) == {DIGEST, PREVIEW}
    storage.files.give_up(two)
    assert storage.files.named([DIGEST, PREVIEW]) == set()
    assert storage.files.usage() == (0, 0)
    storage.files.forget(storage.files.gone(9))
    assert storage.files.gone(9) == []
