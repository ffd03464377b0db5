"""Storing messages where the database fails in the middle, or answers nothing: who is told what."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from chat_server.storage import Storage
from chat_server.storage.core.errors import DuplicateKey, OutcomeUnknown, StorageError, StorageUnavailable
from chat_server.storage.core.records import NewMessage, RoomRecord, Stored, UserRecord
from chat_server.storage.repositories import append as module
from chat_server.storage.repositories.append import Append, Result
from chat_server.storage.sqlite.adapter import SqliteDatabase
from tests.chat_server.storage.conftest import START_MS


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    """One kind of database is enough: what it says is the test's."""
    made = Storage(SqliteDatabase(tmp_path / "chat.db", exclusive=False))
    yield made
    made.close()


@pytest.fixture
def append(storage: Storage) -> Append:
    return storage.messages._append


def messages(room: RoomRecord, user: UserRecord, *bodies: str) -> list[NewMessage]:
    return [NewMessage(room.id, user.id, body, f"n {body}") for body in bodies]


def test_outage_behind_a_poisoned_message_leaves_the_others_their_places(
    append: Append, room: RoomRecord, alice: UserRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first half is stored, and its senders are told; the second may be sent again."""
    store = append._store_all

    def failing(batch: Sequence[NewMessage], now: int) -> Sequence[Result]:
        bodies = [message.body for message in batch]
        if "poison" in bodies:
            raise StorageError("poison")
        if "c" in bodies:
            raise StorageUnavailable("down")
        return store(batch, now)

    monkeypatch.setattr(append, "_store_all", failing)
    results = append.store(messages(room, alice, "a", "poison", "c", "d"), START_MS)
    assert results[0] == Stored(room.id, 1, START_MS, False)
    assert [type(result) for result in results[1:]] == [StorageError, StorageUnavailable, StorageUnavailable]
    assert len(append.store(messages(room, alice, "b", "poison", "e"), START_MS)) == 3
    with pytest.raises(StorageUnavailable):
        append.store(messages(room, alice, "c"), START_MS)


def test_nonces_that_others_keep_storing_are_given_up(
    append: Append, room: RoomRecord, alice: UserRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After three looks at what is there; the sender tries again later."""
    looks: list[int] = []

    def taken(batch: Sequence[NewMessage], now: int) -> Any:
        looks.append(len(batch))
        raise DuplicateKey("taken")

    monkeypatch.setattr(append, "_commit", taken)
    with pytest.raises(StorageUnavailable, match="keep storing"):
        append.store(messages(room, alice, "a", "b"), START_MS)
    assert looks == [2] * (1 + 3)


@pytest.fixture
def unanswered(append: Append, monkeypatch: pytest.MonkeyPatch) -> Callable[[list[NewMessage]], None]:
    """A function that stores messages whose commit is never answered."""
    write = append._database.write

    def silent(work: Any, **options: Any) -> Any:
        write(work, **options)
        raise OutcomeUnknown("no answer")

    def store(batch: list[NewMessage]) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(append._database, "write", silent)
            with pytest.raises(OutcomeUnknown):
                append.store(batch, START_MS)

    return store


def places(results: list[Result]) -> list[tuple[int, bool]]:
    return [(result.seq, result.repeated) for result in results if isinstance(result, Stored)]


def test_first_answer_about_a_message_says_that_it_is_new(
    append: Append, room: RoomRecord, alice: UserRecord, unanswered: Callable[[list[NewMessage]], None]
) -> None:
    """Nobody was told of it by then; from the second answer on it is a repeat."""
    batch = messages(room, alice, "a", "b")
    unanswered(batch)
    assert places(append.store(batch, START_MS + 1)) == [(1, False), (2, False)]
    assert places(append.store(batch, START_MS + 2)) == [(1, True), (2, True)]
    assert append._unsettled == {}


def test_unanswered_messages_are_not_remembered_without_end(
    append: Append,
    room: RoomRecord,
    alice: UserRecord,
    unanswered: Callable[[list[NewMessage]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The oldest are let go: their answer says that they are repeats, which is less than the truth."""
    monkeypatch.setattr(module, "UNSETTLED_MAX", 2)
    batch = messages(room, alice, "a", "b", "c")
    unanswered(batch)
    assert len(append._unsettled) == 2
    assert places(append.store(batch, START_MS)) == [(1, True), (2, False), (3, False)]
