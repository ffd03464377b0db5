"""`python -m tests.chaos --rounds N --seed S`, with `--database` or `--cluster`: rounds, then the table."""

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from tests.chaos.cluster import ClusterChaos
from tests.chaos.machines import Machines
from tests.chaos.mariadb import BrokenMariaDb
from tests.chaos.network import Namespaces, Relays, why_no_namespaces
from tests.chaos.owners import without_owner
from tests.chaos.rounds import Chaos, Result
from tests.chaos.stage import Database, SqliteOnSmallDisk, Stage
from tests.chaos.table import table
from tests.galera.galera import INSTALL_COMMAND, Galera, is_installed
from tests.group.group import MYSQL_ROOT, Group, root
from tests.support import redis
from tests.support.certificate import make_certificate


def run(
    kind: str,
    folder: Path,
    tls_files: tuple[Path, Path],
    *,
    rounds: int,
    seed: int,
    scale: float,
    **options: Any,
) -> Result:
    """Run rounds on a database of the kind and end everything that was started."""
    database = _database(kind, folder)
    try:
        stage = Stage(folder, tls_files, database)
        try:
            result = Chaos(stage, database, seed, scale, **options).run(rounds)
        finally:
            stage.close()
            (folder / "server.log").write_text(stage.server.output, encoding="utf-8")
        url = database.url or f"sqlite:///{folder / 'data' / 'chat.db'}"
        result.wrong += without_owner(url, folder / "data" / "files")
        return result
    finally:
        database.close()


def run_cluster(
    folder: Path,
    tls_files: tuple[Path, Path],
    rounds: int,
    seed: int,
    faults: Sequence[str] = (),
    kind: str = "galera",
) -> Result:
    """Run rounds on three servers with three nodes and a broker, and end everything that was started.

    :param faults: only these.
    :param kind: of the database: `galera` or `group`.
    """
    why_not = why_no_namespaces()
    network = Relays() if why_not else Namespaces()
    print(f"the network: {network.name}{why_not and f' ({why_not})'}")
    machines = Machines(folder, tls_files, network, random.Random(seed), Group if kind == "group" else Galera)
    try:
        chaos = ClusterChaos(machines, folder, seed, faults=faults)
        result = chaos.run(rounds)
        print(f"\n{chaos.ledger.table()}\n\nclients asked for {len(chaos.holes)} gaps")
        return result
    finally:
        machines.close()


def _database(kind: str, folder: Path) -> Database:
    if kind == "sqlite":
        return SqliteOnSmallDisk(folder)
    return BrokenMariaDb()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, metavar="N")
    parser.add_argument("--seed", type=int, help="makes the choices of an earlier run again")
    parser.add_argument("--database", choices=("sqlite", "mariadb"), default="sqlite")
    parser.add_argument(
        "--cluster",
        nargs="?",
        const="galera",
        choices=("galera", "group"),
        help="three servers, three nodes (Galera, or Group Replication) and Redis",
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME",
        help="of a cluster: only this one, as the table calls it",
    )
    parser.add_argument(
        "--scale", type=float, default=1.0, help="of the outages of 20 and 30 seconds; 0.1: 2 and 3 seconds"
    )
    return parser.parse_args()


def main() -> int:
    """Run what the command line asks for; return 1 when a round found a fault."""
    options = _options()
    if options.cluster == "group" and root() is None:
        print(f"name the folder of an unpacked MySQL: {MYSQL_ROOT}=FOLDER", file=sys.stderr)
        return 2
    if options.cluster and not (is_installed() and redis.program()):
        print(f"install what is missing: {INSTALL_COMMAND} redis-server", file=sys.stderr)
        return 2
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(2**32)
    assert isinstance(sys.stdout, TextIOWrapper)
    sys.stdout.reconfigure(line_buffering=True)
    where = "a cluster" if options.cluster else f"{options.database}, outages x {options.scale:g}"
    print(f"{options.rounds} rounds on {where}, seed {seed}")
    with tempfile.TemporaryDirectory(prefix="chaos-", dir=os.environ.get("TMPDIR")) as name:
        folder = Path(name)
        tls_files = make_certificate(folder)
        if options.cluster:
            result = run_cluster(folder, tls_files, options.rounds, seed, options.fault, options.cluster)
        else:
            result = run(
                options.database, folder, tls_files, rounds=options.rounds, seed=seed, scale=options.scale
            )
    print(f"\n{table(result)}\n")
    if not options.cluster:
        print(f"peak memory of the server: {result.peak_memory_mib:.0f} MiB\n{result.files} files were sent")
    for text in result.wrong:
        print(f"FAULT: {text}")
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
