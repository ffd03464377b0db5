"""Flood: a few senders as fast as they are answered, everybody else listens."""

from benchmarks.crowd import SENDERS, Flood, flood, gather, loop_of
from benchmarks.loop import Loop
from benchmarks.report import Figure, Result, per_fsync, per_send
from benchmarks.setting import Setting

SECONDS = 5.0
CLIENTS = 200
GOALS = {50: 1_200_000, 200: 3_000_000, 1_000: 4_000_000}
GOALS_TLS = {50: 800_000, 200: 1_500_000, 1_000: 2_000_000}
STORED_GOAL = 20_000
# On MySQL and MariaDB at no less than this part.
OTHER_DATABASE = 0.7


def measure(setting: Setting) -> Result:
    """Flood the arrival room."""
    options = setting.options
    clients = options.n or CLIENTS
    senders = min(options.senders or SENDERS, clients)
    crowd = gather(setting.target, clients, senders)
    with loop_of([crowd], Loop()) as loop:
        found = flood(loop, [crowd], options.seconds_or(SECONDS), setting.target)
    result = setting.result("flood", clients)
    result.figures = figures(setting, found, goal(setting, clients))
    result.problems = crowd.problems()
    note(result, found)
    return result


def measure_stored(setting: Setting) -> Result:
    """Two clients that send to each other: the rate of storing, with hardly any delivery."""
    crowd = gather(setting.target, 2, senders=2)
    with loop_of([crowd], Loop()) as loop:
        found = flood(loop, [crowd], setting.options.seconds_or(SECONDS), setting.target)
    result = setting.result("stored", clients=2)
    result.problems = crowd.problems()
    share = 1.0 if setting.options.database is None else OTHER_DATABASE
    result.figures = [
        per_fsync("stored", found.stored_per_s, "messages/s", setting.reference, STORED_GOAL * share)
    ]
    note(result, found)
    return result


def goal(setting: Setting, clients: int) -> float | None:
    goals = GOALS_TLS if setting.target.tls else GOALS
    share = 1.0 if setting.options.database is None else OTHER_DATABASE
    return goals[clients] * share if clients in goals else None


def figures(setting: Setting, found: Flood, goal: float | None = None) -> list[Figure]:
    """The figures of any flood."""
    return [
        per_send("deliveries", found.deliveries_per_s, "/s", setting.reference, goal),
        per_fsync("stored", found.stored_per_s, "messages/s", setting.reference),
        Figure("server CPU a delivery", found.server_us_per_delivery, "µs"),
        Figure("answer to a send, p50", found.round_trip_s * 1000, "ms"),
    ]


def note(result: Result, found: Flood) -> None:
    """Put what the table does not show into the details."""
    result.add_shares(found.shares)
    result.details |= {"seconds": round(found.seconds, 3), "drain_s": round(found.drain_s, 3)}
