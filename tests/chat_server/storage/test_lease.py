"""One server at a time on a MySQL database: the lease, with a clock that the tests move."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chat_server.storage import Storage
from chat_server.storage.core.database import Transaction
from chat_server.storage.core.errors import StorageConfigError
from chat_server.storage.core.owner import Owner
from chat_server.storage.mysql.adapter import MysqlDatabase
from chat_server.storage.mysql.lease import LEASE_S, LOOK_EVERY_S, Lease, LeaseLost
from chat_server.storage.mysql.servers import Servers
from chat_server.storage.schema.restore import restore_into
from tests.chat_server.storage.conftest import open_mysql

RENEWED = "UPDATE leases SET until_ms = until_ms + 5000"
FROZEN = "UPDATE leases SET until_ms = until_ms + 3600000"  # the database's clock was set back by an hour


class Clock:
    """Seconds that pass in `pause` only; `while_waiting` is what happens meanwhile."""

    def __init__(self, while_waiting: list[str] | None = None) -> None:
        self.now = 1000.0
        self.events = while_waiting or []
        self.database: MysqlDatabase | None = None

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds
        if self.events and self.database is not None:
            self.database.run(self.events.pop(0))


@pytest.fixture
def database(mariadb_url: str) -> Iterator[MysqlDatabase]:
    database = open_mysql(mariadb_url)
    assert isinstance(database, MysqlDatabase)
    Storage(database)
    yield database
    database.close()


def folder(tmp_path: Path, name: str) -> Path:
    path = tmp_path / name
    path.mkdir(exist_ok=True)
    return path


def lease_of(owner: Owner, database: MysqlDatabase, clock: Clock, *, shared: bool = False) -> Lease:
    clock.database = database
    return Lease(owner, database.write, shared=shared, clock=clock, pause=clock.pause)


def taken(
    owner: Owner, database: MysqlDatabase, clock: Clock | None = None, *, shared: bool = False
) -> tuple[Lease, list[str]]:
    """Take the lease and return it with what a person was told."""
    told: list[str] = []
    lease = lease_of(owner, database, clock or Clock(), shared=shared)
    lease.take(told.append)
    return lease, told


def nothing(_transaction: Transaction) -> None:
    """Work of a transaction that is not about its work."""


def test_the_second_is_refused_as_soon_as_the_first_renews(database: MysqlDatabase, tmp_path: Path) -> None:
    """A row that is renewed while somebody waits belongs to a server that runs; its holder is named."""
    first, _ = taken(Owner(folder(tmp_path, "a")), database)
    clock = Clock([RENEWED])
    with pytest.raises(
        StorageConfigError, match=r"another server uses this database \(process \d+ on .*/a\)"
    ):
        taken(Owner(folder(tmp_path, "b")), database, clock)
    assert clock.now - 1000 == LOOK_EVERY_S
    first.release()


def test_released_is_free_at_once(database: MysqlDatabase, tmp_path: Path) -> None:
    """Who ended in order is not waited for."""
    first, _ = taken(Owner(folder(tmp_path, "a")), database)
    first.release()
    second, told = taken(Owner(folder(tmp_path, "b")), database)
    assert not told
    second.release()


def test_a_folder_knows_its_own_predecessor(database: MysqlDatabase, tmp_path: Path) -> None:
    """Whoever holds the lock of the data folder takes over at once from its last process."""
    owner = Owner(folder(tmp_path, "a"))
    taken(owner, database)  # and never given back
    owner.release()
    second, told = taken(Owner(folder(tmp_path, "a")), database)
    assert not told
    second.release()


def test_a_copied_folder_is_another_server(database: MysqlDatabase, tmp_path: Path) -> None:
    """A copy of a data folder is not taken for its original."""
    original = Owner(folder(tmp_path, "a"))
    copy = folder(tmp_path, "copy")
    (copy / "server_id").write_bytes((tmp_path / "a" / "server_id").read_bytes())
    first, _ = taken(original, database)
    with pytest.raises(StorageConfigError):
        taken(Owner(copy), database, Clock([RENEWED]))
    first.release()


def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    """A second process in the same data folder is refused."""
    owner = Owner(tmp_path)
    with pytest.raises(StorageConfigError, match="is in use by another server"):
        Owner(tmp_path)
    owner.release()
    Owner(tmp_path).release()


def test_an_end_that_never_comes_is_not_waited_for(database: MysqlDatabase, tmp_path: Path) -> None:
    """A row that nobody renews is taken after the length of a lease, whatever the database's clock says."""
    taken(Owner(folder(tmp_path, "a")), database)
    database.run(FROZEN)
    clock = Clock()
    second, told = taken(Owner(folder(tmp_path, "b")), database, clock)
    assert LEASE_S < clock.now - 1000 < LEASE_S + 1
    assert len(told) == 1
    assert "waiting up to 15 s" in told[0]
    second.release()


def test_nothing_is_committed_without_the_lease(database: MysqlDatabase, tmp_path: Path) -> None:
    """After its lease a server commits only what it can renew the lease with, and nothing once it is lost."""
    clock = Clock()
    first, _ = taken(Owner(folder(tmp_path, "a")), database, clock)
    database.write(first.guard)
    clock.now += LEASE_S + 1
    database.write(first.guard)  # nobody else was there
    database.run("UPDATE leases SET until_ms = 0")
    second, _ = taken(Owner(folder(tmp_path, "b")), database)

    def work(transaction: Transaction) -> None:
        transaction.put("settings", {"name": "x", "value": "late"}, ["name"], ["value"])
        first.guard(transaction)

    with pytest.raises(LeaseLost):
        database.write(work)
    with pytest.raises(LeaseLost):
        database.write(first.guard)
    assert database.rows("SELECT value FROM settings WHERE name = 'x'") == []
    first.release()
    database.write(second.guard)
    second.release()
    assert database.rows("SELECT owner FROM leases") == []


@pytest.mark.logged_errors
def test_the_loser_is_told_once(database: MysqlDatabase, tmp_path: Path) -> None:
    """Whoever asked to be told of the loss hears of it, also when the loss came first."""
    lease, _ = taken(Owner(folder(tmp_path, "a")), database, clock := Clock())
    early: list[str] = []
    lease.on_lost(lambda: early.append("lost"))
    assert early == []
    database.run("UPDATE leases SET owner = 'somebody'")
    clock.now += LEASE_S + 1
    with pytest.raises(LeaseLost):
        database.write(lease.guard)
    heard = threading.Event()
    lease.on_lost(heard.set)
    lease.keep()
    assert heard.wait(10)
    told: list[str] = []
    lease.on_lost(lambda: told.append("lost"))
    assert told == ["lost"]
    lease.release()


def test_restore_refuses_a_database_in_use(database: MysqlDatabase, tmp_path: Path) -> None:
    """Nothing is dropped under a server that runs, however empty its database is."""
    lease, _ = taken(Owner(folder(tmp_path, "a")), database)
    with pytest.raises(StorageConfigError, match="a server uses this database"), restore_into(database, 1):
        pass
    lease.release()
    with restore_into(database, 1):
        pass


def test_lease_is_shared_by_those_that_say_so(database: MysqlDatabase, tmp_path: Path) -> None:
    """Servers of a cluster hold it together and each may commit; one without --cluster is told what to do."""
    first, _ = taken(Owner(folder(tmp_path, "a")), database, shared=True)
    second, told = taken(Owner(folder(tmp_path, "b")), database, shared=True)
    assert not told
    for lease in (first, second):
        database.write(lease.guard)
    with pytest.raises(StorageConfigError, match=r"servers with --cluster use this database \(process .*/b"):
        taken(Owner(folder(tmp_path, "c")), database, Clock([RENEWED]))
    first.release()
    second.release()


def test_server_of_a_cluster_is_refused_by_one_that_is_alone(database: MysqlDatabase, tmp_path: Path) -> None:
    """The line names it, and says how both may run."""
    first, _ = taken(Owner(folder(tmp_path, "a")), database)
    with pytest.raises(StorageConfigError, match=r"a server without --cluster .*/a\): stop it first"):
        taken(Owner(folder(tmp_path, "b")), database, Clock([RENEWED]), shared=True)
    first.release()


def test_last_one_of_a_cluster_gives_the_lease_back(database: MysqlDatabase, tmp_path: Path) -> None:
    """While another one lives it stays; after the last one a single server starts at once."""
    owners = [Owner(folder(tmp_path, name)) for name in "ab"]
    servers = [Servers(database, owner, 0) for owner in owners]
    leases = [taken(owner, database, shared=True)[0] for owner in owners]
    for server in servers:
        server.beat("n", "a", "1", "", 0)
    counts = []
    for server, lease in zip(servers, leases, strict=True):
        server.leave()
        lease.release()
        counts.append(len(database.rows("SELECT 1 FROM leases WHERE name = 'server'")))
    assert counts == [1, 0]


def test_lease_that_is_not_held_is_not_given_back(tmp_path: Path) -> None:
    """One that was never taken, and one that was lost, cost the database nothing at the end."""
    asked: list[object] = []

    def run(work: object) -> Any:
        asked.append(work)
        return 1

    owner = Owner(folder(tmp_path, "a"))
    Lease(owner, run).release()
    assert asked == []
    lost = Lease(owner, run)
    lost.take(lambda _line: None)
    lost._lose()
    lost.release()
    assert len(asked) == 1
    held = Lease(owner, run)
    held.take(lambda _line: None)
    held.release()
    assert len(asked) == 3
    owner.release()
