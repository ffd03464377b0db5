"""A MariaDB that freezes, dies and comes back: bounded answers, nothing twice, one log line each way."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chat_server.storage import Storage, StorageConfigError, StorageUnavailable
from chat_server.storage.core.database import CALL_MAX_S, Transaction
from chat_server.storage.core.errors import OutcomeUnknown
from chat_server.storage.core.records import NewMessage, UserRecord
from chat_server.storage.mysql.adapter import MysqlDatabase
from tests.chat_server.storage.conftest import START_MS, open_mysql
from tests.support.mariadb import MariaDb

pytestmark = pytest.mark.logged_errors

RECOVERY_MAX_S = 5.0
# Beside the storage's own bound: a busy machine wakes a thread late.
SLACK_S = 0.5
LOCKED_MAX_S = 8.0  # the senders' patience


@pytest.fixture(scope="module")
def server(mariadb: MariaDb) -> Iterator[MariaDb]:
    """A server of these tests alone: they break it. (The shared one says whether MariaDB is installed.)"""
    with MariaDb() as own:
        yield own


@pytest.fixture(params=[False, True], ids=["C", "Python"])
def storage(request: pytest.FixtureRequest, server: MariaDb) -> Iterator[Storage]:
    storage = Storage(open_mysql(server.new_database(), pure=request.param))
    yield storage
    storage.close()


@pytest.fixture
def alice(storage: Storage) -> UserRecord:
    return storage.users.create("Alice", "alice", "Alice", "hash", START_MS)


def until_recovered(storage: Storage) -> None:
    """Read and write until the database answers; it must in time."""
    deadline = time.monotonic() + RECOVERY_MAX_S
    while True:
        try:
            storage.rooms.all()
            storage.settings.set("motd", "")
        except StorageUnavailable:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return


@pytest.mark.long
def test_frozen_database(
    storage: Storage, server: MariaDb, alice: UserRecord, caplog: pytest.LogCaptureFixture
) -> None:
    """Readers and writers are refused in time while it is frozen, and served soon after."""
    message = NewMessage(1, alice.id, "text", "n1")

    def refused(number: int) -> float:
        began = time.monotonic()
        call = (lambda: storage.messages.append([message], START_MS)) if number % 2 else storage.rooms.all
        with pytest.raises(StorageUnavailable):
            call()
        return time.monotonic() - began

    with caplog.at_level(logging.WARNING, logger="chat.storage"):
        server.stop()
        try:
            with ThreadPoolExecutor(20) as executor:
                slowest = max(executor.map(refused, range(20)))
        finally:
            server.cont()
        until_recovered(storage)
        (stored,) = storage.messages.append([message], START_MS)
    assert slowest < CALL_MAX_S + SLACK_S
    assert [record.getMessage().split(";")[0].split(" after")[0] for record in caplog.records] == [
        "The database does not answer",
        "The database answers again",
    ]
    assert getattr(stored, "seq", None) == 1


@pytest.mark.long
def test_killed_database(storage: Storage, server: MariaDb, alice: UserRecord) -> None:
    """While it is dead each call is refused; after its restart all that was stored is there."""
    storage.messages.append([NewMessage(1, alice.id, "before", "n1")], START_MS)
    server.kill()
    began = time.monotonic()
    with pytest.raises(StorageUnavailable):
        storage.messages.append([NewMessage(1, alice.id, "during", "n2")], START_MS)
    with pytest.raises(StorageUnavailable):
        storage.users.by_id(alice.id)
    assert time.monotonic() - began < CALL_MAX_S
    server.start()
    until_recovered(storage)
    storage.messages.append([NewMessage(1, alice.id, "during", "n2")], START_MS)
    assert [message.body for message in storage.messages.after(1, 0, 10)] == ["before", "during"]


@pytest.mark.long
def test_restarted_database(storage: Storage, server: MariaDb, alice: UserRecord) -> None:
    """A restart between two calls goes unnoticed: each idle connection is replaced when its loss shows."""
    with ThreadPoolExecutor(4) as executor:
        list(executor.map(lambda _: storage.rooms.all(), range(8)))
    server.end()
    server.start()
    (stored,) = storage.messages.append([NewMessage(1, alice.id, "text", "n1")], START_MS)
    assert getattr(stored, "seq", None) == 1
    with ThreadPoolExecutor(4) as executor:
        assert all(executor.map(lambda _: storage.rooms.all(), range(8)))


def test_killed_connections(storage: Storage, server: MariaDb, alice: UserRecord) -> None:
    """An administrator's KILL of every connection costs nobody a call."""
    storage.rooms.all()
    ids = server.sql("SELECT id FROM information_schema.processlist WHERE user = 'chat'").split()
    server.sql("".join(f"KILL {number};" for number in ids))
    (stored,) = storage.messages.append([NewMessage(1, alice.id, "text", "n1")], START_MS)
    assert getattr(stored, "repeated", None) is False
    assert storage.users.by_id(alice.id) == alice


@pytest.mark.long
def test_frozen_while_committing(
    storage: Storage, server: MariaDb, alice: UserRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit whose answer was lost is found by its nonce, and answered as the first time."""
    message = NewMessage(1, alice.id, "text", "n1")
    write = storage.database.write

    def freezing_write(work: Callable[[Transaction], Any], **options: Any) -> Any:
        def work_then_freeze(transaction: Transaction) -> Any:
            result = work(transaction)
            server.stop()
            return result

        return write(work_then_freeze, **options)

    with monkeypatch.context() as patch:
        patch.setattr(storage.database, "write", freezing_write)
        try:
            with pytest.raises(StorageUnavailable):
                storage.messages.append([message], START_MS)
        finally:
            server.cont()
    until_recovered(storage)
    # The COMMIT waited in the frozen server's socket: it was carried out, or the connection's end undid it.
    (stored,) = storage.messages.append([message], START_MS + 1)
    assert (getattr(stored, "seq", None), getattr(stored, "repeated", None)) == (1, False)
    (again,) = storage.messages.append([message], START_MS + 2)
    assert (getattr(again, "seq", None), getattr(again, "repeated", None)) == (1, True)
    assert len(storage.messages.after(1, 0, 10)) == 1


@pytest.mark.long
def test_locked_room(storage: Storage, alice: UserRecord) -> None:
    """A lock that another program holds for long makes a call fail in time, and is no outage."""
    message = NewMessage(1, alice.id, "text", "n1")
    began = time.monotonic()

    def hold(transaction: Transaction) -> None:
        transaction.run("UPDATE rooms SET topic = 'locked' WHERE id = 1")
        with pytest.raises(StorageUnavailable):
            storage.messages.append([message], START_MS)

    assert isinstance(storage.database, MysqlDatabase)
    other = storage.database.open_apart(60)
    other.transact(hold)
    other.close()
    assert time.monotonic() - began < CALL_MAX_S + SLACK_S
    (stored,) = storage.messages.append([message], START_MS)
    assert getattr(stored, "seq", None) == 1


@pytest.mark.long
def test_server_that_vanished_in_a_transaction(storage: Storage, server: MariaDb, alice: UserRecord) -> None:
    """Its machine hangs, or its cable was pulled: what it has locked is free a moment later."""
    hanging, goes_on = threading.Event(), threading.Event()

    def hang(transaction: Transaction) -> None:
        transaction.run("UPDATE rooms SET topic = 'x' WHERE id = 1")
        hanging.set()
        goes_on.wait(LOCKED_MAX_S)

    message = NewMessage(1, alice.id, "x", "vanished")
    with ThreadPoolExecutor() as pool:
        vanished = pool.submit(storage.database.write, hang)
        assert hanging.wait(LOCKED_MAX_S)
        began = time.monotonic()
        while True:
            try:
                (stored,) = storage.messages.append([message], START_MS)
            except StorageUnavailable:
                stored = None
            if getattr(stored, "seq", None):
                break
            assert time.monotonic() - began < LOCKED_MAX_S, stored
        goes_on.set()
        with pytest.raises(OutcomeUnknown):  # it finds out at its commit
            vanished.result()
    assert storage.database.rows("SELECT topic FROM rooms WHERE id = 1") == [("",)]
    assert time.monotonic() - began < LOCKED_MAX_S
    until_recovered(storage)


def test_deadlock(storage: Storage) -> None:
    """Of two transactions that lock each other out, the one that is undone is done again."""
    meeting = threading.Barrier(2)
    tries = []

    def change(rooms: tuple[int, int], topic: str) -> None:
        def work(transaction: Transaction) -> None:
            tries.append(topic)
            transaction.run("UPDATE rooms SET topic = ? WHERE id = ?", (topic, rooms[0]))
            if tries.count(topic) == 1:
                meeting.wait(5)
            transaction.run("UPDATE rooms SET topic = ? WHERE id = ?", (topic, rooms[1]))

        storage.database.write(work)

    with ThreadPoolExecutor(2) as executor:
        for change_done in (executor.submit(change, (1, 2), "up"), executor.submit(change, (2, 1), "down")):
            change_done.result()
    assert len(tries) == 3
    topics = storage.database.rows("SELECT topic FROM rooms WHERE id IN (1, 2)")
    assert topics == [(tries[-1],)] * 2


@pytest.mark.parametrize("wrong", ["password", "name", "user"])
def test_refused_at_the_start(server: MariaDb, wrong: str) -> None:
    """A wrong password or database is one clear sentence without the password."""
    url = server.new_database()
    changed = {
        "password": url.replace("chat:", "chat:x"),
        "name": url + "nowhere",
        "user": url.replace("chat:", "nobody:"),
    }[wrong]
    with pytest.raises(StorageConfigError, match=r"^mysql://\w+@127\.0\.0\.1:\d+/\w+ refuses: ") as caught:
        open_mysql(changed)
    assert "wörd" not in str(caught.value)


def test_not_there_at_the_start(server: MariaDb) -> None:
    """A server that is not running is named."""
    with pytest.raises(StorageUnavailable, match=r"mysql://chat@127\.0\.0\.1:1/chat does not answer"):
        open_mysql("mysql://chat:secret@127.0.0.1:1/chat")
