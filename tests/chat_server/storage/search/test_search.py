"""The search index on every database: what is found, what follows changes, and what survives a crash."""

import random
from collections.abc import Callable, Iterable
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat_server.services.messages.search_query import parse_query
from chat_server.storage import Storage
from chat_server.storage.core.database import Database, Transaction
from chat_server.storage.core.errors import StorageError
from chat_server.storage.core.records import NewFile, NewMessage, RoomRecord, Stored, UserRecord
from chat_server.storage.search import index as search_index
from chat_server.storage.search import records as search_records
from chat_server.storage.search.mysql import MysqlSearchTables
from chat_server.storage.search.records import SearchQuery
from chat_server.storage.search.search import ENDINGS_MAX
from tests.chat_server.storage.conftest import START_MS

WORDS = ["chat", "chien", "de", "la", "the", "fox", "a", "souris", "日本語", "été"]
SPELLINGS = [
    ("Réunion à l'École, demain", ["reunion", "ÉCOLE", "ecole demain", '"à l\'école"', "dem", "a", "l"]),
    ("the fox is on the way", ["the", "the fox", '"the fox is"', "on", "is"]),
    (
        "日本語のテキスト abc",
        ["日本語", "本語", "語", "テキスト", "日 abc", '"テキスト abc"', "abc 日本"],
    ),
    ("Привет, мир", ["привет", "ПРИ", '"привет мир"', "мир"]),
    ("c'est prêt 🎉👍🏽", ["🎉", "👍", "prêt 🎉", "pret"]),
    (
        "écrire à jean.dupont@example.org (C++)",
        ["jean.dupont@example.org", "dupont", "c++", "example.org"],
    ),
    ("se\u200bcret ﬁn ½ Straße İstanbul", ["secret", "fin", "1", "strasse", "istanbul"]),
    ("ไทยดีมาก", ["ไทย", "ดี", "มาก"]),
    ("한국어를 배워요", ["한국", "국어", "배워"]),
    ("x" * 200, ["x" * 200, "x" * 150, "xx"]),
    ("a_b-c d_e", ["a_b", "b-c", "d_e", "e"]),
]
_nonces = count()


def say(storage: Storage, room: RoomRecord, user: UserRecord, *bodies: str, at: int = START_MS) -> list[int]:
    """Store messages, a second between them."""
    seqs = []
    for number, body in enumerate(bodies):
        message = NewMessage(room.id, user.id, body, f"n{next(_nonces)}")
        (stored,) = storage.messages.append([message], at + number * 1000)
        assert isinstance(stored, Stored)
        seqs.append(stored.seq)
    return seqs


def change(storage: Storage, room: RoomRecord, user: UserRecord, kind: str, target: int, body: str) -> None:
    message = NewMessage(room.id, user.id, body, f"n{next(_nonces)}", kind, target)
    (stored,) = storage.messages.append([message], START_MS)
    assert isinstance(stored, Stored)


def index_all(storage: Storage, limit: int = 300) -> None:
    """Do what the indexer does until nothing is left."""
    while not storage.search.index.prepare():
        pass
    rooms = storage.search.index.behind()
    while rooms:
        rooms = storage.search.index.advance(rooms, limit)
    assert not storage.search.index.behind()


def search(storage: Storage, text: str, rooms: Iterable[RoomRecord], limit: int = 100) -> list[str]:
    """Search as somebody who belongs to the rooms."""
    asked = parse_query(text)
    query = SearchQuery(
        tuple(asked.clauses), tuple(room.id for room in rooms), None, asked.since, asked.until
    )
    return [record.body for record in storage.search.find(query, limit)]


def test_find_spellings(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """A message is found by its words in any case, with or without accents, in any script."""
    say(storage, room, alice, *(body for body, _ in SPELLINGS))
    index_all(storage)
    for body, queries in SPELLINGS:
        for query in queries:
            assert body in search(storage, query, [room]), query
        for query in ("introuvable", f"{queries[0]} introuvable", '"demain à"', "zzz", "本日", '"文 語"'):
            assert search(storage, query, [room]) == [], query
    assert search(storage, "ecole demain", [room]) == [SPELLINGS[0][0]]
    assert not parse_query("!!! … (-) *").clauses


@pytest.fixture
def big(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, storage: Storage) -> Storage:
    """A storage that takes few messages for many, so that each way of searching is gone."""
    for name, value in {"RARE_MAX": 30, "NARROWING_MAX": 60, "FEW_ENTRIES_MAX": 20}.items():
        monkeypatch.setattr(f"chat_server.storage.search.mysql.{name}", value)
    monkeypatch.setattr(search_records, "PIECE_FIRST", 10)
    monkeypatch.setattr("chat_server.storage.search.sqlite.ROOM_WORDS_MAX", 1)
    return storage


def test_find_frequent_words(big: Storage, room: RoomRecord, alice: UserRecord, bob: UserRecord) -> None:
    """Frequent and rare words, alone and together, old and new, in one room or two, give the newest first."""
    other = big.rooms.create("Autre", "autre", "public", "", START_MS)
    bodies = [f"{'commun ' if n % 2 else ''}{'ancien ' if n < 100 else ''}mot{n % 7} {n}" for n in range(240)]
    bodies[50] += " hippopotame"
    for number, body in enumerate(bodies):
        say(big, other if number % 9 == 0 else room, bob if number % 5 else alice, body, at=START_MS + number)
    index_all(big)
    for rooms in ([room], [other], [room, other]):
        mine = [b for n, b in enumerate(bodies) if (other if n % 9 == 0 else room) in rooms][::-1]
        for words in (["commun"], ["ancien"], ["commun", "mot3"], ["hippopotame"], ["commun", "ancien"]):
            expected = [body for body in mine if all(f" {word} " in f" {body} " for word in words)]
            assert search(big, f"{' '.join(words)} ", rooms, limit=1000) == expected
            assert search(big, f"{' '.join(words)} ", rooms, limit=7) == expected[:7]
        assert search(big, '"ancien mot3"', rooms, 1000) == [body for body in mine if "ancien mot3" in body]
        assert search(big, "comm", rooms, limit=1000) == [body for body in mine if "commun" in body]
        assert search(big, "", rooms, limit=1000) == mine
    found = big.search.find(SearchQuery((), (room.id, other.id), (alice.id,)), 1000)
    assert [record.body for record in found] == bodies[::5][::-1]


def test_find_beginning_of_many_words(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """A beginning that is a word itself is found as that, however many more used words begin so."""
    say(storage, room, alice, "mot", *(f"mot{n}" for n in range(80)))
    index_all(storage)
    found = search(storage, "mot", [room])
    assert found[-1] == "mot"
    assert len(found) == ENDINGS_MAX


def test_find_between_times(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """`since` is part of the time that is asked for, `until` is not."""
    say(storage, room, alice, "un mot", "deux mot", "trois mot")
    index_all(storage)
    clauses = tuple(parse_query("mot").clauses)
    query = SearchQuery(clauses, (room.id,), None, START_MS + 1000, START_MS + 2000)
    assert [record.body for record in storage.search.find(query, 10)] == ["deux mot"]
    assert search(storage, "mot before:1969-01-01", [room]) == []
    assert search(storage, "mot after:9999-12-31", [room]) == []
    assert len(search(storage, "mot after:0001-01-01 before:9999-12-31", [room])) == 3


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
    batch = [
        NewMessage((room, other)[n % 2].id, alice.id, f"ours {n}", f"n{next(_nonces)}") for n in range(60)
    ]
    storage.messages.append(batch, START_MS)
    say(storage, other, alice, "ours dernier", at=START_MS + 1)
    index_all(storage, limit=7)
    found = search(storage, "ours ", [room, other], 1000)
    assert found[0] == "ours dernier"
    assert sorted(found[1:]) == sorted(message.body for message in batch)
    assert search(storage, "ours ", [room], 1000) == [f"ours {n}" for n in range(58, -1, -2)]


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
    open_database: Callable[[], Database], storage: Storage, room: RoomRecord, alice: UserRecord
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

    second.database.read = overtaken  # type: ignore[method-assign, assignment]
    assert second.search.index.advance({room.id}, 300) == {room.id}
    del second.database.read
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


def test_erased_sender(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """What an erased user said is found, without a sender."""
    say(storage, room, alice, "vison")
    index_all(storage)
    storage.users.erase(alice.id)
    (record,) = storage.search.find(SearchQuery(tuple(parse_query("vison").clauses), (room.id,)), 10)
    assert record.author is None


def test_find_on_mysql_takes_each_way(
    monkeypatch: pytest.MonkeyPatch, big: Storage, room: RoomRecord, alice: UserRecord
) -> None:
    """A rare word is left to FULLTEXT, a frequent one is not."""
    if big.database.name != "mysql":
        return
    say(big, room, alice, *(f"commun {'rare' if n == 5 else ''}" for n in range(160)))
    index_all(big)
    asked: list[bool] = []
    rows = big.database.rows

    def noted(sql: str, parameters: object = ()) -> object:
        asked.append("AGAINST" in sql)
        return rows(sql, parameters)  # type: ignore[arg-type]

    monkeypatch.setattr(big.database, "rows", noted)
    for text, fulltext in (("rare ", True), ("commun ", False), ("commun rare ", True)):
        asked.clear()
        assert search(big, text, [room], 5)
        assert any(asked) == fulltext, text
    assert isinstance(big.search._tables, MysqlSearchTables)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                [
                    *WORDS,
                    '"',
                    "from:",
                    "in:",
                    "-",
                    "*",
                    "(",
                    ")",
                    "+",
                    "@",
                    "NOT",
                    "OR",
                    "NEAR",
                    "before:2026-01-01",
                    "after:x",
                    "%",
                    "_",
                    "\\",
                    "'",
                    ";",
                ]
            ),
            max_size=8,
        ).map(" ".join),
    )
)
def test_any_text_is_a_query(searched_storage: Storage, text: str) -> None:
    """No text whatever makes a search fail."""
    room = searched_storage.rooms.by_key("general")
    assert room is not None
    asked = parse_query(text)
    query = SearchQuery(tuple(asked.clauses), (room.id,), None, asked.since, asked.until)
    searched_storage.search.find(query, 5)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80), data=st.data())
def test_any_message_is_found_by_itself(searched_storage: Storage, body: str, data: st.DataObject) -> None:
    """Whatever a message consists of, it is found by its whole text, and by that in quotes."""
    room = searched_storage.rooms.by_key("general")
    alice = searched_storage.users.by_key("alice")
    assert room is not None
    assert alice is not None
    say(searched_storage, room, alice, body)
    index_all(searched_storage)
    plain = body.replace('"', " ").replace(":", " ")
    for text in (plain, f'"{plain}"'):
        if parse_query(text).clauses:
            assert body in search(searched_storage, text, [room], 1000), text


@pytest.fixture
def searched_storage(storage: Storage, room: RoomRecord, alice: UserRecord) -> Storage:
    """A storage with a message of each word."""
    say(storage, room, alice, *WORDS)
    index_all(storage)
    return storage


def test_find_by_file_name(storage: Storage, room: RoomRecord, alice: UserRecord) -> None:
    """A word finds names of files as it finds texts; `file:` looks in names alone, `file:*` for any file."""
    names = ("Rapport annuel 2026.pdf", "écran_日本語.png")
    for number, name in enumerate(names):
        new = NewFile(room.id, alice.id, name, name, 1, "text/plain", "ab" * 32, None, None, 0, "", START_MS)
        message = NewMessage(room.id, alice.id, f"with {number}", f"f{name}", files=(storage.files.add(new),))
        storage.messages.append([message], START_MS + number)
    say(storage, room, alice, "the rapport itself", at=START_MS + 9_000)
    index_all(storage)
    for query, found in {
        "rapport": ["the rapport itself", "with 0"],
        "file:rapport": ["with 0"],
        "file:rapp": ["with 0"],
        'file:"annuel 2026"': ["with 0"],
        'file:"2026 annuel"': [],
        "file:png": ["with 1"],
        "file:日本": ["with 1"],
        "file:with": [],
        "file:*": ["with 1", "with 0"],
        "with file:*": ["with 1", "with 0"],
    }.items():
        assert search(storage, query, [room]) == found, query
    change(storage, room, alice, "edit", 1, "changed")
    change(storage, room, alice, "delete", 2, "")
    index_all(storage)
    assert search(storage, "file:*", [room]) == ["changed"]
