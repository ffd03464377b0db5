"""When a lease ends, is waited for and given back: its row in SQLite, and both clocks are the tests' own."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chat_server.storage.core.database import Transaction
from chat_server.storage.core.errors import StorageConfigError, StorageError, StorageUnavailable
from chat_server.storage.core.owner import Owner
from chat_server.storage.mysql.lease import (
    LEASE_S,
    LOOK_EVERY_S,
    MARGIN_S,
    RENEW_EVERY_S,
    RETRY_EVERY_S,
    Lease,
    LeaseLost,
)
from chat_server.storage.sqlite.adapter import SqliteTransaction

VALID_S = LEASE_S - MARGIN_S


class Table:
    """The table of leases on a database whose clock stands at `database_s`, and a machine's own clock."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        connection.create_function("NOW", 1, lambda _digits: self.database_s)
        connection.create_function("UNIX_TIMESTAMP", 1, float)
        connection.execute("CREATE TABLE leases (name PRIMARY KEY, owner, holder, until_ms)")
        connection.execute("CREATE TABLE servers (beat_ms)")
        self.transaction = SqliteTransaction(connection)
        self.database_s = 1_000.0
        self.machine_s = 500.0
        self.call_s = 0.0  # how long the database takes for its answer
        self.failure: Exception | None = None
        self.calls = 0
        self.while_waiting: Callable[[], None] = lambda: None
        self._one_at_a_time = threading.Lock()

    def run(self, work: Callable[[Transaction], int]) -> int:
        with self._one_at_a_time:
            self.calls += 1
            if self.failure is not None:
                raise self.failure
            result = work(self.transaction)
            self.machine_s += self.call_s
            return result

    def pause(self, seconds: float) -> None:
        self.machine_s += seconds
        self.while_waiting()

    def until_s(self) -> float:
        ((until_ms,),) = self.transaction.rows("SELECT until_ms FROM leases")
        return float(until_ms / 1_000)

    def owners(self) -> list[str]:
        return [owner for (owner,) in self.transaction.rows("SELECT owner FROM leases")]


@pytest.fixture
def table() -> Iterator[Table]:
    with closing(sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)) as connection:
        yield Table(connection)


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Owner]:
    yield from _owner(tmp_path / "a")


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Owner]:
    yield from _owner(tmp_path / "b")


def _owner(folder: Path) -> Iterator[Owner]:
    folder.mkdir()
    owner = Owner(folder)
    yield owner
    owner.release()


def lease_of(owner: Owner, table: Table, *, shared: bool = False, name: str = "server") -> Lease:
    return Lease(owner, table.run, shared=shared, name=name, clock=lambda: table.machine_s, pause=table.pause)


def taken(owner: Owner, table: Table, *, shared: bool = False) -> Lease:
    lease = lease_of(owner, table, shared=shared)
    told: list[str] = []
    lease.take(told.append)
    assert told == []
    return lease


def test_row_says_so_for_longer_than_the_server_reckons(table: Table, owner: Owner) -> None:
    """The server counts from before it asked, and less: its right ends before anybody may take it."""
    table.call_s = 2.0
    lease = taken(owner, table)
    asked = table.machine_s - table.call_s
    assert table.until_s() == table.database_s + LEASE_S
    table.database_s += 10.0
    table.machine_s = asked + VALID_S - 0.001
    lease.guard(table.transaction)
    assert table.until_s() == table.database_s - 10.0 + LEASE_S
    table.machine_s = asked + VALID_S
    lease.guard(table.transaction)
    assert table.until_s() == table.database_s + LEASE_S


def test_renewal_counts_from_when_it_was_asked_for(table: Table, owner: Owner) -> None:
    """A slow answer does not make the right longer; at its very end the row is renewed with the commit."""
    lease = taken(owner, table)
    table.machine_s += 5.0
    table.database_s += 5.0
    table.call_s = 3.0
    asked = table.machine_s
    assert lease._renew() == RENEW_EVERY_S
    assert table.until_s() == table.database_s + LEASE_S
    table.transaction.run("UPDATE leases SET owner = 'other'")
    table.machine_s = asked + VALID_S - 0.001
    lease.guard(table.transaction)
    table.machine_s = asked + VALID_S
    assert not lease._wake.is_set()
    with pytest.raises(LeaseLost):
        lease.guard(table.transaction)
    assert lease._wake.is_set()  # the lease's thread tells of it at once


def test_lost_is_lost(table: Table, owner: Owner) -> None:
    """The row is not looked at again, whoever it names now; nor is it given back."""
    lease = taken(owner, table)
    table.transaction.run("UPDATE leases SET owner = 'other'")
    lease._renew()
    table.transaction.run("UPDATE leases SET owner = ?", (owner.id,))
    with pytest.raises(LeaseLost):
        lease.guard(table.transaction)
    calls = table.calls
    lease.release()
    assert table.calls == calls


@pytest.mark.logged_errors
@pytest.mark.parametrize("failure", [StorageUnavailable("gone"), ZeroDivisionError()])
def test_renewal_that_failed_is_tried_again_soon(table: Table, owner: Owner, failure: Exception) -> None:
    """Whatever it failed with: nobody may write for long without it. The lease is not lost by that."""
    lease = taken(owner, table)
    table.failure = failure
    assert lease._renew() == RETRY_EVERY_S < RENEW_EVERY_S
    table.failure = None
    table.machine_s += LEASE_S
    assert lease._renew() == RENEW_EVERY_S
    lease.guard(table.transaction)


def test_end_is_waited_for(table: Table, owner: Owner, other: Owner) -> None:
    """A server that ended without a word is succeeded once its lease ends by the database's clock."""
    taken(owner, table)
    table.database_s += 8.0
    told: list[str] = []

    def pass_on() -> None:
        table.database_s += LOOK_EVERY_S

    table.while_waiting = pass_on
    began = table.machine_s
    lease_of(other, table).take(told.append)
    assert table.machine_s - began == LEASE_S - 8.0 + LOOK_EVERY_S
    assert table.owners() == [other.id]
    assert len(told) == 1


@pytest.mark.parametrize(
    ("left_s", "words"), [(7.0, "up to 7 s"), (900.0, "up to 15 s"), (-1.0, "up to 0 s")]
)
def test_person_is_told_how_long(
    table: Table, other: Owner, monkeypatch: pytest.MonkeyPatch, left_s: float, words: str
) -> None:
    """Until the lease ends, and never longer than one lasts, by this machine's clock."""
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0)
    until_ms = int((table.database_s + left_s) * 1_000)
    told: list[str] = []

    class Enough(Exception):
        pass

    def enough() -> None:
        raise Enough

    def put_row() -> None:
        values = {"name": "server", "owner": "old", "holder": "process 1\n", "until_ms": until_ms}
        table.transaction.insert_new("leases", values)

    put_row()
    table.while_waiting = enough
    lease = lease_of(other, table)
    monkeypatch.setattr(lease, "_take_free", lambda: False)
    with pytest.raises(Enough):
        lease.take(told.append)
    until = time.strftime("%H:%M:%S", time.localtime(1_700_000_000.0 + min(LEASE_S, max(0.0, left_s))))
    (line,) = told
    assert words in line
    assert f"until {until};" in line
    assert "\n" not in line


def test_row_that_goes_while_it_is_waited_for(table: Table, owner: Owner, other: Owner) -> None:
    """The other server ended in order: the lease is free at once."""
    first = taken(owner, table)
    table.while_waiting = first.release
    lease_of(other, table).take(lambda _line: None)
    assert table.owners() == [other.id]


def test_given_back_once(table: Table, owner: Owner, other: Owner) -> None:
    """A second release does not take the lease from whoever has it by then."""
    first = taken(owner, table)
    first.release()
    assert table.owners() == []
    calls = table.calls
    first.release()
    assert table.calls == calls


def test_end_without_the_database(table: Table, owner: Owner, caplog: pytest.LogCaptureFixture) -> None:
    """What cannot be given back ends by itself; that is a line of the log, and no error of the end."""
    lease = taken(owner, table)
    table.failure = StorageError("gone")
    with caplog.at_level("WARNING", logger="chat.storage"):
        lease.release()
    assert "was not given back, and ends in 15 s: gone" in caplog.text


@pytest.mark.parametrize(
    ("shared_first", "shared_second", "name", "words"),
    [
        (False, False, "server", "another server uses this database"),
        (False, True, "server", "a server without --cluster uses"),
        (True, False, "server", "servers with --cluster use"),
        (False, False, "schema", r"another server \(process .*/a\) is at work on this database"),
    ],
)
def test_refusal_says_what_to_do(
    table: Table, owner: Owner, other: Owner, shared_first: bool, shared_second: bool, name: str, words: str
) -> None:
    """Who renews its lease keeps it; what the other's person can do depends on how both were started."""
    first = lease_of(owner, table, shared=shared_first, name=name)
    first.take(lambda _line: None)

    def renew() -> None:
        table.database_s += 1.0
        first._renew()

    table.while_waiting = renew
    with pytest.raises(StorageConfigError, match=words):
        lease_of(other, table, shared=shared_second, name=name).take(lambda _line: None)


def test_shared_lease_stays_for_those_who_live(table: Table, owner: Owner, other: Owner) -> None:
    """The last one's end gives it back: a server counts as alive for as long as a lease lasts."""
    first, second = (taken(each, table, shared=True) for each in (owner, other))
    table.transaction.run("INSERT INTO servers VALUES (?)", (table.database_s * 1_000,))
    table.database_s += LEASE_S - 0.001
    first.release()
    assert len(table.owners()) == 1
    table.database_s += 0.001
    second.release()
    assert table.owners() == []


# -- the thread ---------------------------------------------------------------------------------------


class Steps:
    """Stands where a lease waits between two renewals: each lasts as long as the test wants."""

    def __init__(self, lease: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
        self.waits: list[float] = []
        self.now = threading.Semaphore(0)
        self._ended = threading.Event()
        monkeypatch.setattr(lease, "_wake", self)

    def wait(self, timeout: float) -> bool:
        self.waits.append(timeout)
        self.now.acquire(timeout=10)
        return self._ended.is_set()

    def set(self) -> None:
        self._ended.set()
        self.now.release()


def test_thread_renews_until_the_end(table: Table, owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every few seconds, sooner after a failure; the end waits until the lease was given back."""
    lease = taken(owner, table)
    steps = Steps(lease, monkeypatch)
    renewed = threading.Semaphore(0)
    renew = lease._renew

    def renew_and_say() -> float:
        wait_s = renew()
        renewed.release()
        return wait_s

    monkeypatch.setattr(lease, "_renew", renew_and_say)
    lease.keep()
    for failure in (None, StorageUnavailable("gone"), None):
        table.failure = failure
        steps.now.release()
        assert renewed.acquire(timeout=10)
    lease.release(10)
    assert steps.waits == [RENEW_EVERY_S, RENEW_EVERY_S, RETRY_EVERY_S, RENEW_EVERY_S]
    assert table.owners() == []


def test_end_waits_for_a_slow_database(table: Table, owner: Owner) -> None:
    """As long as it was told to, so that the next server need not wait."""
    lease = taken(owner, table)
    order: list[str] = []
    released = threading.Event()
    run = table.run

    def slow(work: Callable[[Transaction], int]) -> int:
        released.wait(0.05)
        result = run(work)
        order.append("given back")
        return result

    lease._run = slow
    lease.keep()
    lease.release(10)
    order.append("released")
    released.set()
    assert order == ["given back", "released"]


@pytest.mark.logged_errors
def test_loser_may_end_the_lease_at_once(table: Table, owner: Owner) -> None:
    """Who is told of the loss stops the server, on the lease's own thread: that does not wait for itself."""
    lease = taken(owner, table)
    done: list[str] = []
    ended = threading.Event()

    def stop() -> None:
        lease.release(10)
        done.append("stopped")
        ended.set()

    lease.on_lost(stop)
    table.transaction.run("UPDATE leases SET owner = 'other'")
    lease._renew()
    lease.keep()
    assert ended.wait(10)
    assert done == ["stopped"]
    assert table.owners() == ["other"]


def test_thread_keeps_no_program_alive(table: Table, owner: Owner) -> None:
    """A server that breaks down ends though its lease was not released."""
    lease = taken(owner, table)
    assert lease._thread.daemon
