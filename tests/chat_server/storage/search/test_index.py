"""How the search index is filled: it follows changes, goes on after a crash, and numbers its entries."""

import random
from collections.abc import Callable, Sequence
from typing import cast

import pytest

from chat_server.services.messages.search_query import parse_query
from chat_server.storage import Storage
from chat_server.storage.core.database import Database, Transaction
from chat_server.storage.core.errors import StorageError
from chat_server.storage.core.records import NewMessage, RoomRecord, UserRecord
from chat_server.storage.search import index as search_index
from chat_server.storage.search.index import _with_ids
from chat_server.storage.search.records import ID_MASK, Entry, SearchQuery
from tests.chat_server.storage.conftest import START_MS
from tests.chat_server.storage.search.steps import change, index_all, say, search


def test_entries_get_ids_that_nobody_has() -> None:
    """Neither another of the batch nor a stored one; after the last of a millisecond comes its first."""

    class Stored:
        ids = (11, ID_MASK)

        def row(self, _sql: str) -> tuple[int]:
            return (max(self.ids),)

        def rows(self, _sql: str, wanted: Sequence[int]) -> list[tuple[int]]:
            return [(row_id,) for row_id in wanted if row_id in self.ids]

    entries = [Entry(row_id, 1, seq, 1, "") for seq, row_id in enumerate((10, 10, ID_MASK, 30))]
    placed = _with_ids(cast(Transaction, Stored()), entries)
    assert [(entry.id, entry.seq) for entry in placed] == [(0, 2), (10, 0), (12, 1), (30, 3)]


def test_index_follows_edits_and_deletions(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """Whether a change comes in the same stretch as its message or later, only the present state is found."""
    first, second, third = say(storage, room, alice, "lapin un", "lapin deux", "lapin trois")
    change(storage, room, alice, "edit", first, "lièvre un")
    change(storage, room, alice, "delete", second, "")
    index_all(storage)
    assert search(storage, "lapin", [room]) == ["lapin trois"]
    change(storage, room, alice, "edit", third, "lièvre trois")
    change(storage, room, alice, "react", third, "👍")
    change(storage, room, alice, "delete", first, "")
    assert search(storage, "lièvre", [room]) == []  # deleted, and not indexed yet
    index_all(storage)
    assert search(storage, "lapin", [room]) == []
    assert search(storage, "lièvre", [room]) == ["lièvre trois"]
    assert search(storage, "👍", [room]) == []


def test_index_in_small_turns(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """However little is indexed at once, and however many messages share a time, all are found in order."""
    other = storage.rooms.create("Autre", "autre", "public", "", START_MS)
    batch = [NewMessage((room, other)[n % 2].id, alice.id, f"ours {n}", f"b{n}") for n in range(60)]
    storage.messages.append(batch, START_MS)
    say(storage, other, alice, "ours dernier", at=START_MS + 1)
    index_all(storage, limit=7)
    found = search(storage, "ours ", [room, other], 1000)
    assert found[0] == "ours dernier"
    assert sorted(found[1:]) == sorted(message.body for message in batch)
    assert search(storage, "ours ", [room], 1000) == [f"ours {n}" for n in range(58, -1, -2)]


def test_index_reads_so_many_messages_of_all_rooms_together(
    storage: Storage, room: RoomRecord, alice: UserRecord
) -> None:
    """What one room leaves of a turn is what the next one gets; which one goes on is told."""
    other = storage.rooms.create("Autre", "autre", "public", "", START_MS)
    for one in (room, other):
        say(storage, one, alice, "loup un", "loup deux")
    index = storage.search.index
    assert index.prepare() or index.prepare()
    unfinished = index.advance({room.id, other.id}, 3)
    assert len(unfinished) == 1
    assert sorted(len(search(storage, "loup", [one])) for one in (room, other)) == [1, 2]
    assert index.advance(unfinished, 3) == set()


def test_index_newest_first(
    storage: Storage, room: RoomRecord, alice: UserRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With much to index the newest is found at once, then the older bit by bit; until the end it is said."""
    monkeypatch.setattr(search_index, "HOLE_FROM", 20)
    monkeypatch.setattr(search_index, "NEWEST", 5)
    say(storage, room, alice, *(f"mot {n}" for n in range(60)))
    index = storage.search.index
    assert index.prepare() or index.prepare()
    query = SearchQuery(tuple(parse_query("mot").clauses), (room.id,))
    found = []
    while unfinished := index.advance({room.id}, 10):
        assert not storage.search.is_complete(query)
        found.append(search(storage, "mot", [room]))
        assert index.behind() == unfinished
    assert storage.search.is_complete(query)
    assert [bodies[-1] for bodies in found] == ["mot 55", "mot 45", "mot 35", "mot 25", "mot 15", "mot 5"]
    # What is said meanwhile goes before what has been lacking for long: nothing new waits for a hole.
    assert search(storage, "mot", [room]) == [f"mot {n}" for n in range(59, -1, -1)]


def test_index_new_messages_before_holes(
    storage: Storage, room: RoomRecord, alice: UserRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one room's hole is filled, a new message anywhere is in the index after the next turn."""
    monkeypatch.setattr(search_index, "HOLE_FROM", 20)
    monkeypatch.setattr(search_index, "NEWEST", 5)
    other = storage.rooms.create("Autre", "autre", "public", "", START_MS)
    say(storage, room, alice, *(f"mot {n}" for n in range(60)))
    index = storage.search.index
    assert index.prepare() or index.prepare()
    index.advance({room.id}, 5)
    say(storage, other, alice, "ailleurs")
    say(storage, room, alice, "ici")
    assert index.advance({room.id, other.id}, 2) == {room.id}
    assert search(storage, "ailleurs", [other]) == ["ailleurs"]
    assert search(storage, "ici", [room]) == ["ici"]


@pytest.mark.parametrize("seed", range(6))
def test_index_with_holes_follows_changes(
    storage: Storage, room: RoomRecord, alice: UserRecord, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Edits and deletions before, in and after a hole, between turns of any size, all end in the index."""
    monkeypatch.setattr(search_index, "HOLE_FROM", 8)
    monkeypatch.setattr(search_index, "NEWEST", 3)
    choice = random.Random(seed)
    texts: dict[int, str] = {}
    index = storage.search.index
    assert index.prepare() or index.prepare()
    for number in range(80):
        kind = choice.choice(("text", "text", "text", "edit", "delete", "turn"))
        if kind == "turn":
            index.advance({room.id}, choice.randint(1, 12))
        elif kind == "text" or not texts:
            (seq,) = say(storage, room, alice, f"mot{number} commun")
            texts[seq] = f"mot{number} commun"
        else:
            target = choice.choice(list(texts))
            body = f"mot{number} commun" if kind == "edit" else ""
            change(storage, room, alice, kind, target, body)
            texts[target] = body
            if kind == "delete":
                del texts[target]
    index_all(storage, limit=4)
    assert sorted(search(storage, "commun", [room])) == sorted(texts.values())
    for text in texts.values():
        assert search(storage, text.split()[0] + " ", [room]) == [text]


def test_index_after_a_crash(open_database: Callable[[], Database], monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction that did not commit is done again, and nothing is indexed twice."""
    storage = Storage(open_database())
    room = storage.rooms.by_key("general")
    assert room is not None
    alice = storage.users.create("Alice", "alice", "Alice", "hash", START_MS)
    say(storage, room, alice, "loup un", "loup deux")
    index = storage.search.index
    index.prepare()

    def fails(transaction: Transaction, words: object) -> None:
        raise StorageError("no more space")

    with monkeypatch.context() as patch:
        patch.setattr(type(storage.search._tables), "count_words", lambda self, *rest: fails(*rest))
        with pytest.raises(StorageError):
            index.advance(index.behind(), 300)
    storage.close()
    storage = Storage(open_database())
    assert search(storage, "loup", [room]) == []
    say(storage, room, alice, "loup trois", at=START_MS + 5000)
    index_all(storage)
    assert search(storage, "loup", [room]) == ["loup trois", "loup deux", "loup un"]
    storage.close()


def test_index_by_two_servers(
    open_database: Callable[[], Database],
    storage: Storage,
    room: RoomRecord,
    alice: UserRecord,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of two that index the same messages one is told to look again."""
    second = Storage(open_database())
    say(storage, room, alice, "cerf un", "cerf deux")
    index_all(storage)
    say(storage, room, alice, "cerf trois", at=START_MS + 9000)
    read = second.database.read

    def overtaken(work: Callable[[Transaction], object]) -> object:
        result = read(work)
        index_all(storage)
        return result

    with monkeypatch.context() as patch:
        patch.setattr(second.database, "read", overtaken)
        assert second.search.index.advance({room.id}, 300) == {room.id}
    assert second.search.index.advance({room.id}, 300) == set()
    assert search(second, "cerf", [room]) == ["cerf trois", "cerf deux", "cerf un"]
    second.close()


def test_rebuild(
    storage: Storage, room: RoomRecord, alice: UserRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index that is made stale is emptied, a piece at a time, and built from the first message on."""
    for database in ("sqlite", "mysql"):
        monkeypatch.setattr(f"chat_server.storage.search.{database}.CLEAR_ROWS", 2)
    say(storage, room, alice, "renard un", "renard deux")
    index_all(storage)
    assert storage.search.index.prepare()
    storage.search.index.make_stale()
    assert not storage.search.index.prepare()
    assert search(storage, "renard", [room]) == []
    index_all(storage)
    assert search(storage, "renard", [room]) == ["renard deux", "renard un"]


def test_retention_empties_the_index(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """What is not kept any longer is gone from the results at once, and then from the index."""
    say(storage, room, alice, *(f"castor {n}" for n in range(10)))
    index_all(storage)
    storage.retention.remove(room.id, START_MS + 6_000, 1_000, START_MS + 60_000)
    assert search(storage, "castor ", [room]) == [f"castor {n}" for n in (9, 8, 7, 6)]
    assert storage.search.index.behind() == {room.id}
    index_all(storage, limit=3)
    assert storage.database.row("SELECT COUNT(*) FROM search_entries") == (4,)
    assert search(storage, "castor ", [room]) == [f"castor {n}" for n in (9, 8, 7, 6)]
