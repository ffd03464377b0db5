"""The rows of servers that share a database: who lives, whose turn it is, what they tell each other."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from chat_server.storage import Storage
from chat_server.storage.core.database import Database
from chat_server.storage.core.owner import Owner
from chat_server.storage.core.records import NewMessage, Stored
from chat_server.storage.mysql import servers as module
from chat_server.storage.mysql.servers import ONLINE, SAID, Change, OnlineRecord, Servers
from chat_server.storage.schema.migrations import known_migrations
from tests.chat_server.storage.conftest import START_MS, open_mysql

KNOWN = len(known_migrations("mysql"))


@pytest.fixture
def database(mariadb_url: str) -> Iterator[Database]:
    database = open_mysql(mariadb_url)
    Storage(database)
    yield database
    database.close()


@pytest.fixture
def pair(database: Database, tmp_path: Path) -> Iterator[tuple[Servers, Servers]]:
    """Two servers with a data folder each."""
    owners = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        owners.append(Owner(tmp_path / name))
    yield Servers(database, owners[0], KNOWN), Servers(database, owners[1], KNOWN)
    for owner in owners:
        owner.release()


def test_servers_are_listed_while_they_live(pair: tuple[Servers, Servers]) -> None:
    """Each with what it says of itself; a beat renews it, an end removes it."""
    first, second = pair
    first.beat("one:5000", "chat1:5000", "2.0.0", "AA", 3)
    second.beat("two:5000", "chat2:5000", "2.0.0", "AA", 0)
    first.beat("one:5000", "chat1:5000", "2.0.0", "AA", 4)
    assert {(each.name, each.address, each.online) for each in first.all()} == {
        ("one:5000", "chat1:5000", 4),
        ("two:5000", "chat2:5000", 0),
    }
    assert all(each.since <= each.beat and each.silent_ms < 60_000 for each in first.all())
    first.leave()
    assert [each.id for each in second.all()] == [second.id]


def test_names_that_are_too_long_are_cut(pair: tuple[Servers, Servers]) -> None:
    """A column has its width; a server with a long name lives all the same."""
    first, _ = pair
    first.beat("n" * 300, "a" * 300, "2.0.0", "AA", 0)
    assert [(each.name, each.address) for each in first.all()] == [("n" * 190, "a" * 190)]


def test_secret_is_made_once(pair: tuple[Servers, Servers]) -> None:
    """By whoever asks first, of 128 random bits; all others read it."""
    first, second = pair
    secret = first.chat_secret()
    assert len(bytes.fromhex(secret)) == 16
    assert [second.chat_secret(), first.chat_secret()] == [secret, secret]


def test_users_are_online_where_they_are_connected(pair: tuple[Servers, Servers], database: Database) -> None:
    """With their status; one who is gone is taken out, and the others are told whose rows to read."""
    first, second = pair
    for server in pair:
        server.beat("n", "a", "1", "", 0)
    first.say_online({3: ("away", "at lunch"), 1: ("online", "")})
    second.say_online({2: ("online", ""), 3: ("online", "")})
    ones = OnlineRecord(first.id, 1, "online", "")
    threes = [OnlineRecord(first.id, 3, "away", "at lunch"), OnlineRecord(second.id, 3, "online", "")]
    assert set(first.online()) == {ones, *threes, OnlineRecord(second.id, 2, "online", "")}
    assert sorted(first.online([3, 1])) == sorted([ones, *threes])
    assert first.online([]) == []
    before = first.since(0)[1][-1].id
    first.say_online({3: None, 1: ("away", "")})
    assert set(first.online([1, 3])) == {OnlineRecord(first.id, 1, "away", ""), threes[1]}
    first.say_online({1: None})
    assert first.online([1]) == []
    told = [each for each in second.since(0)[1] if each.id > before]
    assert [(each.server, each.change.kind) for each in told] == [(first.id, ONLINE)] * 2
    assert json.loads(told[0].change.detail) == {"server": first.id, "users": [1, 3]}


def test_users_of_a_server_that_ended_are_not_online(
    pair: tuple[Servers, Servers], database: Database
) -> None:
    """They count no more once it is silent, and their rows go with its own."""
    first, second = pair
    for server in pair:
        server.beat("n", "a", "1", "", 0)
        server.say_online({1: ("online", "")})
    database.run("UPDATE servers SET beat_ms = beat_ms - 60000 WHERE id = ?", (second.id,))
    assert [each.server for each in first.online()] == [first.id]
    first.forget_old()
    assert database.rows("SELECT COUNT(*) FROM online") == [(2,)]
    database.run("UPDATE servers SET beat_ms = beat_ms - 7200000 WHERE id = ?", (second.id,))
    first.forget_old()
    assert database.rows("SELECT server FROM online") == [(first.id,)]
    first.leave()
    assert database.rows("SELECT server FROM online") == []


def test_older_servers_are_named_while_they_live(pair: tuple[Servers, Servers], database: Database) -> None:
    """With their versions; one of the same data folder has ended, whatever its row says."""
    first, second = pair
    first.beat("one:5000", "chat1:5000", "2.0.0", "AA", 0)
    second.beat("two:5000", "chat2:5000", "2.0.0", "AA", 0)
    assert second.behind(KNOWN) == []
    assert second.behind(KNOWN + 1) == ["one:5000 (version 2.0.0)"]
    database.run("UPDATE servers SET beat_ms = beat_ms - 60000")
    assert second.behind(KNOWN + 1) == []


def test_schema_that_became_unreadable(pair: tuple[Servers, Servers], database: Database) -> None:
    """A server sees that another one has changed the schema under it."""
    values = f"({KNOWN + 1}, 'later', 1, 1, 0, {KNOWN})"
    columns = "(version, name, steps, steps_begun, steps_done, readable_from)"
    database.run(f"INSERT INTO schema_migrations {columns} VALUES {values}")
    assert not pair[0].is_outdated()
    database.run(f"UPDATE schema_migrations SET readable_from = version WHERE version = {KNOWN + 1}")
    assert pair[0].is_outdated()


def test_common_work_is_one_servers(pair: tuple[Servers, Servers], database: Database) -> None:
    """The one that has it keeps it until it ends, or is silent for longer than its turn."""
    first, second = pair
    assert [first.take_turn("work"), second.take_turn("work"), first.take_turn("work")] == [True, False, True]
    database.run("UPDATE leases SET until_ms = until_ms - 60000 WHERE name = 'work'")
    assert [second.take_turn("work"), first.take_turn("work")] == [True, False]
    second.leave()
    assert first.take_turn("work")


def test_changes_are_read_in_order_by_all(pair: tuple[Servers, Servers]) -> None:
    """Also by the one that told them, which knows its own; and from a time on."""
    first, second = pair
    before = first.now()
    first.tell([Change("room", 1), Change("member", 1, 2, "é")])
    second.tell([Change("user", 3)])
    now, told = first.since(before)
    assert [(each.server, each.change) for each in told] == [
        (first.id, Change("room", 1)),
        (first.id, Change("member", 1, 2, "é")),
        (second.id, Change("user", 3)),
    ]
    assert now >= before
    assert first.since(now + 60_000)[1] == []


def test_old_rows_are_forgotten(pair: tuple[Servers, Servers], database: Database) -> None:
    """What all have applied, and a server that was killed long ago."""
    first, second = pair
    second.beat("two", "a", "1", "", 0)
    first.tell([Change("room", 1)])
    for table, column in (("changes", "at_ms"), ("servers", "beat_ms")):
        database.run(f"UPDATE {table} SET {column} = {column} - 7200000")
    first.beat("one", "a", "1", "", 0)
    first.tell([Change("room", 2)])
    first.forget_old()
    assert [each.change.number for each in first.since(0)[1]] == [2]
    assert [each.name for each in first.all()] == ["one"]


def test_private_messages_are_told_with_the_commit(pair: tuple[Servers, Servers], database: Database) -> None:
    """A row names the conversation and the first seq of the batch; rooms need none, nor do repeats."""
    first, _ = pair
    storage = Storage(database)
    storage.messages.follow(first.said)
    alice = storage.users.create("Alice", "alice", "Alice", "hash", START_MS)
    bob = storage.users.create("Bob", "bob", "Bob", "hash", START_MS)
    direct, room = storage.rooms.direct(alice.id, bob.id, START_MS), storage.rooms.by_key("general")
    assert room is not None
    batch = [
        NewMessage(direct.id, alice.id, "one", "n1"),
        NewMessage(room.id, alice.id, "two", "n2"),
        NewMessage(direct.id, bob.id, "three", "n3"),
    ]
    for messages in (batch, batch, [NewMessage(direct.id, bob.id, "four", "n4")]):
        storage.messages.append(messages, START_MS)
    assert [each.change for each in first.since(0)[1]] == [
        Change(SAID, direct.id, 1),
        Change(SAID, direct.id, 3),
    ]


def test_kinds_of_rooms_are_not_kept_for_ever(
    pair: tuple[Servers, Servers], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When there are too many they are looked up again: a conversation is told before and after."""
    monkeypatch.setattr(module, "_ROOMS_KNOWN_MAX", 1)
    first, _ = pair
    storage = Storage(database)
    alice = storage.users.create("Alice", "alice", "Alice", "hash", START_MS)
    bob = storage.users.create("Bob", "bob", "Bob", "hash", START_MS)
    direct = storage.rooms.direct(alice.id, bob.id, START_MS).id
    known = []
    for seq, room_id in enumerate([direct, 1, 2, direct, direct], start=1):
        stored = Stored(room_id, seq, START_MS, repeated=False)
        database.write(partial(first.said, placed=[stored]))
        known.append(len(first._direct))
    assert known == [1, 2, 1, 2, 1]
    assert [each.change.other for each in first.since(0)[1]] == [1, 4, 5]
