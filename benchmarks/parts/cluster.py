"""Latency between the servers of a cluster: one, two, and two with a broker, by turns; and three full ones.

All of them stand on one private MariaDB; a server that has nothing to do costs the others little.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.connection import Target
from benchmarks.conversations import SignIn
from benchmarks.crowd import QUIET_S, Crowd, loop_of, user_names, without_collection
from benchmarks.loop import Loop
from benchmarks.parts.latency import Arrivals
from benchmarks.report import Figure, Result, percentile
from benchmarks.setting import MARIADB_OPTIONS, Options
from tests.support.mariadb import MariaDb
from tests.support.redis import Redis
from tests.support.server import LOGGED_ERROR, ServerProcess, start_server

READERS = 10  # on each server
SECONDS = 3.0  # of a turn
TURNS = 5
MESSAGES_PER_S = 20
WARM_UP_MESSAGES = 5  # of each house
ADDED_GOAL_MS = 5.0
ADDED_WITHOUT_BROKER_GOAL_MS = 1_000.0
ALONE, CLUSTER, BROKER = "alone", "two servers", "two servers, broker"

CROWDED, CROWD = 3, 3_000  # servers, and readers on each
CROWD_MESSAGES, CROWD_PER_S = 10, 1  # slow enough for each message to have reached everybody before the next
ALL_GOAL_MS = 500.0


class House:
    """Servers on a database, a sender on the first one and readers on each."""

    def __init__(self, servers: Sequence[ServerProcess], readers: int) -> None:
        self.arrivals = [Arrivals() for _ in servers]
        targets = [Target(each.host, each.port, each.tls, (each.pid,), ()) for each in servers]
        (talk,) = SignIn(targets[0]).register(user_names(1))
        self.crowds = [
            Crowd(
                [] if number else [talk.release()],
                [each.release() for each in SignIn(target).resume([talk.token] * readers)],
                listener=arrivals.listener,
            )
            for number, (target, arrivals) in enumerate(zip(targets, self.arrivals, strict=True))
        ]

    def send(self, loop: Loop, messages: int, per_s: float = MESSAGES_PER_S) -> None:
        """Have messages sent at a pace, and wait for the last one."""
        began = time.perf_counter()
        for number in range(messages):
            now = time.perf_counter()
            for each in self.arrivals:
                each.sent.append(now)
            self.crowds[0].senders[0].send(1)
            loop.run_until(began + (number + 1) / per_s)
        loop.run_while(lambda: self.unfinished, lambda: loop.reads, QUIET_S)

    @property
    def unfinished(self) -> bool:
        """Whether a reader waits for something."""
        sent = len(self.arrivals[0].sent)
        return any(len(each.last) < sent for each in self.arrivals)

    def milliseconds(self, server: int, percent: float) -> float:
        """When the last reader on a server had a message."""
        arrivals = self.arrivals[server]
        return 1000 * percentile(arrivals.seconds(arrivals.last, WARM_UP_MESSAGES), percent)

    def milliseconds_for_all(self, percent: float) -> float:
        """When the last reader of all servers had a message."""
        waits = [each.seconds(each.last, WARM_UP_MESSAGES) for each in self.arrivals]
        return 1000 * percentile([max(of_one) for of_one in zip(*waits, strict=True)], percent)

    def problems(self) -> Iterator[str]:
        """What went wrong, in words."""
        yield from self.crowds[0].problems()
        for crowd in self.crowds:
            if crowd.stream.seqs.holes or crowd.stream.seqs.repeats:
                yield "holes or repeats in seq on a server"
        if self.unfinished:
            yield "messages are missing on a server"


@contextmanager
def _street(options: Options) -> Iterator[Callable[[str, int, tuple[str, ...], int], House]]:
    """Yield what builds a house: its name, how many servers, their options, and how many readers on each.

    All servers must have logged no error at the end.
    """
    options.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="run-", dir=options.folder)))
        mariadb = stack.enter_context(MariaDb(folder=folder / "mariadb", options=MARIADB_OPTIONS))

        def build(name: str, count: int, further: tuple[str, ...], readers: int) -> House:
            database, servers = mariadb.new_database(), []
            for number in range(count):
                given = (*further, "--no-files", "--no-limits", *options.server)
                server = start_server(folder / f"{name} {number}", *given, tls=options.tls, database=database)
                stack.callback(_end, server)
                servers.append(server)
            return House(servers, readers)

        yield build


def _end(server: ServerProcess) -> None:
    if server.stop(timeout=60) or LOGGED_ERROR.search(server.output):
        raise RuntimeError(f"the server failed:\n{server.output}")


def part(options: Options) -> Result:
    """Twenty messages a second, the houses by turns."""
    readers = options.n or READERS
    with _street(options) as build, Redis() as redis:
        broker = ("--broker", redis.url)
        houses = {
            ALONE: build(ALONE, 1, (), readers),
            CLUSTER: build(CLUSTER, 2, ("--cluster",), readers),
            BROKER: build(BROKER, 2, ("--cluster", *broker), readers),
        }
        crowds = [crowd for house in houses.values() for crowd in house.crowds]
        with loop_of(crowds, Loop()) as loop, without_collection():
            for house in houses.values():
                house.send(loop, WARM_UP_MESSAGES)
            for _ in range(TURNS):
                for house in houses.values():
                    house.send(loop, int(options.seconds_or(SECONDS) * MESSAGES_PER_S))
        result = Result("cluster", {"readers": readers, "transport": "TLS" if options.tls else "plain"})
        result.problems = [f"{name}: {text}" for name, house in houses.items() for text in house.problems()]
        result.figures = list(_figures(houses))
    return result


def crowd(options: Options) -> Result:
    """Fill three servers, and say something to all."""
    readers = options.n or CROWD
    with _street(options) as build, Redis() as redis:
        house = build("crowd", CROWDED, ("--cluster", "--broker", redis.url), readers)
        with loop_of(house.crowds, Loop()) as loop, without_collection():
            house.send(loop, WARM_UP_MESSAGES, CROWD_PER_S)
            house.send(loop, CROWD_MESSAGES, CROWD_PER_S)
        transport = "TLS" if options.tls else "plain"
        result = Result(
            "cluster-crowd", {"servers": CROWDED, "clients": CROWDED * readers, "transport": transport}
        )
        result.problems = list(house.problems())
        result.figures = [
            Figure("own readers, p50", house.milliseconds(0, 50), "ms"),
            Figure("all readers, p50", house.milliseconds_for_all(50), "ms"),
            Figure("all readers, longest", house.milliseconds_for_all(100), "ms", ALL_GOAL_MS, at_most=True),
        ]
    return result


def _figures(houses: dict[str, House]) -> Iterator[Figure]:
    alone = houses[ALONE].milliseconds(0, 50)
    yield Figure("alone, p50", alone, "ms")
    for name, goal in ((CLUSTER, ADDED_WITHOUT_BROKER_GOAL_MS), (BROKER, ADDED_GOAL_MS)):
        house = houses[name]
        yield Figure(f"{name}: own readers, p50", house.milliseconds(0, 50), "ms")
        for percent in (50, 95):
            yield Figure(f"{name}: the other's, p{percent}", house.milliseconds(1, percent), "ms")
        added = house.milliseconds(1, 50) - alone
        yield Figure(f"{name}: added to the other's, p50", added, "ms", goal, at_most=True)
