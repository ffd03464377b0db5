"""`make race`: floods this server and IRC servers in C by turns, and prints one table."""

import argparse
import platform
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import crowd
from benchmarks.cli import allow_many_files
from benchmarks.connection import Target
from benchmarks.crowd import SENDERS, Flood, flood, loop_of
from benchmarks.loop import Loop
from benchmarks.machine import fsyncs_per_second
from benchmarks.race import irc, peers
from benchmarks.setting import RESULTS, Options, fresh_server

SIZES: Final = (50, 200, 1_000)
ROUNDS: Final = 5
SECONDS: Final = 3.0
REFERENCE: Final = "inspircd"  # what the ratios are to


@dataclass(frozen=True, slots=True)
class Contender:
    """A server in the race: how it starts, and who makes its load."""

    name: str
    start: Callable[[], "Iterator[Target]"]
    gather: Callable[[Target, int, int], "irc.IrcCrowd | crowd.Crowd"]


def contenders(options: Options, pythons: Sequence[str] = ()) -> list[Contender]:
    """Return the servers in the order of their turns.

    :param pythons: interpreters to run this server with; the present one when none is named.
    :raises PeerMissing: when an IRC server is not installed.
    """
    for name in peers.NAMES:
        peers.program_of(name)
    found = [
        Contender(name, _peer(name), partial(irc.gather, quick_acks=name in peers.WITH_NAGLE))
        for name in peers.NAMES
    ]
    for python in pythons or (options.python,):
        name = f"chat on {Path(python).name} {_version(python)}" if pythons else "chat"
        mine = replace(options, python=python)
        found.append(Contender(f"{name}, plain", _chat(mine), crowd.gather))
        found.append(Contender(f"{name}, TLS", _chat(replace(mine, tls=True)), crowd.gather))
    return found


def _version(python: str) -> str:
    script = "import platform; print(platform.python_version())"
    return subprocess.run([python, "-c", script], capture_output=True, text=True, check=True).stdout.strip()


def _peer(name: str) -> Callable[[], Iterator[Target]]:
    def start() -> Iterator[Target]:
        with peers.running(name) as target:
            yield target

    return start


def _chat(options: Options) -> Callable[[], Iterator[Target]]:
    def start() -> Iterator[Target]:
        with fresh_server(options) as setting:
            yield setting.target

    return start


def turn(contender: Contender, clients: int, seconds: float) -> Flood:
    """Start one server, flood it, end it.

    :raises RuntimeError: when anything was lost or out of order.
    """
    with contextmanager(contender.start)() as target:
        load = contender.gather(target, clients, min(SENDERS, clients))
        with loop_of([load], Loop()) as loop:
            found = flood(loop, [load], seconds, target)
        if problems := load.problems():
            raise RuntimeError(f"{contender.name}, {clients} clients: {'; '.join(problems)}")
    return found


def table(found: dict[tuple[str, int], list[Flood]], names: Sequence[str], sizes: Sequence[int]) -> str:
    """Return the medians, and the ratios to the reference of the same run."""
    lines = [
        "| clients | " + " | ".join(names) + " |",
        "|---|" + "---|" * len(names),
    ]
    for size in sizes:
        reference = _middle(found[REFERENCE, size])
        cells = [_cell(found[name, size], reference) for name in names]
        lines.append(f"| {size:,} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(floods: Sequence[Flood], reference: float) -> str:
    cpu = median(one.server_us_per_delivery for one in floods)
    rate = _middle(floods)
    return f"{rate / 1e6:.2f} million, {cpu:.2f} µs ({rate / reference:.2f})"


def _middle(floods: Sequence[Flood]) -> float:
    return median(one.deliveries_per_s for one in floods)


def machine(folder: Path) -> str:
    """Return what the figures depend on: interpreter and its build, kernel, processor, disk."""
    flags = f"{sysconfig.get_config_var('CONFIG_ARGS')} {sysconfig.get_config_var('PY_CFLAGS')}"
    # Debian's interpreters are built with it, but do not tell.
    optimised = "--enable-optimizations" in flags or "-fprofile-use" in flags
    build = "built with profile-guided optimisation" if optimised else "built without, or does not tell"
    with tempfile.TemporaryDirectory(dir=folder) as on_disk:
        sync_ms = 1000 / fsyncs_per_second(Path(on_disk))
    return (
        f"{platform.python_implementation()} {platform.python_version()}"
        f" ({build}),"
        f" Linux {platform.release()}, {_processor()}, fdatasync {sync_ms:.2f} ms"
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} x {models[0]}" if models else "an unnamed processor"


def main() -> int:
    """Race, and print the table; 1 when a server is missing or lost anything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.race", description=__doc__)
    parser.add_argument("--n", type=int, action="append", metavar="CLIENTS", help="how many clients")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="turns of each server")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="the length of a turn")
    parser.add_argument(
        "--python", action="append", default=[], metavar="PROGRAM",
        help="run this server with that interpreter; several are raced with each other",
    )  # fmt: skip
    given = parser.parse_args()
    allow_many_files()
    RESULTS.mkdir(exist_ok=True)
    sizes = given.n or SIZES
    found: dict[tuple[str, int], list[Flood]] = {}
    try:
        racing = contenders(Options(), given.python)
        print(machine(RESULTS), flush=True)
        for size in sizes:
            for number in range(given.rounds):
                for contender in racing:
                    result = turn(contender, size, given.seconds)
                    found.setdefault((contender.name, size), []).append(result)
                    rate = result.deliveries_per_s / 1e6
                    print(
                        f"  {size} clients, round {number + 1}: {contender.name} {rate:.2f} million",
                        flush=True,
                    )
    except (peers.PeerMissing, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    print("\nDeliveries a second, the server's CPU for each, and the ratio to InspIRCd (medians):\n")
    print(table(found, [contender.name for contender in racing], sizes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
