"""Paced latency: one sender at a steady pace, and when the first and the last member have each message."""

import time
from collections import Counter

from benchmarks.clients import TimedListener
from benchmarks.connection import Connection
from benchmarks.crowd import QUIET_S, Crowd, gather, loop_of, meter_of, without_collection
from benchmarks.loop import Loop
from benchmarks.report import Result, over_fsync, percentile
from benchmarks.setting import Setting
from benchmarks.stream import RoomStream

CLIENTS = 200
SECONDS = 5.0
MESSAGES_PER_S = 20
WARM_UP_MESSAGES = 5
GOALS_MS = {200: 5.0, 1_000: 18.0}
GOALS_TLS_MS = {200: 8.0, 1_000: 30.0}


class Arrivals:
    """When the messages, counted from 0, reached the first and the last of the listeners."""

    def __init__(self) -> None:
        self.sent: list[float] = []
        self.first: dict[int, float] = {}
        self.last: dict[int, float] = {}
        self.heard: Counter[int] = Counter()

    def listener(self, connection: Connection, stream: RoomStream) -> TimedListener:
        """A listener that reports here."""
        return TimedListener(connection, stream, self._arrived)

    def _arrived(self, number: int, at: float) -> None:
        self.first.setdefault(number, at)
        self.last[number] = at
        self.heard[number] += 1

    def seconds(self, which: dict[int, float], leave_out: int = 0) -> list[float]:
        """The delays of all messages but the first *leave_out*."""
        return [
            which[number] - at
            for number, at in enumerate(self.sent)
            if number >= leave_out and number in which
        ]


def send_at_a_pace(loop: Loop, crowd: Crowd, arrivals: Arrivals, messages: int, per_second: float) -> None:
    """Have the first sender send, whether or not the message before has arrived; wait for the last one."""
    sender = crowd.senders[0]
    began = time.perf_counter()
    for number in range(messages):
        arrivals.sent.append(time.perf_counter())
        sender.send(1)
        loop.run_until(began + (number + 1) / per_second)
    loop.run_while(lambda: crowd.unfinished, lambda: loop.reads, QUIET_S)


def measure(setting: Setting) -> Result:
    """Twenty messages a second to everybody."""
    options, reference = setting.options, setting.reference
    clients = options.n or CLIENTS
    arrivals = Arrivals()
    crowd = gather(setting.target, clients, senders=1, listener=arrivals.listener)
    messages = WARM_UP_MESSAGES + int(options.seconds_or(SECONDS) * MESSAGES_PER_S)
    with loop_of([crowd], Loop()) as loop, without_collection():
        meter = meter_of(setting.target)
        send_at_a_pace(loop, crowd, arrivals, messages, MESSAGES_PER_S)
        shares = meter.shares()
    last = arrivals.seconds(arrivals.last, WARM_UP_MESSAGES)
    first = arrivals.seconds(arrivals.first, WARM_UP_MESSAGES)
    goal = (GOALS_TLS_MS if setting.target.tls else GOALS_MS).get(clients)
    result = setting.result("latency", clients)
    result.problems = crowd.problems()
    result.figures = [
        over_fsync("last receiver, p50", percentile(last, 50), reference, goal),
        over_fsync("last receiver, p99", percentile(last, 99), reference),
        over_fsync("first receiver, p50", percentile(first, 50), reference),
        over_fsync("answer to the sender, p50", percentile(crowd.senders[0].round_trips, 50), reference),
    ]
    result.add_shares(shares)
    return result
