"""What the adapter makes of servers that refuse, are full, or are not alone; the driver has no server."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import mysql.connector
import pytest

from chat_server.storage.core.database import CALL_MAX_S, Transaction
from chat_server.storage.core.errors import (
    GivenUp,
    NoMoreConnections,
    StorageConfigError,
    StorageUnavailable,
)
from chat_server.storage.core.owner import Owner
from chat_server.storage.core.pool import LAST_RETRY_S
from chat_server.storage.core.urls import MysqlAddress, parse_url
from chat_server.storage.mysql import adapter
from chat_server.storage.mysql.adapter import (
    CONNECTIONS,
    MIGRATION_MAX_S,
    START_MAX_S,
    MysqlDatabase,
)
from chat_server.storage.mysql.checks import QUERY
from chat_server.storage.mysql.connection import ANSWER_MAX_S, HAS_C_EXTENSION
from chat_server.storage.mysql.errors import ConnectionLost
from chat_server.storage.mysql.lease import SHARED, LeaseLost
from chat_server.storage.mysql.lending import TRIES
from tests.chat_server.storage.mysql.driver import STATE, FakeServers

LEASES = "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'leases'"
LOCK = "SELECT GET_LOCK(%s, 60)"


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> FakeServers:
    servers = FakeServers()
    monkeypatch.setattr(mysql.connector, "connect", servers.connect)
    monkeypatch.setattr(adapter, "START_MAX_S", 0.0)
    monkeypatch.setattr(adapter, "TURN_MAX_S", 0.0)
    return servers


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Owner]:
    owner = Owner(tmp_path)
    yield owner
    owner.release()


def opened(places: str = "127.0.0.1:1", *, pure: bool = False, writable: bool = True) -> MysqlDatabase:
    address = parse_url(f"mysql://chat:secret@{places}/chat")
    assert isinstance(address, MysqlAddress)
    return MysqlDatabase(address, pure=pure, writable=writable)


def test_first_connection_serves_the_first_calls(servers: FakeServers) -> None:
    """What was opened to know that the address is right is not thrown away."""
    database = opened()
    assert database.connections() == (1, CONNECTIONS)
    assert database.read(lambda _it: "read") == "read"
    assert database.write(lambda _it: "written") == "written"
    assert (len(servers.opened), database.connections()) == (1, (1, CONNECTIONS))
    database.close()
    assert servers.opened[0].closed


def test_first_server_that_answers_is_used(servers: FakeServers) -> None:
    """Those before it in the URL may be down at the start."""
    servers.failures = {1: 2003, 2: 2003}
    database = opened("127.0.0.1:1,127.0.0.1:2,127.0.0.1:3")
    assert servers.ports == [1, 2, 3]
    assert database.has_others
    assert not opened("127.0.0.1:3").has_others


@pytest.mark.parametrize(
    ("number", "error", "words"),
    [
        (1045, StorageConfigError, "mysql://chat@127.0.0.1:1/chat refuses: "),
        (2003, ConnectionLost, "mysql://chat@127.0.0.1:1/chat does not answer: "),
        (1040, NoMoreConnections, "mysql://chat@127.0.0.1:1/chat has no connection left: "),
    ],
)
def test_refusal_at_the_start(servers: FakeServers, number: int, error: type[Exception], words: str) -> None:
    """On one line, and it says whether the administrator has to mend something or to wait."""
    servers.failures = {1: number}
    with pytest.raises(error) as caught:
        opened()
    assert str(caught.value).startswith(words)
    assert str(caught.value).endswith("refused by 1")
    assert type(caught.value) is error


def test_refusal_of_the_first_server_is_told(servers: FakeServers) -> None:
    """It is the one that is used in peace; each was given its chance."""
    servers.failures = {1: 1045, 2: 2003}
    with pytest.raises(StorageConfigError, match=r"127\.0\.0\.1:1/chat refuses"):
        opened("127.0.0.1:1,127.0.0.1:2")
    assert set(servers.ports) == {1, 2}


@pytest.mark.parametrize("pure", [False, True])
def test_driver_is_the_quick_one_unless_asked(
    servers: FakeServers, caplog: pytest.LogCaptureFixture, pure: bool
) -> None:
    """The log says which it is, and what the database is."""
    servers.answers["SELECT VERSION()"] = [("11.4-MariaDB",)]
    servers.answers[QUERY] = [(1, 0, 0, 4_194_304, "utf8mb4", "latin1")]
    database = opened(pure=pure)
    with caplog.at_level("INFO", logger="chat.storage"):
        (warning,) = database.check()
    assert "database is latin1" in warning
    in_c = HAS_C_EXTENSION and not pure
    assert servers.asked[0]["use_pure"] is not in_c
    assert f"server 11.4-MariaDB, driver {mysql.connector.__version__} in " in caplog.text
    assert (" in C, " in caplog.text) is in_c
    assert ("Python (slower)" in caplog.text) is not in_c


def test_server_that_may_not_write_is_used_by_readers_alone(servers: FakeServers) -> None:
    """A copy of the database is made from a replica, too; a chat server needs one that writes."""
    servers.answers[STATE] = [("read_only", "ON")]
    with pytest.raises(ConnectionLost, match="read-only"):
        opened()
    assert opened(writable=False).read(lambda _it: "read") == "read"


@pytest.mark.logged_errors
def test_connections_to_a_server_that_was_left_are_not_used(servers: FakeServers) -> None:
    """Once one call has met the next server, all write there: an earlier connection may still answer."""
    database = opened("127.0.0.1:1,127.0.0.1:2")

    def fail_over(_it: Transaction) -> None:
        servers.failures = {1: 2003}
        database.read(lambda _it: None)  # needs another connection, and finds the server dead

    database.read(fail_over)
    servers.failures = {}
    before = len(servers.opened[0].done)
    for _ in range(2):
        database.read(lambda it: it.rows("SELECT 1"))
    assert servers.ports == [1, 1, 2]
    assert len(servers.opened[0].done) == before
    assert servers.opened[0].closed


def test_one_connection_is_for_the_commit_thread(servers: FakeServers) -> None:
    """All others may be lent: it never queues behind them."""
    database = opened()

    def take_all(left: int) -> str:
        if left:
            return database.read(lambda _it: take_all(left - 1))
        with pytest.raises(GivenUp):
            database.write(lambda _it: None)
        return database.write(lambda _it: "urgent", urgent=True)

    assert take_all(CONNECTIONS - 1) == "urgent"
    assert database.connections() == (CONNECTIONS, CONNECTIONS)


@pytest.mark.logged_errors
@pytest.mark.parametrize(("late_s", "tries"), [(0.0, TRIES), (0.01, 1)])
def test_no_try_begins_that_could_take_too_long(
    servers: FakeServers, monkeypatch: pytest.MonkeyPatch, late_s: float, tries: int
) -> None:
    """The last one to begin has a whole answer's time left."""
    database = opened()
    now = [100.0]
    tried = []

    def work(_it: Transaction) -> None:
        tried.append(now[0])
        now[0] = 100.0 + CALL_MAX_S - ANSWER_MAX_S + late_s
        raise ConnectionLost("gone")

    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with pytest.raises(ConnectionLost):
        database.read(work)
    monkeypatch.undo()
    assert len(tried) == tries


# -- the lease and the schema ---------------------------------------------------------------------------


def test_database_without_leases_is_held_by_nobody(servers: FakeServers, owner: Owner) -> None:
    """Its schema is too old: it is brought up to date first, and nothing is asked of a lease meanwhile."""
    database = opened()
    assert not database.hold(owner, lambda _line: None)
    database.on_lost(lambda: None)
    assert database.write(lambda _it: "written") == "written"
    database.release(0.0)
    assert not [sql for sql in servers.done() if "leases SET" in sql or "DELETE" in sql]


def held(servers: FakeServers, owner: Owner, *, shared: bool = False) -> MysqlDatabase:
    servers.answers[LEASES] = [(1,)]
    servers.answers[LOCK] = [(1,)]
    database = opened()
    assert database.hold(owner, lambda _line: None, shared=shared)
    return database


@pytest.mark.parametrize("shared", [False, True])
def test_lease_is_taken_kept_and_given_back(servers: FakeServers, owner: Owner, shared: bool) -> None:
    """By this server, or by all of a cluster together."""
    database = held(servers, owner, shared=shared)
    ((parameters),) = [
        parameters
        for driver in servers.opened
        for sql, parameters in zip(driver.done, driver.parameters, strict=True)
        if sql.startswith("UPDATE leases SET owner")
    ]
    assert parameters[0] == (SHARED if shared else owner.id)
    assert [thread for thread in threading.enumerate() if thread.name == "lease"]
    database.release(10.0)
    assert [sql for sql in servers.done() if sql.startswith("DELETE FROM leases")]


@pytest.mark.logged_errors
def test_nothing_is_written_once_the_lease_is_lost(servers: FakeServers, owner: Owner) -> None:
    """Each write asks the lease before its commit; who asked to be told of the loss is."""
    database = held(servers, owner)
    lost = threading.Event()
    database.on_lost(lost.set)
    assert database.write(lambda _it: "written") == "written"
    assert database._lease is not None
    database._lease._lose()
    assert lost.wait(10)
    committed = servers.done().count("COMMIT")
    with pytest.raises(LeaseLost):
        database.write(lambda _it: None)
    assert servers.done().count("COMMIT") == committed
    assert servers.done()[-1] == "ROLLBACK"
    database.release(10.0)


@pytest.mark.parametrize("answer", [(0,), (None,)])
def test_schema_is_changed_by_one_server_at_a_time(servers: FakeServers, answer: tuple[object]) -> None:
    """A lock of the database keeps the others off it, and goes with its connection."""
    database = opened()
    servers.answers[LOCK] = [answer]
    with pytest.raises(StorageUnavailable, match="another server is changing"), database.migrator():
        pass
    assert servers.opened[-1].closed
    servers.answers[LOCK] = [(1,)]
    with database.migrator() as migrator:
        apart = servers.opened[-1]
        migrator.execute("ALTER")
        assert (apart.done[-1], apart.closed) == ("ALTER", False)
    assert apart.closed
    assert servers.asked[-1]["read_timeout"] == MIGRATION_MAX_S


@pytest.mark.parametrize(("holding", "shared"), [(False, True), (True, False), (True, True)])
def test_schema_of_a_cluster_has_a_lease(
    servers: FakeServers, owner: Owner, holding: bool, shared: bool
) -> None:
    """A lock holds on one server of a replicated database, a row on all; a single server needs none."""
    database = held(servers, owner, shared=shared) if holding else opened()
    if not holding:
        servers.answers[LOCK] = [(1,)]
        assert not database.hold(owner, lambda _line: None, shared=shared)
    before = set(threading.enumerate())
    with database.migrator():
        during = [thread.name for thread in set(threading.enumerate()) - before]
        assert during == (["lease"] if holding and shared else [])
    schema = [
        (sql.split()[0], parameters)
        for driver in servers.opened
        for sql, parameters in zip(driver.done, driver.parameters, strict=True)
        if "schema" in parameters
    ]
    assert [word for word, _ in schema] == (["UPDATE", "DELETE"] if holding and shared else [])
    assert all(owner.id in parameters for _, parameters in schema)
    database.release(10.0)


# -- a connection beside the pool's ---------------------------------------------------------------------


def test_connection_apart_takes_the_place_of_idle_ones(
    servers: FakeServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full database is tried until there is room; its idle connections are closed for that."""
    database = opened()
    servers.failures = {1: 1040}
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            servers.failures = {}

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(adapter, "START_MAX_S", START_MAX_S)
    apart = database.open_apart(7)
    assert slept == [LAST_RETRY_S] * 2
    assert servers.opened[0].closed
    assert servers.asked[-1]["read_timeout"] == servers.asked[-1]["write_timeout"] == 7
    apart.close()
    assert database.connections() == (0, CONNECTIONS)


def test_connection_apart_is_given_up_in_time(servers: FakeServers, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the end of the time for a first connection, not after one more pause."""
    database = opened()
    servers.failures = {1: 1040}
    now = [50.0]

    def sleep(seconds: float) -> None:
        now[0] += 2.5

    monkeypatch.setattr(adapter, "START_MAX_S", START_MAX_S)
    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    tried = len(servers.asked)
    with pytest.raises(NoMoreConnections):
        database.open_apart(7)
    assert now[0] == 50.0 + START_MAX_S
    assert len(servers.asked) - tried == 3
