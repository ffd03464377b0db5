"""Follows the installation guide on bare Debian machines, word for word: `make test-install`.

`python -m tests.installation [RELEASE …] [--folder FOLDER]` needs root, `mmdebstrap` and Debian's mirror. It
prints each line of the guide that it typed, and ends with status 1 when one failed or a block was not run.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.installation.follower import Follower, known_blocks, left_out
from tests.installation.machine import CommandError, Machine, bare_root, missing_for
from tests.installation.story import BLOCKS_LEFT_OUT, LINES_LEFT_OUT

RELEASES: Final = ("bookworm", "trixie")
PROGRAMS: Final = ("mmdebstrap", "unshare", "nsenter", "git")


def follow(release: str, folder: Path) -> None:
    """Follow the guide on machines of one release.

    :raises CommandError: when a line of the guide fails.
    :raises AssertionError: when something that the guide promises does not hold.
    """
    began = time.monotonic()
    archive = bare_root(release, folder)
    packages = folder / f"{release}-packages"
    packages.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{release}-", dir=folder) as name:
        work = Path(name)
        follower = Follower(lambda each: Machine(each, archive, work, packages), work, say)
        try:
            follower.follow()
        finally:
            for machine in follower.machines.values():
                machine.stop()
    say(f"\n{release}: these lines of the guide were typed, in {time.monotonic() - began:.0f} s:")
    for line in follower.ran:
        say(f"  {line}")


def say(line: str) -> None:
    """Write a line at once."""
    print(line, flush=True)


def main(arguments: Sequence[str]) -> int:
    """Follow the guide on each release; return 0 when all works, 1 when not, 2 when it cannot be tried."""
    parser = argparse.ArgumentParser(prog="python -m tests.installation", description=__doc__)
    parser.add_argument("releases", nargs="*", metavar="RELEASE", default=RELEASES)
    parser.add_argument(
        "--folder", type=Path, help="keep bare roots and fetched packages here for the next run"
    )
    given = parser.parse_args(arguments)
    if missing := missing_for(PROGRAMS):
        say(missing)
        return 2
    lacking = left_out(known_blocks())
    failed = [f"{block}: nobody ran it" for block in lacking]
    folder = given.folder or Path(tempfile.mkdtemp(prefix="test-install-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for release in given.releases:
            say(f"=== Debian {release}")
            try:
                follow(release, folder)
            except (CommandError, AssertionError, RuntimeError, subprocess.SubprocessError) as error:
                failed.append(f"{release}: {error or traceback.format_exc(limit=-1)}")
                say(f"FAILED: {failed[-1]}")
    finally:
        if given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    say("\nNot run, and why:")
    for (section, number), reason in BLOCKS_LEFT_OUT.items():
        say(f"  “{section}” {number}: {reason}")
    for text, reason in LINES_LEFT_OUT.items():
        say(f"  {text}: {reason}")
    for failure in failed:
        say(f"failed: {failure}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
