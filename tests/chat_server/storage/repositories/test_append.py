"""Storing messages: once each, in order, without holes, whatever stands beside them in the batch."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from chat_server.storage import Storage, StorageError
from chat_server.storage.core.errors import NonceTaken
from chat_server.storage.core.records import NewMessage, RoomRecord, Stored, UserRecord
from tests.chat_server.storage.conftest import START_MS, OpenDatabase


def stored(results: Sequence[Stored | StorageError]) -> list[Stored]:
    """The results of a batch in which nothing was refused."""
    assert all(isinstance(result, Stored) for result in results), results
    return [result for result in results if isinstance(result, Stored)]


def test_append_in_order(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """Messages get the next numbers in the order of the batch, across batches."""
    first = storage.messages.append([NewMessage(room.id, alice.id, t, f"n{t}") for t in "abc"], START_MS)
    second = storage.messages.append([NewMessage(room.id, alice.id, t, f"n{t}") for t in "de"], START_MS + 1)
    assert first == [Stored(room.id, seq, START_MS, False) for seq in (1, 2, 3)]
    assert second == [Stored(room.id, seq, START_MS + 1, False) for seq in (4, 5)]
    assert [message.body for message in storage.messages.after(room.id, 0, 10)] == list("abcde")
    assert storage.messages.append([], START_MS) == []


@pytest.mark.parametrize("count", [2, 5])
def test_append_to_several_rooms(storage: Storage, alice: UserRecord, count: int) -> None:
    """Each room of a batch counts for itself."""
    rooms = storage.rooms.all()[:count]
    batch = [
        NewMessage(room.id, alice.id, room.name, f"{room.id} {number}")
        for number in range(3)
        for room in rooms
    ]
    results = stored(storage.messages.append(batch, START_MS))
    assert [result.seq for result in results] == [1] * count + [2] * count + [3] * count
    assert storage.messages.last_seqs([room.id for room in rooms]) == {room.id: 3 for room in rooms}


@pytest.mark.parametrize("count", [1, 2, 127, 128, 129, 1000])
def test_append_batch_sizes(storage: Storage, room: RoomRecord, alice: UserRecord, count: int) -> None:
    """A batch of any size is stored whole."""
    batch = [NewMessage(room.id, alice.id, f"text {number}", f"n{number}") for number in range(count)]
    results = stored(storage.messages.append(batch, START_MS))
    assert [result.seq for result in results] == list(range(1, count + 1))
    found = storage.messages.before(room.id, None, 200)
    assert [message.body for message in found] == [message.body for message in batch[-200:]]


def test_append_of_the_largest_batch(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """A thousand of the longest messages, four bytes a sign, are one batch like any other."""
    batch = [NewMessage(room.id, alice.id, "😀" * 4_000, f"n{number}") for number in range(1_000)]
    assert [result.seq for result in stored(storage.messages.append(batch, START_MS))][-1] == 1_000


@pytest.mark.parametrize(
    "body",
    [
        "😀👩‍👩‍👧‍👦",
        "a\0b\0",
        "é" * 4_000,
        "😀" * 4_000,
        "\u202eשלום עליכם",
        "'; DROP TABLE messages; -- \\ \" % %s ? {} \x1a\r\n",
        " spaces at both ends ",
        "\ufeff\uffff\U0010ffff",
    ],
    ids=["emoji", "NUL", "4000", "4000 emoji", "right-to-left", "signs", "spaces", "edges of Unicode"],
)
def test_append_keeps_every_text(storage: Storage, room: RoomRecord, alice: UserRecord, body: str) -> None:
    """What was said comes back sign by sign, from the plain way and from the others."""
    batch = [NewMessage(room.id, alice.id, body, "n1"), NewMessage(room.id, alice.id, body, "n2", reply_to=1)]
    stored(storage.messages.append(batch, START_MS))
    assert [message.body for message in storage.messages.after(room.id, 0, 10)] == [body, body]


def test_append_nonce_repeated_later(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """A repeat is answered with the first one's place and time, and is not stored."""
    (first,) = stored(storage.messages.append([NewMessage(room.id, alice.id, "once", "n1")], START_MS))
    batch = [NewMessage(room.id, alice.id, "new", "n2"), NewMessage(room.id, alice.id, "once", "n1")]
    new, repeat = stored(storage.messages.append(batch, START_MS + 9))
    assert repeat == first._replace(repeated=True)
    assert new == Stored(room.id, 2, START_MS + 9, False)
    assert [message.body for message in storage.messages.after(room.id, 0, 10)] == ["once", "new"]


def test_append_nonce_repeated_in_one_batch(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """A repeat in the same batch gets the first one's place."""
    batch = [NewMessage(room.id, alice.id, text, "same") for text in ("first", "second", "third")]
    results = stored(storage.messages.append(batch, START_MS))
    assert [(result.seq, result.repeated) for result in results] == [(1, False), (1, True), (1, True)]
    assert [message.body for message in storage.messages.after(room.id, 0, 10)] == ["first"]


def test_append_nonce_of_another_sender(
    storage: Storage, room: RoomRecord, alice: UserRecord, bob: UserRecord
) -> None:
    """Two senders may use the same nonce."""
    batch = [NewMessage(room.id, user.id, user.username, "n1") for user in (alice, bob)]
    assert [result.seq for result in stored(storage.messages.append(batch, START_MS))] == [1, 2]


@pytest.mark.parametrize("other", ["N1", "n1 ", "n1\0", "ń1", "n1\u200b", ""])
def test_append_nonces_compared_exactly(
    storage: Storage, room: RoomRecord, alice: UserRecord, other: str
) -> None:
    """Nonces that look alike are different ones."""
    batch = [NewMessage(room.id, alice.id, nonce, nonce) for nonce in ("n1", other)]
    assert [result.seq for result in stored(storage.messages.append(batch, START_MS))] == [1, 2]
    repeats = stored(storage.messages.append(batch, START_MS))
    assert [(result.seq, result.repeated) for result in repeats] == [(1, True), (2, True)]


def test_append_nonce_repeated_after_reopening(
    storage: Storage, open_database: OpenDatabase, room: RoomRecord, alice: UserRecord
) -> None:
    """Another connection, and a server started later, know the nonce."""
    message = NewMessage(room.id, alice.id, "once", "ñ" * 64)
    (first,) = stored(storage.messages.append([message], START_MS))
    storage.close()
    again = Storage(open_database())
    try:
        assert again.messages.append([message], START_MS + 9) == [first._replace(repeated=True)]
    finally:
        again.close()


@pytest.mark.parametrize(
    "poisoned",
    [
        NewMessage(99, 1, "no such room", "p"),
        NewMessage(1, 1, "\ud800 alone", "p"),
        NewMessage(1, 1, "a nonce of one", "\udfff"),
        NewMessage(1, 1, "about nothing", "p", "edit", 99),
        NewMessage(1, 2**70, "a sender of no machine", "p"),
    ],
    ids=["room", "surrogate", "nonce", "target", "integer"],
)
def test_append_with_a_poisoned_message(
    storage: Storage, room: RoomRecord, alice: UserRecord, poisoned: NewMessage
) -> None:
    """The message at fault is refused; all others are stored, in order and without a hole."""
    good = [NewMessage(room.id, alice.id, f"good {number}", f"n{number}") for number in range(9)]
    results = storage.messages.append([*good[:4], poisoned, *good[4:]], START_MS)
    refused = results.pop(4)
    assert isinstance(refused, StorageError)
    assert [result.seq for result in stored(results)] == list(range(1, 10))
    assert len(storage.messages.after(room.id, 0, 20)) == 9


def test_append_from_eight_threads(storage: Storage, alice: UserRecord) -> None:
    """Threads that store at once, each to two rooms, leave no hole and no double."""
    rooms = storage.rooms.all()[:2]

    def talk(thread: int) -> list[Stored]:
        results = []
        for number in range(10):
            batch = [NewMessage(room.id, alice.id, "text", f"{thread} {number} {room.id}") for room in rooms]
            results += stored(storage.messages.append(batch if thread % 2 else batch[::-1], START_MS))
        return results

    with ThreadPoolExecutor(8) as executor:
        results = [result for part in executor.map(talk, range(8)) for result in part]
    for room in rooms:
        seqs = sorted(result.seq for result in results if result.room_id == room.id)
        assert seqs == list(range(1, 81))
        assert [message.seq for message in storage.messages.after(room.id, 0, 200)] == seqs


def test_append_same_nonces_from_eight_threads(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """A message offered by eight threads at once is stored once, and one of them stored it."""
    batch = [NewMessage(room.id, alice.id, "text", f"n{number}") for number in range(5)]
    with ThreadPoolExecutor(8) as executor:
        parts = list(executor.map(lambda _: stored(storage.messages.append(batch, START_MS)), range(8)))
    assert {tuple(result.seq for result in part) for part in parts} == {(1, 2, 3, 4, 5)}
    assert sum(not result.repeated for part in parts for result in part) == 5


def test_append_read_by_another_connection(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """What was stored is read at once, also by the threads that read on other connections."""
    with ThreadPoolExecutor(4) as executor:
        for number in range(10):
            storage.messages.append([NewMessage(room.id, alice.id, "text", f"n{number}")], START_MS)
            seen = executor.map(lambda _: storage.messages.before(room.id, None, 1)[0].seq, range(4))
            assert set(seen) == {number + 1}


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
@pytest.mark.parametrize(
    ("kind", "target", "elsewhere"),
    [("text", None, True), ("edit", 1, False), ("delete", 1, False), ("react", 1, False)],
    ids=["another room", "edit", "delete", "react"],
)
def test_append_nonce_of_another_message(
    storage: Storage,
    room: RoomRecord,
    alice: UserRecord,
    together: bool,
    kind: str,
    target: int | None,
    elsewhere: bool,
) -> None:
    """A nonce that belongs to a message of another room or kind is refused, and nothing is done."""
    other = storage.rooms.create("Elsewhere", "elsewhere", "public", "", START_MS) if elsewhere else room
    first = NewMessage(room.id, alice.id, "once", "n1")
    misused = NewMessage(other.id, alice.id, "👍", "n1", kind, target)
    if together:
        place, refusal = storage.messages.append([first, misused], START_MS)
    else:
        (place,) = storage.messages.append([first], START_MS)
        (refusal,) = storage.messages.append([misused], START_MS)
    assert place == Stored(room.id, 1, START_MS, False)
    assert isinstance(refusal, NonceTaken)
    assert [(m.body, m.deleted, m.reactions) for m in storage.messages.after(room.id, 0, 9)] == [
        ("once", False, {})
    ]
    assert not elsewhere or storage.messages.after(other.id, 0, 9) == []


def test_append_nonce_of_a_change_to_another_message(
    storage: Storage, room: RoomRecord, alice: UserRecord
) -> None:
    """The nonce of a reaction to one message acknowledges no reaction to another one."""
    storage.messages.append([NewMessage(room.id, alice.id, t, f"n{t}") for t in "ab"], START_MS)
    reaction = NewMessage(room.id, alice.id, "👍", "r1", "react", 1)
    batch = [reaction, reaction, reaction._replace(target=2)]
    first, repeat, refusal = storage.messages.append(batch, START_MS)
    assert isinstance(first, Stored)
    assert repeat == first._replace(repeated=True)
    assert isinstance(refusal, NonceTaken)
    assert [m.reactions for m in storage.messages.after(room.id, 0, 2)] == [{"👍": ("Alice",)}, {}]
