"""Slow readers: some members do not read, some read a byte a second; the others must not notice."""

import time

from benchmarks.clients import Client
from benchmarks.connection import Connection, ConnectionLost
from benchmarks.conversations import SignIn
from benchmarks.crowd import flood, gather, loop_of
from benchmarks.loop import Loop
from benchmarks.machine import usage_of
from benchmarks.parts.flood import note
from benchmarks.report import Figure, Result, per_send
from benchmarks.setting import Setting

CLIENTS = 200
STALLED = 5
TRICKLING = 5
SECONDS = 8.0
# A receive buffer this small fills at once, so that the server's own limit is what counts.
RCVBUF_BYTES = 8_192
READ_AT_LAST_S = 20.0
SHARE_GOAL = 0.9
TAIL_BYTES = 4_096
MIB = 1024 * 1024


class SlowReader(Client):
    """A member that reads one byte when it is told to, in the end reads all, and remembers how that ended."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.tail = b""

    def sip(self) -> None:
        """Read one byte."""
        if self.lost is None:
            try:
                self.connection.read_into(memoryview(bytearray(1)))
            except ConnectionLost as error:
                self.lost = str(error)

    def received(self, chunk: memoryview) -> None:
        self.tail = (self.tail + bytes(chunk[-TAIL_BYTES:]))[-TAIL_BYTES:]

    @property
    def was_told(self) -> bool:
        return b'"slow_consumer"' in self.tail


class Sipping(Loop):
    """A loop that has slow readers take their byte once a second."""

    def __init__(self) -> None:
        super().__init__()
        self.sippers: list[SlowReader] = []
        self._next_sip = 0.0

    def turn(self, timeout: float) -> None:
        super().turn(timeout)
        if time.perf_counter() >= self._next_sip:
            self._next_sip = time.perf_counter() + 1.0
            for sipper in self.sippers:
                sipper.sip()


def measure(setting: Setting) -> Result:
    """Flood the room without the slow readers, then with them."""
    clients = setting.options.n or CLIENTS
    seconds = setting.options.seconds_or(SECONDS)
    pids = setting.target.pids
    crowd = gather(setting.target, clients - STALLED - TRICKLING)
    token = SignIn(setting.target).register([f"slow-{time.time_ns()}"])[0].token
    with loop_of([crowd], Sipping()) as loop:
        without = flood(loop, [crowd], seconds / 2, setting.target)
        talks = SignIn(setting.target).resume([token] * (STALLED + TRICKLING), RCVBUF_BYTES)
        slow = [SlowReader(talk.release()) for talk in talks]
        loop.sippers = slow[STALLED:]
        before = usage_of(pids)
        beside = flood(loop, [crowd], seconds, setting.target)
        after = usage_of(pids)
        told = _read_all(loop, slow)
    result = setting.result("slow readers", clients)
    result.problems = crowd.problems()
    share = beside.deliveries_per_s / without.deliveries_per_s
    result.figures = [
        per_send("deliveries to the others", beside.deliveries_per_s, "/s", setting.reference),
        Figure("share of the flood without slow readers", share, "", SHARE_GOAL),
        Figure("memory on top", (after.peak_bytes - before.rss_bytes) / MIB, "MiB"),
        Figure("slow readers told so", told, f"of {len(slow)}", len(slow)),
    ]
    note(result, beside)
    return result


def _read_all(loop: Loop, slow: list[SlowReader]) -> int:
    """Let the slow readers read what is left for them, and count those that are told why they were cut."""
    loop.add(reader for reader in slow if reader.lost is None)
    loop.run_while(lambda: any(reader.lost is None for reader in slow), lambda: loop.reads, READ_AT_LAST_S)
    for reader in slow:
        reader.connection.close()
    return sum(reader.was_told for reader in slow)
