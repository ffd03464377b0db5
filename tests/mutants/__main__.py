"""`make mutants`: puts a seeded sample of small faults into the core, and names those no test notices."""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from tests.mutants.mutations import Mutant, mutants_of
from tests.mutants.running import ROOT, Trials, copy_tree

CORE: Final = (
    "chat_protocol",
    *(f"chat_server/{name}" for name in ("net", "live", "pipeline", "services", "storage", "conversation")),
    *(f"chat_client/{name}" for name in ("model", "engine", "net", "store", "terminal")),
)
EQUIVALENT: Final = Path(__file__).with_name("equivalent.txt")
ENOUGH: Final = 0.95  # of the faults that can be seen at all
Fault = tuple[str, Mutant]


def modules(places: Iterable[str]) -> list[str]:
    """Return the modules below some folders, those that only open a package left out."""
    found = [path for place in places for path in sorted((ROOT / place).rglob("*.py"))]
    found += [ROOT / place for place in places if place.endswith(".py")]
    return [str(path.relative_to(ROOT)) for path in found if path.name != "__init__.py"]


def sample(places: Iterable[str], seed: int, size: int) -> list[Fault]:
    """Return some faults, chosen by the seed alone; 0 returns all."""
    faults = [
        (module, mutant)
        for module in modules(places)
        for mutant in mutants_of((ROOT / module).read_text("utf-8"))
    ]
    return random.Random(seed).sample(faults, min(size or len(faults), len(faults)))


def key_of(fault: Fault) -> str:
    """Return how a fault is named in the list of those that change nothing: its number of line may move."""
    module, mutant = fault
    return f"{module}: {mutant.change} in: {mutant.text}"


def equivalent() -> dict[str, str]:
    """Return the faults that no test can see, each with the reason."""
    known = {}
    for line in EQUIVALENT.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            key, separator, reason = line.rpartition("  # ")
            if not (separator and reason.strip()):
                raise SystemExit(f"{EQUIVALENT.name}: a reason is missing behind “  # ” in: {line}")
            known[key] = reason
    return known


def try_all(faults: list[Fault], workers: int, recording: str) -> Iterator[tuple[Fault, bool]]:
    """Try faults, each in a copy of the tree, and tell of each whether it was noticed."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(workers) as pool:
        free: SimpleQueue[Path] = SimpleQueue()
        for number in range(workers):
            tree = Path(folder, str(number))
            copy_tree(tree)
            free.put(tree)
        whole = Path(folder, "whole")
        copy_tree(whole)
        trials = Trials(whole, Path(recording or Path(folder, "reached")).resolve())

        def attempt(fault: Fault) -> bool:
            module, mutant = fault
            tree = free.get()
            source = (whole / module).read_text("utf-8")
            (tree / module).write_text(mutant.apply(source), "utf-8")
            try:
                return trials.noticed(tree, module, mutant.line)
            finally:
                (tree / module).write_text(source, "utf-8")
                free.put(tree)

        yield from zip(faults, pool.map(attempt, faults), strict=True)


def main() -> int:
    """Try a sample and print what was not noticed; 1 when that is too much."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("places", nargs="*", default=CORE, help="folders or modules; without: the core")
    parser.add_argument("--seed", type=int, default=1, help="chooses the sample")
    parser.add_argument("--size", type=int, default=60, help="how many faults to try; 0 tries all")
    parser.add_argument("--workers", type=int, default=2, help="how many to try at the same time")
    parser.add_argument("--reached", default="", help="a file that keeps which test reaches what")
    options = parser.parse_args()
    unseen_by_nature = equivalent()
    chosen = sample(options.places, options.seed, options.size)
    faults = [fault for fault in chosen if key_of(fault) not in unseen_by_nature]
    print(f"{len(faults)} faults, {len(chosen) - len(faults)} more that change nothing; seed {options.seed}")
    seen = 0
    for fault, was_noticed in try_all(faults, options.workers, options.reached):
        seen += was_noticed
        if not was_noticed:
            module, mutant = fault
            print(f"not noticed: {module}:{mutant.line}: {mutant.change}\n    {mutant.text}", flush=True)
    share = seen / len(faults) if faults else 1.0
    print(f"noticed: {seen} of {len(faults)} ({share:.0%})")
    return 0 if share >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
