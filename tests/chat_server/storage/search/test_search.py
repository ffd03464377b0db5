"""What is found on every database: words in any spelling, frequent or rare, names of files, any text."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat_server.services.messages.search_query import parse_query
from chat_server.storage import Storage
from chat_server.storage.core.database import Parameters, Row
from chat_server.storage.core.records import NewFile, NewMessage, RoomRecord, UserRecord
from chat_server.storage.search import records as search_records
from chat_server.storage.search.mysql import MysqlSearchTables
from chat_server.storage.search.records import SearchQuery
from chat_server.storage.search.search import ENDINGS_MAX
from tests.chat_server.storage.conftest import START_MS
from tests.chat_server.storage.search.steps import change, index_all, say, search

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

    def noted(sql: str, parameters: Parameters = ()) -> list[Row]:
        asked.append("AGAINST" in sql)
        return rows(sql, parameters)

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
