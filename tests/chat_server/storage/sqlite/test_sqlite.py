"""What is SQLite's own: its lock, its settings, a full disk, a file that is none."""

import contextlib
import logging
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from chat_server.storage import Storage, StorageConfigError, StorageUnavailable, open_storage
from chat_server.storage.core.database import Transaction
from chat_server.storage.core.errors import GivenUp
from chat_server.storage.core.records import NewMessage, Stored, UserRecord
from chat_server.storage.sqlite import adapter as sqlite
from chat_server.storage.sqlite.adapter import SqliteDatabase
from tests.chat_server.storage.conftest import START_MS

OPEN_OR_SAY_WHY = """
import sys
from chat_server.storage import StorageError, open_storage
try:
    open_storage(sys.argv[1]).close()
except StorageError as error:
    print(type(error).__name__, error)
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/new folder/chat.db"


@pytest.fixture
def storage(url: str) -> Iterator[Storage]:
    storage = open_storage(url)
    yield storage
    storage.close()


@pytest.fixture
def alice(storage: Storage) -> UserRecord:
    return storage.users.create("Alice", "alice", "Alice", "hash", START_MS)


def open_in_another_process(url: str) -> str:
    """What another server says that is started on the same file."""
    command = [sys.executable, "-c", OPEN_OR_SAY_WHY, url]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout


def test_second_server_refused(storage: Storage, url: str) -> None:
    """A second server on the same file is refused in words, until the first has closed it."""
    said = open_in_another_process(url)
    assert said.startswith("StorageConfigError")
    assert "in use by another server (process " in said
    storage.close()
    assert open_in_another_process(url) == ""


def test_file_kept_private(storage: Storage, tmp_path: Path) -> None:
    """Nobody else on the machine reads the file."""
    assert (tmp_path / "new folder" / "chat.db").stat().st_mode & 0o077 == 0


def test_durable_settings(storage: Storage) -> None:
    """The writer waits for the disk, keeps a write-ahead log and heeds foreign keys."""

    def settings(transaction: Transaction) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [transaction.rows(f"PRAGMA {name}")[0][0] for name in names]

    assert storage.database.write(settings) == ["wal", 2, 1]
    storage.database.write(lambda transaction: transaction.run("UPDATE rooms SET topic = ''"), durable=False)
    assert storage.database.write(settings) == ["wal", 2, 1]


@pytest.mark.logged_errors
def test_readers_change_nothing(storage: Storage) -> None:
    """A connection for reading cannot write."""
    with pytest.raises(StorageUnavailable):
        storage.database.rows("DELETE FROM rooms")


def test_sqlite_too_old(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python with a SQLite from before RETURNING is told so."""
    monkeypatch.setattr(sqlite, "OLDEST_SQLITE", (4, 0, 0))
    with pytest.raises(StorageConfigError, match=r"4\.0\.0 or newer"):
        open_storage(url)


@pytest.mark.parametrize("content", [b"this is no database, and long enough to tell" * 100, None])
def test_file_of_another_kind(tmp_path: Path, content: bytes | None) -> None:
    """A file that is no database, and a folder, are refused at the start."""
    path = tmp_path / "chat.db"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(StorageConfigError, match="cannot be used"):
        open_storage(f"sqlite:///{path}")
    assert content is None or path.read_bytes() == content


@pytest.mark.logged_errors
def test_disk_full(storage: Storage, alice: UserRecord, caplog: pytest.LogCaptureFixture) -> None:
    """On a full disk messages are refused, none half stored; with room again storing goes on by itself."""

    def limit(pages: str) -> None:
        storage.database.write(lambda transaction: transaction.rows(f"PRAGMA max_page_count = {pages}"))

    batch = [NewMessage(1, alice.id, "x" * 4_000, f"n{number}") for number in range(100)]
    limit("1")  # at least what the file has
    with caplog.at_level(logging.WARNING, logger="chat.storage"):
        for _ in range(3):
            with pytest.raises(StorageUnavailable, match="full"):
                storage.messages.append(batch, START_MS)
            assert storage.messages.last_seqs([1]) == {1: 0}
        limit("1000000")
        results = storage.messages.append(batch, START_MS)
    assert [getattr(result, "seq", None) for result in results] == list(range(1, 101))
    assert storage.messages.last_seqs([1]) == {1: 100}
    assert len(caplog.records) == 2  # the outage's two ends; reading went on all the time


@pytest.mark.logged_errors
def test_locked_by_another_program(storage: Storage, alice: UserRecord, tmp_path: Path) -> None:
    """A program that holds the file for long makes a call fail in time."""
    other = sqlite3.connect(tmp_path / "new folder" / "chat.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageUnavailable, match="locked"):
        storage.messages.append([NewMessage(1, alice.id, "text", "n1")], START_MS)
    assert storage.messages.after(1, 0, 10) == []
    other.execute("ROLLBACK")
    other.close()
    (stored,) = storage.messages.append([NewMessage(1, alice.id, "text", "n1")], START_MS)
    assert getattr(stored, "seq", None) == 1


def test_query_without_end(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A query that takes too long is given up; its connection serves the next."""
    monkeypatch.setattr(sqlite, "CALL_MAX_S", 0.05)
    endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) FROM n"
    with pytest.raises(GivenUp, match="too long"):
        storage.database.rows(endless)
    assert len(storage.rooms.all()) == 5


def test_closed_storage(url: str) -> None:
    """A closed storage refuses, and closing twice is no error."""
    storage = open_storage(url)
    storage.close()
    storage.close()
    with pytest.raises(StorageUnavailable, match="closed"):
        storage.rooms.all()


def test_opened_beside_a_server(storage: Storage, url: str, tmp_path: Path) -> None:
    """A tool may open the file while a server has it."""
    beside = SqliteDatabase(tmp_path / "new folder" / "chat.db", exclusive=False)
    assert beside.rows("SELECT COUNT(*) FROM rooms") == [(5,)]
    beside.close()


def said(author: UserRecord, *nonces: str, room_id: int = 1) -> list[NewMessage]:
    return [NewMessage(room_id, author.id, f"body of {nonce}", nonce) for nonce in nonces]


def places(storage: Storage, messages: list[NewMessage]) -> list[tuple[int, bool]]:
    """Where each message stands, and whether it was there before."""
    results = storage.messages.append(messages, START_MS)
    return [(result.seq, result.repeated) for result in results if isinstance(result, Stored)]


@contextlib.contextmanager
def statements_of(storage: Storage) -> Iterator[list[str]]:
    """The statements that the writer carries out meanwhile."""
    database = cast(SqliteDatabase, storage.database)
    seen: list[str] = []
    writer = database._writer.take(1)
    writer.set_trace_callback(lambda sql: seen.append(sql.split()[0]))
    database._writer.give(writer)
    yield seen
    writer.set_trace_callback(None)


def test_plain_messages_are_one_statement(storage: Storage, alice: UserRecord) -> None:
    """The usual batch is one INSERT, and the room's last seq follows it."""
    assert places(storage, said(alice, "first")) == [(1, False)]
    with statements_of(storage) as seen:
        assert places(storage, said(alice, "second", "third")) == [(2, False), (3, False)]
    assert seen[0] == "INSERT"
    assert not {"BEGIN", "COMMIT"} & set(seen)
    assert storage.messages.last_seqs([1, 2]) == {1: 3, 2: 0}


def test_messages_beside_other_kinds_are_one_transaction(storage: Storage, alice: UserRecord) -> None:
    """What was put off is carried out before a change that stands in the same batch."""
    places(storage, said(alice, "first"))
    change = NewMessage(1, alice.id, "new", "change", "edit", 1)
    with statements_of(storage) as seen:
        results = storage.messages.append([*said(alice, "second"), change], START_MS)
    assert [result.seq for result in results if isinstance(result, Stored)] == [2, 3]
    assert (seen[0], seen[-1]) == ("BEGIN", "COMMIT")
    assert storage.messages.last_seqs([1]) == {1: 3}


def test_batch_longer_than_a_statement(storage: Storage, alice: UserRecord) -> None:
    """A batch that takes two statements is one transaction, and numbered without a hole."""
    places(storage, said(alice, "first"))
    nonces = [f"n{number}" for number in range(sqlite.INSERT_ROWS_MAX + 1)]
    found = places(storage, said(alice, *nonces))
    assert found == [(seq, False) for seq in range(2, len(nonces) + 2)]
    assert storage.messages.last_seqs([1]) == {1: len(nonces) + 1}


def test_several_rooms_in_one_statement(storage: Storage, alice: UserRecord) -> None:
    """Each room's last seq follows its own messages."""
    for room_id in (1, 2):
        places(storage, said(alice, f"first {room_id}", room_id=room_id))
    places(storage, [*said(alice, "a", "b", room_id=2), *said(alice, "c")])
    assert storage.messages.last_seqs([1, 2]) == {1: 2, 2: 3}


def test_seqs_after_a_failure_are_read_anew(storage: Storage, alice: UserRecord) -> None:
    """A batch that failed leaves no seq behind: the next one follows what is stored."""
    places(storage, said(alice, "first"))
    assert places(storage, said(alice, "second", "first")) == [(2, False), (1, True)]
    assert places(storage, said(alice, "third")) == [(3, False)]
    assert storage.messages.last_seqs([1]) == {1: 3}
