"""The small parts on their own: URLs, the pool, an outage's circuit, the checks of a server's settings."""

import logging
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chat_server.storage import open_storage
from chat_server.storage.core.errors import (
    DuplicateKey,
    GivenUp,
    NoMoreConnections,
    StorageConfigError,
    StorageError,
    StorageUnavailable,
)
from chat_server.storage.core.outage import PROBE_EVERY_S, Outage, Use
from chat_server.storage.core.pool import GROW_EVERY_S, Pool
from chat_server.storage.core.urls import MysqlAddress, SqliteAddress, parse_url
from chat_server.storage.mysql.checks import PACKET_MIN_BYTES, warnings_about
from chat_server.storage.mysql.errors import Conflict, ConnectionLost, TooLarge, error_of
from tests.chat_server.storage.conftest import open_mysql
from tests.support.mariadb import MariaDb
from tests.support.waiting import until


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///data/chat.db", "data/chat.db"),
        ("sqlite:////var/lib/chat.db", "/var/lib/chat.db"),
        ("sqlite:///a%20b/c%25.db", "a b/c%.db"),
    ],
)
def test_sqlite_url(url: str, path: str) -> None:
    """Three slashes begin a relative path, four an absolute one."""
    assert parse_url(url) == SqliteAddress(Path(path))


def test_mysql_url() -> None:
    """Each part may be percent-encoded; port and host have their defaults."""
    full = parse_url("mysql://us%65r:p%40ss%2F%3A%25@db.example.org:3307/ch%61t")
    assert full == MysqlAddress("user", "p@ss/:%", "db.example.org", 3307, "chat", None, "verify")
    assert parse_url("mysql://user@/chat") == MysqlAddress("user", "", "127.0.0.1", 3306, "chat", None)
    by_socket = parse_url("mysql://user:x@localhost/chat?unix_socket=/run/my%20sql.sock")
    assert isinstance(by_socket, MysqlAddress)
    assert by_socket.unix_socket == "/run/my sql.sock"
    assert "x@" not in f"{by_socket} {by_socket!r}".replace("user@", "")


def test_url_of_several_servers() -> None:
    """Each has its port; the list keeps its order; a comma of the password is no separator."""
    address = parse_url("mysql://user:a,b@db1.example.org,[2001:db8::2]:3307,db3/chat?tls=require")
    assert isinstance(address, MysqlAddress)
    assert (address.password, address.tls) == ("a,b", "require")
    places = ["db1.example.org:3306", "[2001:db8::2]:3307", "db3:3306"]
    assert [each.place for each in address.each()] == places
    assert str(address) == f"mysql://user@{','.join(places)}/chat"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "chat.db",
        "sqlite://chat.db",
        "sqlite:///",
        "sqlite:///a?mode=ro",
        "postgres://secret@host/chat",
        "mysql://host/chat",
        "mysql://user:secret@host",
        "mysql://user:secret@host/a/b",
        "mysql://user:secret@host:port/chat",
        "mysql://user:secret@host:70000/chat",
        "mysql://user:secret@[::1/chat",
        "mysql://user:secret@h1,h2:port/chat",
        "mysql://user:secret@h1,,h3/chat",
        "mysql://user:secret@,h2/chat",
        "mysql://user:secret@h1,h2",
        "mysql://user:secret@h1,h2/chat?unix_socket=/run/m.sock",
        "mysql://user:secret@host/chat?ssl=no",
        "mysql://user:secret/word@host:3306/chat",
        "mysql://user:secret@host/chat?tls=maybe",
        "mysql://user:secret@host/chat?tls=require&ca=/etc/ca.pem",
    ],
)
def test_url_malformed(url: str) -> None:
    """What is no URL of a database is refused, and no password is shown."""
    with pytest.raises(StorageConfigError) as caught:
        parse_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("place", "tls"),
    [
        ("127.0.0.1/chat", "prefer"),
        ("localhost/chat", "prefer"),
        ("[::1]/chat", "prefer"),
        ("h/chat?unix_socket=/run/m.sock", "prefer"),
        ("db.example.org/chat", "verify"),
        ("192.0.2.1/chat", "verify"),
        ("192.0.2.1/chat?tls=off", "off"),
        ("127.0.0.1/chat?tls=require", "require"),
        ("127.0.0.1:3306,localhost:3307/chat", "prefer"),
        ("127.0.0.1,192.0.2.1/chat", "verify"),
        ("db.example.org/chat?tls=verify&ca=/etc/ca.pem", "verify"),
    ],
)
def test_database_on_another_machine_is_verified(place: str, tls: str) -> None:
    """Only a database of this machine is spoken to in plain text without being asked to."""
    address = parse_url(f"mysql://user:secret@{place}")
    assert isinstance(address, MysqlAddress)
    assert address.tls == tls


def test_driver_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the driver, a MySQL URL is answered with what to install."""
    for name in ("adapter", "connection"):
        monkeypatch.delitem(sys.modules, f"chat_server.storage.mysql.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "mysql.connector", None)
    with pytest.raises(StorageConfigError, match="pip install"):
        open_storage("mysql://user:secret@127.0.0.1:1/chat")


class Connections:
    """Opens numbered connections and notes which were closed."""

    def __init__(self) -> None:
        self.opened = 0
        self.closed: list[int] = []

    def open(self) -> int:
        self.opened += 1
        return self.opened

    def pool(self, size: int) -> Pool[int]:
        return Pool(size, self.open, self.closed.append)


def _await_waiting(pool: Pool[int], count: int) -> None:
    until(lambda: len(pool._waiting) >= count)


def test_pool_opens_as_needed() -> None:
    """A returned connection is lent again before another is opened."""
    connections = Connections()
    pool = connections.pool(3)
    for _ in range(5):
        pool.give(pool.take(0))
    assert connections.opened == 1


def test_pool_empty() -> None:
    """Whoever waits in vain is told; whoever waits long enough is served."""
    pool = Connections().pool(1)
    connection = pool.take(0)
    with pytest.raises(GivenUp):
        pool.take(0.01)
    with ThreadPoolExecutor(1) as executor:
        waiting = executor.submit(pool.take, 5.0)
        pool.give(connection)
        assert waiting.result() == connection


def test_pool_serves_in_order() -> None:
    """A connection goes to whoever has waited longest; whoever may be first is; nobody overtakes."""
    pool = Connections().pool(1)
    connection = pool.take(0)
    served: list[str] = []

    def wait(name: str, first: bool) -> None:
        taken = pool.take(5.0, first=first)
        served.append(name)
        pool.give(taken)

    threads = []
    for number, (name, first) in enumerate([("second", False), ("third", False), ("first", True)], start=1):
        threads.append(threading.Thread(target=wait, args=(name, first)))
        threads[-1].start()
        _await_waiting(pool, number)
    pool.give(connection)
    for thread in threads:
        thread.join()
    assert served == ["first", "second", "third"]
    assert pool.take(0) == connection


def test_pool_waiter_gone() -> None:
    """A connection that comes back after its waiter has given up serves the next."""
    pool = Connections().pool(1)
    connection = pool.take(0)
    with pytest.raises(GivenUp):
        pool.take(0.001)
    pool.give(connection)
    assert pool.take(0) == connection


def test_pool_drops() -> None:
    """A dropped connection is closed and its slot serves again; so are all idle ones after a loss."""
    connections = Connections()
    pool = connections.pool(2)
    first, second = pool.take(0), pool.take(0)
    pool.drop(first)
    pool.give(second)
    pool.drop_idle()
    assert connections.closed == [first, second]
    assert [pool.take(0), pool.take(0)] == [3, 4]


def test_pool_opening_fails() -> None:
    """A connection that cannot be opened leaves its slot to the next."""

    def fail() -> int:
        raise OSError

    pool: Pool[int] = Pool(1, fail, lambda connection: None)
    for _ in range(3):
        with pytest.raises(OSError, match=r"^$"):
            pool.take(0)


def test_pool_makes_do_with_what_the_database_allows() -> None:
    """A refused connection is done without for a while; whoever wanted it waits for one that is there."""
    now, allowed, opened = [0.0], [1], [0]

    def open_one() -> int:
        if opened[0] >= allowed[0]:
            raise NoMoreConnections
        opened[0] += 1
        return opened[0]

    pool: Pool[int] = Pool(3, open_one, lambda _connection: None, reserved=1, monotonic=lambda: now[0])
    assert (pool.opened, pool.allowed) == (0, 3)
    only = pool.take(0)
    with pytest.raises(GivenUp):
        pool.take(0, first=True)
    with pytest.raises(GivenUp):
        pool.take(0)
    assert (pool.opened, pool.allowed) == (1, 1)
    with ThreadPoolExecutor(1) as executor:
        waiting = executor.submit(pool.take, 5.0)
        _await_waiting(pool, 1)
        pool.give(only)
        assert waiting.result() == only
    allowed[0] = 9
    now[0] += GROW_EVERY_S
    assert pool.take(0, first=True) == 2
    assert (pool.opened, pool.allowed) == (2, 2)


def test_pool_keeps_one_for_who_is_first() -> None:
    """The last one goes to those who come first; a pool of one is shared."""
    pool = Pool(2, Connections().open, lambda _connection: None, reserved=1)
    common = pool.take(0)
    with pytest.raises(GivenUp):
        pool.take(0)
    urgent = pool.take(0, first=True)
    pool.give(urgent)
    with pytest.raises(GivenUp):
        pool.take(0)
    pool.give(common)
    pool.take(0)
    single = Pool(1, Connections().open, lambda _connection: None, reserved=1)
    single.take(0)


def test_pool_closed() -> None:
    """A closed pool lends nothing and closes what comes back."""
    connections = Connections()
    pool = connections.pool(2)
    out = pool.take(0)
    pool.close()
    pool.give(out)
    assert connections.closed == [out]
    with pytest.raises(StorageUnavailable, match="closed"):
        pool.take(0)


@pytest.mark.logged_errors
def test_outage(caplog: pytest.LogCaptureFixture) -> None:
    """During an outage one caller in a while tries; it is logged once at each end."""
    now = [100.0]
    outage = Outage(lambda: now[0])
    with caplog.at_level(logging.WARNING, logger="chat.storage"):
        assert outage.may_try(Use.READ)
        outage.worked(Use.READ)
        for _ in range(3):
            outage.failed(Use.READ, StorageUnavailable("gone"))
        assert not outage.may_try(Use.READ)
        now[0] += PROBE_EVERY_S
        assert [outage.may_try(Use.READ), outage.may_try(Use.READ)] == [True, False]
        now[0] += 9
        outage.worked(Use.READ)
        assert [outage.may_try(Use.READ), outage.may_try(Use.READ)] == [True, True]
        outage.worked(Use.READ)
    texts = [record.getMessage() for record in caplog.records]
    assert len(texts) == 2
    assert "gone" in texts[0]
    assert f"after {9 + PROBE_EVERY_S:.1f} s" in texts[1]


@pytest.mark.logged_errors
def test_outage_of_writing_alone(caplog: pytest.LogCaptureFixture) -> None:
    """A database that is still read, but not written, is in one outage until it is written again."""
    outage = Outage(lambda: 100.0)
    with caplog.at_level(logging.WARNING, logger="chat.storage"):
        outage.failed(Use.WRITE, StorageUnavailable("full"))
        outage.worked(Use.READ)
        assert outage.may_try(Use.READ)
        assert not outage.may_try(Use.WRITE)
        outage.failed(Use.READ, StorageUnavailable("gone"))
        outage.worked(Use.READ)
        assert outage.may_try(Use.WRITE)
        assert len(caplog.records) == 1
        outage.worked(Use.WRITE)
    assert len(caplog.records) == 2


def test_error_meanings() -> None:
    """The numbers that the storage must tell apart."""
    assert {error_of(number) for number in (2006, 2013, 3024, 4031, 1053, 1927)} == {ConnectionLost}
    of_replicas = (1047, 1180, 1290, 1836, 3100, 3797)  # this server may not write: another one may
    assert {error_of(number) for number in of_replicas} == {ConnectionLost}
    assert {error_of(number) for number in (1205, 1213, 3101)} == {Conflict}
    taken_away = (1044, 1045, 1049, 1142, 1698)  # an administrator gives it back while the server runs
    assert {error_of(number) for number in taken_away} == {StorageUnavailable}
    assert [error_of(number) for number in (1062, 1153, 1021, 1064)] == [
        DuplicateKey,
        TooLarge,
        StorageUnavailable,
        StorageError,
    ]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ((1, 0, 0, PACKET_MIN_BYTES, "utf8mb4", "utf8mb4"), []),
        (("2", "1", "0", "1024", "latin1", "utf8mb3"), ["flush", "binlog", "packet", "server", "database"]),
    ],
)
def test_checks(settings: tuple[object, ...], words: list[str]) -> None:
    """Each setting that endangers messages is a sentence; a good server has none."""
    found = warnings_about(lambda sql: [settings])
    assert len(found) == len(words)
    assert all(word in sentence for word, sentence in zip(words, found, strict=True))


def test_checks_on_a_careless_server(mariadb: MariaDb) -> None:
    """A real server with careless settings is found out."""
    options = (
        "--innodb-flush-log-at-trx-commit=2",
        "--max-allowed-packet=1M",
        "--character-set-server=latin1",
    )
    with MariaDb(options=options) as careless:
        database = open_mysql(careless.new_database())
        sentences = " ".join(database.check())
        database.close()
    for name in ("innodb_flush_log_at_trx_commit is 2", "max_allowed_packet is 1048576", "server is latin1"):
        assert name in sentences
