"""Two servers and one MariaDB: the second is refused, and whoever comes back too late stores nothing."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.mariadb import MariaDb
from tests.support.server import ROOT, ServerProcess, start_server
from tests.support.wire import connected

ROOM = "Général"
Start = Callable[[str], ServerProcess]


@pytest.fixture
def start(tmp_path: Path, mariadb_url: str) -> Iterator[Start]:
    """A function that starts a server with a data folder of the given name on the test's database."""
    started: list[ServerProcess] = []

    def start(name: str) -> ServerProcess:
        server = start_server(tmp_path / name, tls=False, database=mariadb_url)
        started.append(server)
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            server.process.send_signal(signal.SIGCONT)
            server.stop()


@pytest.mark.long
def test_second_server_is_refused(start: Start, tmp_path: Path, mariadb_url: str) -> None:
    """While a server runs, another one ends with a line that names the first; a stop makes way at once."""
    first = start("one")
    place = ["--host", "127.0.0.1", "--port", "0", "--data-dir", str(tmp_path / "two")]
    second = subprocess.run(
        [sys.executable, "-m", "chat_server", "--no-console", "--insecure", *place],
        cwd=ROOT,
        env={**os.environ, "CHAT_DATABASE": mariadb_url},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert second.returncode == 2
    last = second.stderr.splitlines()[-1]
    assert re.search(rf"another server uses this database \(process {first.pid} on .*/one\): stop it", last)
    assert "Traceback" not in second.stderr
    assert first.stop() == 0
    assert "waiting up to" not in start("three").output


@pytest.mark.long
def test_killed_server_is_succeeded(start: Start, mariadb: MariaDb, mariadb_url: str) -> None:
    """After kill -9 its own data folder goes on at once, another one when the lease has ended."""
    start("one").kill()
    again = start("one")
    assert "waiting up to" not in again.output
    again.kill()
    sooner = "UPDATE leases SET until_ms = (UNIX_TIMESTAMP() + 9) * 1000"  # than the 15 s of a whole lease
    mariadb.sql(sooner, mariadb_url.rpartition("/")[2])
    other = start("two")
    assert re.search(
        rf"another server \(process {again.pid} on .* has this database until [\d:]+; wait", other.output
    )


@pytest.mark.long
@pytest.mark.logged_errors
def test_frozen_server_whose_lease_was_taken_ends(start: Start, mariadb: MariaDb, mariadb_url: str) -> None:
    """A server that was frozen for longer than its lease stores nothing more, and ends itself."""
    first = start("one")
    with connected(first.port, tls=False) as alice:
        alice.register("alice")
        assert alice.ok("send", room=ROOM, body="before", nonce="n1")["seq"] == 1
        first.freeze()
        alice.send("send", room=ROOM, body="late", nonce="n2")
        second = start("two")  # waits for the end of the lease
        first.process.send_signal(signal.SIGCONT)
        assert first.process.wait(15) == 1
        first.wait_for_output("Another server has taken this database over")
        assert "Traceback" not in first.output
        found = mariadb.sql("SELECT nonce FROM messages ORDER BY seq", mariadb_url.rpartition("/")[2])
        assert found.split() == ["n1"]
    with connected(second.port, tls=False) as bob:
        bob.register("bob")
        assert bob.ok("send", room=ROOM, body="after", nonce="n3")["seq"] == 2
