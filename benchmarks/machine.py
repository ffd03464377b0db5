"""What the machine gives and what processes take: CPU time and memory from /proc, and two raw references."""

import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

CLOCK_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
REFERENCE_S = 0.7
REFERENCE_RECEIVERS = 50
# A `message` frame with a body of 100 characters is about this long.
FRAME_BYTES = 230
FSYNC_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Reference:
    """What the machine does at this moment without any server: everything else is to be read against it."""

    sends_per_s: float
    fsyncs_per_s: float


def measure_reference(folder: Path) -> Reference:
    """Measure both references, about a second each.

    :param folder: where the database is to be, so that the same disk is measured.
    """
    return Reference(sends_per_s=sends_per_second(), fsyncs_per_s=fsyncs_per_second(folder))


def fsyncs_per_second(folder: Path) -> float:
    """How often a second 4 KiB can be appended to a file and be on the disk."""
    data = bytes(FSYNC_BYTES)
    count = 0
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        end = (began := time.perf_counter()) + REFERENCE_S
        while time.perf_counter() < end:
            file.write(data)
            os.fdatasync(file.fileno())
            count += 1
    return count / (time.perf_counter() - began)


def sends_per_second() -> float:
    """How many ``send()`` calls a second go to loopback connections that another process reads."""
    with socket.create_server(("127.0.0.1", 0), backlog=REFERENCE_RECEIVERS) as listener:
        command = [sys.executable, "-m", "benchmarks.machine", str(listener.getsockname()[1])]
        with subprocess.Popen(command, cwd=Path(__file__).resolve().parents[1]):
            connections = [listener.accept()[0] for _ in range(REFERENCE_RECEIVERS)]
            try:
                return _send_in_turn(connections)
            finally:
                for connection in connections:
                    connection.close()


def _send_in_turn(connections: list[socket.socket]) -> float:
    frame = bytes(FRAME_BYTES)
    count = 0
    end = (began := time.perf_counter()) + REFERENCE_S
    while time.perf_counter() < end:
        for connection in connections:
            connection.send(frame)
        count += len(connections)
    return count / (time.perf_counter() - began)


def read_and_forget(port: int) -> None:
    """The other process of :func:`sends_per_second`: read all connections until they end."""
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(REFERENCE_RECEIVERS)]
    by_fd = {connection.fileno(): connection for connection in sockets}
    buffer = bytearray(1 << 20)
    with select.epoll() as poll:
        for fd in by_fd:
            poll.register(fd, select.EPOLLIN)
        while by_fd:
            for fd, _ in poll.poll():
                if not by_fd[fd].recv_into(buffer):
                    poll.unregister(fd)
                    by_fd.pop(fd).close()


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds since some beginning, and memory in bytes now and at its highest."""

    cpu_s: float = 0.0
    rss_bytes: int = 0
    peak_bytes: int = 0
    threads: int = 0


def usage_of(pids: Iterable[int]) -> Usage:
    """The usage of processes together."""
    each = [_usage(pid) for pid in pids]
    return Usage(
        cpu_s=sum(usage.cpu_s for usage in each),
        rss_bytes=sum(usage.rss_bytes for usage in each),
        peak_bytes=sum(usage.peak_bytes for usage in each),
        threads=sum(usage.threads for usage in each),
    )


def _usage(pid: int) -> Usage:
    # The name in parentheses may hold anything: count from behind it. utime and stime are fields 14 and 15.
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return Usage(
        cpu_s=(int(ticks[11]) + int(ticks[12])) / CLOCK_TICKS_PER_S,
        rss_bytes=int(fields["VmRSS"].split()[0]) * 1024,
        peak_bytes=int(fields["VmHWM"].split()[0]) * 1024,
        threads=int(fields["Threads"]),
    )


def machine_cpu_s() -> float:
    """CPU seconds that everything on this machine has used since it started."""
    user, nice, system, _idle, _iowait, irq, softirq, *_ = map(
        int, Path("/proc/stat").read_text().split()[1:9]
    )
    return (user + nice + system + irq + softirq) / CLOCK_TICKS_PER_S


@dataclass(frozen=True, slots=True)
class Shares:
    """How many cores each party used over a stretch of time; ``others`` says how disturbed a figure is."""

    server: float
    database: float
    generator: float
    others: float


class Meter:
    """Measures shares of the CPU from its making on."""

    def __init__(self, server_pids: Sequence[int] = (), database_pids: Sequence[int] = ()) -> None:
        self._server_pids = server_pids
        self._database_pids = database_pids
        self._began = self._now()

    def _now(self) -> tuple[float, ...]:
        server, database = usage_of(self._server_pids).cpu_s, usage_of(self._database_pids).cpu_s
        return time.perf_counter(), server, database, time.process_time(), machine_cpu_s()

    def shares(self) -> Shares:
        spent = [now - then for now, then in zip(self._now(), self._began, strict=True)]
        seconds, server, database, generator, machine = spent
        others = max(0.0, machine - server - database - generator)
        return Shares(server / seconds, database / seconds, generator / seconds, others / seconds)


def take_what_is_left() -> None:
    """Let this process have a processor only while nobody else wants it, where the system can (Linux).

    For those who stand for other machines: over a network, what they do would take none from anybody here.
    """
    if hasattr(os, "SCHED_IDLE"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    else:
        os.nice(19)


if __name__ == "__main__":
    read_and_forget(int(sys.argv[1]))
