"""Many silent clients: their memory, the CPU that silence costs, and one message to all of them."""

import time

from benchmarks.crowd import QUIET_S, gather, loop_of, meter_of, without_collection
from benchmarks.loop import Loop
from benchmarks.machine import usage_of
from benchmarks.parts.latency import Arrivals, send_at_a_pace
from benchmarks.report import Figure, Result, over_fsync, percentile
from benchmarks.setting import Setting

CLIENTS = 10_000
SILENT_S = 8.0
SETTLE_S = 2.0
MESSAGES = 10
MEMORY_GOAL_MIB = 700.0
CPU_GOAL_PERCENT = 2.0
LAST_GOAL_MS = 500.0
MIB = 1024 * 1024


def measure(setting: Setting) -> Result:
    """Hold the connections, then say something."""
    clients = setting.options.n or CLIENTS
    pids = setting.target.pids
    before = usage_of(pids)
    arrivals = Arrivals()
    began = time.perf_counter()
    crowd = gather(setting.target, clients, senders=1, listener=arrivals.listener)
    signed_in_s = time.perf_counter() - began
    with loop_of([crowd], Loop()) as loop, without_collection():
        loop.run_until(time.perf_counter() + SETTLE_S)
        meter, silent = meter_of(setting.target), usage_of(pids)
        loop.run_until(time.perf_counter() + setting.options.seconds_or(SILENT_S))
        shares = meter.shares()
        # Slow enough for each message to have reached everybody before the next one.
        send_at_a_pace(loop, crowd, arrivals, MESSAGES, per_second=1.0)
        loop.run_until(time.perf_counter() + min(1.0, QUIET_S))
        after = usage_of(pids)
    last = arrivals.seconds(arrivals.last)
    whole = clients == CLIENTS
    result = setting.result("idle", clients)
    result.problems = crowd.problems()
    result.figures = [
        Figure("memory", silent.rss_bytes / MIB, "MiB", MEMORY_GOAL_MIB if whole else None, at_most=True),
        Figure("memory a client", (silent.rss_bytes - before.rss_bytes) / clients / 1024, "KiB"),
        Figure("memory after the messages", after.rss_bytes / MIB, "MiB"),
        Figure("CPU while silent", shares.server * 100, "% of a core", CPU_GOAL_PERCENT, at_most=True),
        over_fsync("last receiver, p50", percentile(last, 50), setting.reference),
        over_fsync(
            "last receiver, p99", percentile(last, 99), setting.reference, LAST_GOAL_MS if whole else None
        ),
        Figure("signed in", clients / signed_in_s, "/s"),
    ]
    result.add_shares(shares)
    result.details["threads"] = silent.threads
    return result
