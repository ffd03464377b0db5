"""The database away under a running server: clear answers in time, nobody cut off, nothing lost."""

import re
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.mariadb import MariaDb
from tests.support.server import ServerProcess
from tests.support.wire import Frame, WireClient, connected

pytestmark = pytest.mark.long  # databases are stopped for seconds

ROOM = "Général"
ANSWER_MAX_S = 5.0
RECOVERY_MAX_S = 5.0
Start = Callable[..., ServerProcess]

# Every request that needs the database, as one who has joined Général makes it.
NEEDING: dict[str, dict[str, Any]] = {
    "send": {"room": ROOM, "body": "x", "nonce": "during"},
    "history": {"room": ROOM},
    "read": {"room": ROOM, "seq": 1},
    "join": {"room": "Blabla"},
    "members": {"room": ROOM},
    "users": {"prefix": "a"},
    "profile": {"display_name": "Alice"},
    "edit": {"room": ROOM, "seq": 1, "body": "y"},
}


@contextmanager
def two_people(server: ServerProcess) -> Iterator[tuple[WireClient, WireClient]]:
    """Alice and Bob, who have talked."""
    with connected(server.port) as alice, connected(server.port) as bob:
        alice.register("alice")
        bob.register("bob")
        assert alice.ok("send", room=ROOM, body="before")["seq"] == 1
        bob.event("message")
        yield alice, bob


def all_unavailable(client: WireClient, kinds: Iterable[str]) -> None:
    """Each request that needs the database is answered in time, with `unavailable`."""
    for kind in kinds:
        fields = NEEDING[kind]
        begun = time.monotonic()
        assert client.error(kind, **fields) == "unavailable", kind
        assert time.monotonic() - begun < ANSWER_MAX_S + 1, kind
    assert client.ok("ping")["type"] == "ok"


def in_time(client: WireClient, kind: str, **fields: Any) -> Frame:
    """Repeat a request while it is `unavailable`, for as long as recovery may take; return its `ok`."""
    end = time.monotonic() + RECOVERY_MAX_S
    while (reply := client.request(kind, **fields))["type"] != "ok":
        assert reply["code"] == "unavailable"
        assert time.monotonic() < end, "no recovery"
        time.sleep(0.1)
    return reply


def recovered(client: WireClient) -> int:
    """Send a message once the database is back and return its seq."""
    return int(in_time(client, "send", room=ROOM, body="after", nonce="after")["seq"])


def outage_was_told_once(server: ServerProcess) -> None:
    """The log has one line for the beginning and one for the end, and no traceback."""
    server.wait_for_output("answers again")  # its log and its answers come by different ways
    assert len(re.findall("does not answer; requests", server.output)) == 1, server.output
    assert len(re.findall("answers again", server.output)) == 1, server.output
    assert "Traceback" not in server.output


@pytest.fixture
def own_mariadb(mariadb: MariaDb) -> Iterator[MariaDb]:
    """A MariaDB of the test's own, to be killed."""
    with MariaDb() as server:
        yield server


@pytest.mark.logged_errors
@pytest.mark.parametrize(("fault", "kinds"), [("killed", list(NEEDING)), ("frozen", ["send", "history"])])
def test_mariadb_goes_and_comes_back(
    server_process: Start, own_mariadb: MariaDb, fault: str, kinds: list[str]
) -> None:
    """`unavailable` in time while it is away; clients stay; recovery by itself; two lines in the log."""
    server = server_process("--no-limits", database=own_mariadb.new_database())
    with two_people(server) as (alice, bob):
        if fault == "killed":
            own_mariadb.kill()
        else:
            own_mariadb.stop()
        all_unavailable(alice, kinds)
        if fault == "killed":
            own_mariadb.start()
        else:
            own_mariadb.cont()
        seq = recovered(alice)
        history = in_time(bob, "history", room=ROOM, after=0)["messages"]
        assert [message["seq"] for message in history] == list(range(1, seq + 1))
        assert [message["body"] for message in history if message["body"] == "after"] == ["after"]
        assert bob.event("message", body="after")["seq"] == seq
        outage_was_told_once(server)


@pytest.mark.logged_errors
def test_mariadb_away_at_a_sign_in(server_process: Start, own_mariadb: MariaDb) -> None:
    """Who signs in during an outage is told `unavailable`, on a connection that can try again."""
    server = server_process("--no-limits", database=own_mariadb.new_database())
    with two_people(server) as (alice, _), connected(server.port) as late:
        own_mariadb.kill()
        for kind, fields in {
            "resume": {"token": alice.token},
            "login": {"username": "alice", "password": "correct horse battery"},
            "register": {"username": "carol", "password": "correct horse battery"},
        }.items():
            assert late.error(kind, **fields) == "unavailable"
        own_mariadb.start()
        recovered(alice)
        in_time(late, "resume", token=alice.token)


@pytest.mark.logged_errors
@pytest.mark.parametrize("talking", [True, False], ids=["while it is talked", "in silence"])
def test_sigterm_while_mariadb_is_frozen(server_process: Start, own_mariadb: MariaDb, talking: bool) -> None:
    """The server ends in time, with status 0, also when its database answers nothing."""
    server = server_process("--no-limits", database=own_mariadb.new_database())
    with two_people(server) as (alice, bob):
        own_mariadb.stop()
        if talking:
            alice.send("send", room=ROOM, body="x")
            bob.send("history", room=ROOM)
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < ANSWER_MAX_S
        own_mariadb.cont()


@pytest.mark.logged_errors
def test_disk_full_under_sqlite(server_process: Start) -> None:
    """What must be written is `unavailable`, what is only read is answered; two lines in the log."""
    server = server_process("--no-limits")
    with two_people(server) as (alice, bob):
        before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        # The kernel refuses each write behind a file's first page: to SQLite, a disk that takes no more.
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (4096, before[1]))
        for number in range(4):
            assert alice.error("send", room=ROOM, body="x", nonce=f"during {number}") == "unavailable"
            assert bob.ok("history", room=ROOM, after=0)["messages"][0]["body"] == "before"
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)
        assert recovered(alice) == 2
        assert bob.event("message", body="after")["seq"] == 2
        outage_was_told_once(server)
