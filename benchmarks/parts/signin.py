"""Sign-in storm: how many clients a second connect and sign in with their token.

Over TLS much of it is the handshake: beside it stands how many a second a threaded server takes that does
nothing else.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from benchmarks.connection import Waiting
from benchmarks.conversations import SignIn, Talk, run_all
from benchmarks.crowd import meter_of, user_names, without_collection
from benchmarks.report import Figure, Result, per_send, percentile
from benchmarks.setting import Setting

CLIENTS = 2_000
USERS = 8
AT_A_TIME = 32
GOAL_PER_S = 500
SHARE_GOAL = 0.6
CERTIFICATE = ("tls-cert.pem", "tls-key.pem")
ROOT = Path(__file__).resolve().parents[2]


def measure(setting: Setting) -> Result:
    """Sign the clients in, so many at a time, and leave them connected until all are."""
    clients = setting.options.n or CLIENTS
    users = SignIn(setting.target).register(user_names(USERS))
    storm = SignIn(setting.target, AT_A_TIME)
    with without_collection():
        meter, began = meter_of(setting.target), time.perf_counter()
        talks = storm.resume(islice(cycle([talk.token for talk in users]), clients))
        elapsed, shares = time.perf_counter() - began, meter.shares()
    for talk in (*talks, *users):
        talk.connection.close()
    goal = GOAL_PER_S if setting.target.tls else None
    result = setting.result("sign-in", clients)
    result.figures = [
        per_send("signed in by token", clients / elapsed, "/s", setting.reference, goal),
        Figure("one sign-in, p50", percentile(storm.seconds, 50) * 1000, "ms"),
        Figure("one sign-in, p99", percentile(storm.seconds, 99) * 1000, "ms"),
    ]
    result.add_shares(shares)
    if setting.target.tls:
        bare = handshakes(setting, clients)
        result.figures += [
            Figure("bare handshakes", bare, "/s"),
            Figure("share of the bare handshakes", clients / elapsed / bare, "", SHARE_GOAL),
        ]
    return result


def handshakes(setting: Setting, clients: int) -> float:
    """How many clients a second a server takes that only shakes hands, with the same certificate."""
    with handshake_server(setting.folder / "data") as port, without_collection():
        sign_in = SignIn(replace(setting.target, port=port, pids=()))
        talks = [sign_in.talk() for _ in range(clients)]
        began = time.perf_counter()
        run_all(((talk.connection, _shake_hands(talk)) for talk in talks), AT_A_TIME)
        elapsed = time.perf_counter() - began
        for talk in talks:
            talk.connection.close()
    return clients / elapsed


def _shake_hands(talk: Talk) -> Waiting:
    yield from talk.connection.open()
    yield from talk.frame()


@contextmanager
def handshake_server(folder: Path) -> Iterator[int]:
    """The port of a server that only shakes hands, in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.handshake_peer",
        *(str(folder / name) for name in CERTIFICATE),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()
