"""Clients that do not read: they are told so and closed, and nobody waits for them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.admin import answer
from tests.support.server import ROOT, ServerProcess
from tests.support.waiting import until
from tests.support.wire import WireClient, connect

ROOM = "Général"
BODY = "x" * 4000
Person = Callable[..., WireClient]

READER = """
import sys
from tests.support.wire import connect
client = connect(int(sys.argv[1]))
client.resume(sys.argv[2])
print("ready", flush=True)
while True:
    client.frame(timeout=60)
"""


def flood(sender: WireClient, listener: WireClient, messages: int) -> float:
    """Send messages of 4,000 characters, wait until the listener has each, and return the longest wait."""
    longest = 0.0
    frame = json.dumps({"type": "send", "ref": 1, "room": ROOM, "body": BODY}).encode() + b"\n"
    for _ in range(messages // 50):
        begun = time.monotonic()
        sender.send_bytes(frame * 50)
        for _ in range(50):
            assert sender.reply(1)["type"] == "ok"
        sender.events.clear()
        for _ in range(50):
            listener.event("message")
        longest = max(longest, time.monotonic() - begun)
    return longest


def test_client_that_never_reads(person: Person) -> None:
    """With its backlog full it is closed with `slow_consumer`; what it got before that has no hole."""
    sender, listener = person("sender"), person("listener")
    lazy = person("lazy", rcvbuf=4096)
    assert flood(sender, listener, 4000) < 5
    frames = lazy.wait_closed()
    assert frames[-1]["type"] == "slow_consumer"
    seqs = [frame["seq"] for frame in frames if frame["type"] == "message"]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    assert len(seqs) < 4000


def test_client_under_sigstop(server: ServerProcess, person: Person) -> None:
    """A stopped client in a busy room delays nobody; woken, it reads on or is told that it was too slow."""
    sender, listener, stopped = person("sender"), person("listener"), person("stopped")
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(server.port), stopped.token],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        os.kill(process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        try:
            assert flood(sender, listener, 3000) < 5
        finally:
            os.kill(process.pid, signal.SIGCONT)
            process.kill()


def test_memory_for_those_who_do_not_read_is_bounded(server: ServerProcess, person: Person) -> None:
    """Clients that read nothing cost the server their backlogs at most, whatever is said."""
    sender, listener = person("sender"), person("listener")
    before = _memory_mib(server)
    idle = [person("idle", rcvbuf=4096) for _ in range(5)]
    flood(sender, listener, 4000)
    assert _memory_mib(server) - before < 5 * 16 + 64
    for client in idle:
        client.close()


@pytest.mark.long
def test_pages_that_nobody_reads_are_not_written(server: ServerProcess, person: Person) -> None:
    """Twelve connections of one user that ask for page after page and read none cost little memory."""
    sender, listener = person("sender"), person("listener")
    flood(sender, listener, 200)
    greedy = person("greedy")
    before = _memory_mib(server)
    asking = json.dumps({"type": "history", "room": ROOM, "limit": 200}).encode() + b"\n"
    clients = []
    for _ in range(12):
        client = connect(server.port, rcvbuf=4096)
        client.resume(greedy.token)
        client.send_bytes(asking * 180)  # 12 MB of pages, of which the kernel takes some
        clients.append(client)
    assert sender.request("history", room=ROOM, limit=200)["type"] == "ok"
    assert any(_cpu_s_in(server, seconds=0.5) <= 0.02 for _ in range(60)), "it goes on and on"
    assert _memory_mib(server) - before < 30
    for client in clients:
        client.close()


def _memory_mib(server: ServerProcess) -> float:
    fields = dict(
        line.split(":", 1)
        for line in Path(f"/proc/{server.pid}/status").read_text().splitlines()
        if ":" in line
    )
    return int(fields["VmRSS"].split()[0]) / 1024


@pytest.mark.long
def test_silent_server_uses_no_cpu(server: ServerProcess, person: Person) -> None:
    """Once presence is told and all that was said is searchable, the server uses under 2 % of a core."""
    clients = [person() for _ in range(4)]
    for client in clients:
        client.ok("watch", room=ROOM)
    # Between two pieces of its work the index rests, in which nothing else is done either.
    until(lambda: not answer(server, ["stats"])["index_rooms_waiting"])
    until(lambda: _cpu_s_in(server, seconds=0.5) <= 0.01)
    assert _cpu_s_in(server, seconds=5) <= 0.1


def _cpu_s_in(server: ServerProcess, seconds: float) -> float:
    before = _cpu_s(server)
    time.sleep(seconds)
    return _cpu_s(server) - before


def _cpu_s(server: ServerProcess) -> float:
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
