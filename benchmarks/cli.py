"""The command line of the measurements: which to run and on what; it prints, and sets the exit status."""

import argparse
import os
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.connection import ConnectionLost
from benchmarks.conversations import Refused
from benchmarks.plan import LISTS, PARTS, Size
from benchmarks.report import Result, table, told, write_json
from benchmarks.setting import PRIVATE_MARIADB, RESULTS, Options
from benchmarks.smoke import smoke


def parser() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the chat server.")
    parser.add_argument("part", choices=[*PARTS, *LISTS, "smoke"], help="what to measure")
    parser.add_argument("--n", type=int, metavar="CLIENTS", help="how many clients")
    parser.add_argument("--senders", type=int, help="how many of them send")
    parser.add_argument("--tls", action="store_true", help="over TLS (default: plain TCP)")
    parser.add_argument(
        "--messages", type=int, help="how many there are to read or search (history, search, window)"
    )
    parser.add_argument("--seconds", type=float, help="how long to measure")
    add_circumstances(parser)
    parser.add_argument(
        "--server", action="append", default=[], metavar="OPTION", help="passed on to the server"
    )
    return parser


def add_circumstances(parser: argparse.ArgumentParser) -> None:
    """The options of every measuring program; `make … DATABASE=…` hands the URL over in the environment."""
    parser.add_argument(
        "--database",
        default=os.environ.get("CHAT_BENCH_DATABASE") or None,
        help=f"URL of an empty database, or {PRIVATE_MARIADB!r} to start a private one (default: SQLite)",
    )
    parser.add_argument("--folder", type=Path, default=RESULTS, help="for data and results; on a real disk")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 when anything was lost, out of order or failed."""
    given = parser().parse_args(arguments)
    options = Options(
        n=given.n,
        tls=given.tls,
        seconds=given.seconds,
        senders=given.senders,
        messages=given.messages,
        database=given.database,
        folder=given.folder.resolve(),
        server=tuple(given.server),
    )
    allow_many_files()
    if given.part == "smoke":
        return smoke(options)
    results = [run(size.part, size.of(options)) for size in LISTS.get(given.part, [Size(given.part)])]
    sys.stdout.write("\n" + table(results) + "\n")
    sys.stdout.write(f"\nwritten to {write_json(results, options.folder)}\n")
    return int(any(result.problems for result in results))


def run(part: str, options: Options) -> Result:
    """Run one measurement and print what it found; one that fails does not prevent the next."""
    try:
        result = PARTS[part](options)
    except (ConnectionLost, Refused, RuntimeError) as error:
        result = Result(part, {}, problems=[f"{type(error).__name__}: {error}"])
    sys.stdout.write(told(result) + "\n")
    sys.stdout.flush()
    return result


def allow_many_files() -> None:
    """Each client is a file descriptor: take as many as the system lets this user have."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
