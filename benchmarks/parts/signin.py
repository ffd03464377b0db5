"""Sign-in storm: how many clients a second connect and sign in with their token."""

import time
from itertools import cycle, islice

from benchmarks.conversations import SignIn
from benchmarks.crowd import meter_of, user_names, without_collection
from benchmarks.report import Figure, Result, per_send, percentile
from benchmarks.setting import Setting

CLIENTS = 2_000
USERS = 8
AT_A_TIME = 32
GOAL_PER_S = 500


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
    return result
