"""`python -m benchmarks.siege PART`: besieges a server of its own; fails when a bound is broken."""

import argparse
import sys
from collections.abc import Callable

from benchmarks.cli import add_circumstances, allow_many_files
from benchmarks.report import Result, told, write_json
from benchmarks.setting import Options
from benchmarks.siege.deadlines import deadlines
from benchmarks.siege.guesses import guesses
from benchmarks.siege.storm import storm

PARTS: dict[str, Callable[..., Result]] = {"siege": storm, "guesses": guesses, "deadlines": deadlines}


def parser() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.siege", description=__doc__)
    parser.add_argument("part", choices=[*PARTS, "all"], nargs="?", default="all")
    parser.add_argument("--seconds", type=float, help="of the siege (default: 60)")
    parser.add_argument("--turns", type=int, default=1, help="of calm, siege and control (default: 1)")
    parser.add_argument("--n", type=int, help="users who talk (default: 50)")
    add_circumstances(parser)
    return parser


def main() -> int:
    """Run what the command line asks for; 1 when a bound is broken."""
    given = parser().parse_args()
    options = Options(
        n=given.n, seconds=given.seconds, database=given.database, folder=given.folder.resolve(), tls=True
    )
    allow_many_files()
    results = []
    for part in PARTS if given.part == "all" else [given.part]:
        result = PARTS[part](options, **({"turns": given.turns} if part == "siege" else {}))
        results.append(result)
        sys.stdout.write(told(result) + "\n")
        sys.stdout.flush()
    sys.stdout.write(f"\nwritten to {write_json(results, options.folder)}\n")
    return int(any(result.problems for result in results))


if __name__ == "__main__":
    sys.exit(main())
