"""The network of the chaos: what is cut drops on both sides and closes nothing, what is mended goes on."""

import socket
import subprocess
import sys

import pytest

from tests.chaos.network import Relays, why_no_namespaces
from tests.support.server import ROOT
from tests.support.wire import TIMEOUT_S

SILENT_S = 0.3
PORT = 7000
ECHO = """
import socket, sys
listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
print("ready", flush=True)
near, _ = listener.accept()
while data := near.recv(100):
    near.sendall(data)
"""
ASK = """
import socket, sys
near = socket.create_connection((sys.argv[1], int(sys.argv[2])), 10)
for line in sys.stdin:
    near.settimeout(float(line))
    try:
        near.sendall(b"x")
        print("echo" if near.recv(100) else "end", flush=True)
    except TimeoutError:
        print("silence", flush=True)
"""
# A process of its own: it leaves the network that the other tests are in.
NAMESPACES = """
import subprocess, sys
from tests.chaos.network import Namespaces
echo_text, ask_text, port, short, long = sys.argv[1:]
def run(machine, text):
    command = [*machine.entry, sys.executable, "-c", text, *map(str, network.way("one", "two", port))]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
def ask(seconds):
    asking.stdin.write(seconds + "\\n")
    asking.stdin.flush()
    print(asking.stdout.readline().strip(), flush=True)
network = Namespaces()
one, two = network.machine("one"), network.machine("two")
echo = run(two, echo_text)
assert echo.stdout.readline() == "ready\\n"
asking = run(one, ask_text)
ask(long)
for cut in (lambda: network.cut(["one"], ["two"]), lambda: network.unplug("two")):
    mend = cut()
    ask(short)
    mend()
    ask(long)
for process in (asking, echo):
    process.kill()
    process.communicate()
network.close()
"""


@pytest.mark.long
def test_namespaces_are_cut_and_mended() -> None:
    """Where they cannot be made it is said why, and relays take their place."""
    why_not = why_no_namespaces()
    if why_not:
        assert "root" in why_not or "missing" in why_not or "permitted" in why_not
        return
    arguments = [ECHO, ASK, str(PORT), str(SILENT_S), str(TIMEOUT_S)]
    done = subprocess.run(
        [sys.executable, "-c", NAMESPACES, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["echo", "silence", "echo", "silence", "echo"]


def test_relays_cut_the_ways_between_two_sides() -> None:
    """Another way goes on, and a machine without one cannot be cut."""
    network = Relays()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        near = {name: socket.create_connection(network.way(name, "db", port), TIMEOUT_S) for name in "ab"}
        far = [listener.accept()[0] for _ in near]
        try:
            mend = network.cut(["a"], ["db", "nobody"])
            for each in far:
                each.sendall(b"x")
            near["a"].settimeout(SILENT_S)
            assert near["b"].recv(100) == b"x"
            with pytest.raises(TimeoutError):
                near["a"].recv(100)
            mend()
            near["a"].settimeout(TIMEOUT_S)
            assert near["a"].recv(100) == b"x"
        finally:
            for each in (*near.values(), *far):
                each.close()
            network.close()
