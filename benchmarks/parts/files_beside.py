"""Transfers beside talk: when the last of 200 members has each message, alone and beside four transfers."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from benchmarks.crowd import QUIET_S, gather, loop_of, without_collection
from benchmarks.loop import Loop
from benchmarks.parts.files import MIB, Chat, large_files
from benchmarks.parts.latency import (
    CLIENTS,
    MESSAGES_PER_S,
    SECONDS,
    WARM_UP_MESSAGES,
    Arrivals,
    send_at_a_pace,
)
from benchmarks.report import Figure, Result, percentile
from benchmarks.setting import ROOT, Options, Setting

TRANSFERS: Final = 4
FILE_BYTES: Final = 64 * MIB
TIMES_MAX: Final = 2.0


def part(options: Options) -> Result:
    """Measure on a server whose limits let the files pass."""
    with large_files(options) as setting:
        return measure(setting)


def measure(setting: Setting) -> Result:
    """Twenty messages a second to everybody, twice."""
    options = setting.options
    clients = options.n or CLIENTS
    alone = _last_receivers(setting, clients)
    with transfers(setting.target.port) as moved:
        beside = _last_receivers(setting, clients)
    result = setting.result("files beside talk", clients, transfers=TRANSFERS)
    before, after = percentile(alone, 50) * 1000, percentile(beside, 50) * 1000
    result.figures = [
        Figure("last receiver alone, p50", before, "ms"),
        Figure("last receiver beside transfers, p50", after, "ms"),
        Figure("times as long", after / before, "", TIMES_MAX, at_most=True),
        Figure("all transfers together", moved[0], "MiB/s"),
    ]
    return result


def _last_receivers(setting: Setting, clients: int) -> list[float]:
    arrivals = Arrivals()
    crowd = gather(setting.target, clients, senders=1, listener=arrivals.listener)
    messages = WARM_UP_MESSAGES + int(setting.options.seconds_or(SECONDS) * MESSAGES_PER_S)
    with loop_of([crowd], Loop()) as loop, without_collection():
        send_at_a_pace(loop, crowd, arrivals, messages, MESSAGES_PER_S)
        loop.run_while(lambda: crowd.unfinished, lambda: loop.reads, QUIET_S)
    return arrivals.seconds(arrivals.last, WARM_UP_MESSAGES)


@contextmanager
def transfers(port: int) -> Iterator[list[float]]:
    """Two uploads and two downloads at a time, from another process; its list gets their MiB a second."""
    command = [sys.executable, "-m", "benchmarks.parts.files_beside", str(port), str(FILE_BYTES)]
    moved: list[float] = []
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()  # all are under way
        yield moved
        out, _ = process.communicate("", timeout=60)
        moved.append(float(out))


def transfer_until_told(port: int, file_bytes: int) -> None:
    """The other process: transfer without a pause until the input ends, then print the rate."""
    chats = [Chat(port) for _ in range(TRANSFERS)]
    for chat in chats:
        chat.upload(file_bytes, bytes(MIB))
    ending = threading.Event()
    counts = [0] * TRANSFERS

    def work(number: int) -> None:
        while not ending.is_set():
            if number % 2:
                chats[number].download(file_bytes)
            else:
                chats[number].upload(file_bytes, bytes(MIB))
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(TRANSFERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    sys.stdout.write("under way\n")
    sys.stdout.flush()
    sys.stdin.read()
    ending.set()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    sys.stdout.write(f"{sum(counts) * file_bytes / MIB / seconds:.1f}\n")


if __name__ == "__main__":
    transfer_until_told(int(sys.argv[1]), int(sys.argv[2]))
