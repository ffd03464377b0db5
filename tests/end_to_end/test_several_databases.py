"""A server with two addresses for its database: the first one goes, and the talk goes on at the second."""

import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest

from tests.support.mariadb import PASSWORD, USER, MariaDb
from tests.support.server import ServerProcess
from tests.support.wire import connected

pytestmark = pytest.mark.long  # a database of its own

ROOM = "Général"
MOVE_MAX_S = 8.0  # a batch is tried again for so long
Start = Callable[..., ServerProcess]


@pytest.fixture
def replicas(mariadb: MariaDb) -> Iterator[tuple[MariaDb, MariaDb]]:
    """A MariaDB and its replica, which is read-only and repeats all that the first one commits."""
    binlog = ("--log-bin=bin", "--binlog-format=ROW", "--log-slave-updates")
    replica = (*binlog, "--server-id=2", "--read-only=1")
    with MariaDb(options=(*binlog, "--server-id=1")) as first, MariaDb(options=replica) as second:
        for each in first, second:  # an administrator of the database may write to a read-only one
            each.sql(f"SET SESSION sql_log_bin = 0; REVOKE READ_ONLY ADMIN ON *.* FROM '{USER}'@'%'")
        second.sql(
            f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={first.port}, MASTER_USER='{USER}',"
            f" MASTER_PASSWORD='{PASSWORD}', MASTER_USE_GTID=slave_pos; START SLAVE"
        )
        first.sql("CREATE DATABASE chat")
        yield first, second


@pytest.mark.logged_errors
def test_next_address_takes_over(server_process: Start, replicas: tuple[MariaDb, MariaDb]) -> None:
    """Read-only first, then promoted: nothing acknowledged is lost, and no client is cut off."""
    first, second = replicas
    place = f"{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{second.port},127.0.0.1:{first.port}"
    server = server_process("--no-limits", tls=False, database=f"mysql://{place}/chat")
    with connected(server.port, tls=False) as alice, connected(server.port, tls=False) as bob:
        alice.register("alice")
        bob.register("bob")
        for number in range(20):
            assert alice.ok("send", room=ROOM, body=f"{number}", nonce=f"n{number}")["seq"] == number + 1
        _promote(first, second)
        begun = time.monotonic()
        assert alice.ok("send", room=ROOM, body="20", nonce="n20")["seq"] == 21
        assert time.monotonic() - begun < MOVE_MAX_S
        assert bob.event("message", body="20")["seq"] == 21
        first.end()
        assert alice.ok("send", room=ROOM, body="21", nonce="n21")["seq"] == 22
        history = bob.ok("history", room=ROOM, after=0)["messages"]
        assert [message["body"] for message in history] == [str(number) for number in range(22)]
        assert f"is used at 127.0.0.1:{second.port} from now on" in server.output


def _promote(first: MariaDb, second: MariaDb) -> None:
    """Make the replica the one that is written to, when it has all that the first one has."""
    first.sql("SET GLOBAL read_only = 1")
    position = first.sql("SELECT @@gtid_binlog_pos").strip()
    assert second.sql(f"SELECT MASTER_GTID_WAIT('{position}', 20)").strip() == "0"
    second.sql("STOP SLAVE; SET GLOBAL read_only = 0")
