"""A server that may open few files: it says so, turns newcomers away with a word, and does not spin."""

import os
import resource
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.server import ServerProcess
from tests.support.wire import connect, connected

pytestmark = pytest.mark.long  # what is measured is a time

Start = Callable[..., ServerProcess]
WATCHED_S = 1.0


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def highest_file(pid: int) -> int:
    return max(int(path.name) for path in Path(f"/proc/{pid}/fd").iterdir())


def test_fewer_clients_are_taken_where_files_are_few(server_process: Start) -> None:
    """The most clients are lowered to what the files are enough for, with a line; who comes then is told."""
    server = server_process("--no-limits", "--connections", "500", tls=False, files_max=84)
    assert "only 84 files may be open at once: at most 20 clients are taken, not 500" in server.output
    with ExitStack() as stack:
        clients = [stack.enter_context(connected(server.port, tls=False)) for _ in range(3)]
        clients[0].register("alice")
        assert clients[0].ok("send", room="Général", body="x", nonce="n")["seq"] == 1
        for _ in range(30):
            stack.enter_context(connected(server.port, tls=False))
        assert highest_file(server.pid) < 84
        assert clients[0].ok("send", room="Général", body="y", nonce="m")["seq"] == 2


@pytest.mark.logged_errors
def test_no_file_left_for_a_client(server_process: Start) -> None:
    """Who comes when no file is left is told that the server is full; nothing spins, one line is logged."""
    server = server_process(tls=False)
    with connected(server.port, tls=False) as alice:
        alice.register("alice")
        before = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (highest_file(server.pid) + 1, before[1]))
        for _ in range(5):
            newcomer = connect(server.port, tls=False, hello=False)
            frame = newcomer.frame()
            assert (frame["type"], frame["code"]) == ("error", "unavailable")
            newcomer.close()
        began, at = cpu_s(server.pid), time.monotonic()
        with ExitStack() as stack:
            for _ in range(20):
                stack.callback(connect(server.port, tls=False, hello=False).close)
            assert alice.ok("ping")["type"] == "ok"
            time.sleep(max(0.0, at + WATCHED_S - time.monotonic()))  # what is measured is a time
        assert cpu_s(server.pid) - began < WATCHED_S / 2
        assert server.output.count("clients are turned away") == 1
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, before)
        with connected(server.port, tls=False) as bob:
            bob.register("bob")
