"""Runs tests on Debian's own Python and OpenSSL, in a bare root that reads this tree: `make test-debian`.

`python -m tests.installation.own_python [TEST …] [--release RELEASE] [--folder FOLDER]` needs root,
`mmdebstrap`, Debian's mirror and PyPI. It writes nothing into this tree; its status is the tests'.
"""

import argparse
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.installation.machine import bare_root, lend_certificates, missing_for
from tests.support.filemap import ROOT

RELEASE: Final = "trixie"
#: What `make test` asks for first; the tests that need MariaDB or a display are skipped there.
PACKAGES: Final = ("make", "python3-venv", "python3-tk", "openssl", "ca-certificates")
PROGRAMS: Final = ("mmdebstrap", "unshare", "chroot")
#: What depends most on Python's `ssl`, sockets and threads.
TESTS: Final = (
    "tests/chat_protocol",
    "tests/chat_server/net",
    "tests/end_to_end/test_hostile.py",
    "tests/end_to_end/test_ipv6.py",
    "tests/end_to_end/test_messages.py",
    "tests/end_to_end/test_signing_in.py",
    "tests/end_to_end/test_slow_readers.py",
)
#: Runs in mounts and processes of its own; $1 is the root folder, $2 this tree, $3 the command.
ENTER: Final = """
set -e
mount --make-rprivate /
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
mkdir "$1/tree"
mount --bind "$2" "$1/tree"
mount -o remount,bind,ro "$1/tree"
exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \\
    PYTHONDONTWRITEBYTECODE=1 sh -c "cd /tree && $3"
"""


def try_tests(release: str, folder: Path, tests: Sequence[str]) -> int:
    """Run tests on the release's Python, and return their status."""
    archive = bare_root(release, folder, "tests", PACKAGES)
    with tempfile.TemporaryDirectory(prefix=f"{release}-", dir=folder) as name:
        root = Path(name) / "root"
        root.mkdir()
        subprocess.run(["tar", "-xf", str(archive), "-C", str(root)], check=True)
        shutil.copyfile("/etc/resolv.conf", root / "etc/resolv.conf")
        lend_certificates(root)
        picked = shlex.quote(" ".join(["-p no:cacheprovider -n 2 --dist loadfile", *tests]))
        command = f"python3 --version && openssl version && make test VENV=/opt/venv ARGS={picked}"
        entering = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "enter"]
        done = subprocess.run([*entering, str(root), str(ROOT), command], check=False)
    return done.returncode


def main(arguments: Sequence[str]) -> int:
    """Run the tests; return their status, or 2 when they cannot be tried."""
    parser = argparse.ArgumentParser(prog="python -m tests.installation.own_python", description=__doc__)
    parser.add_argument("tests", nargs="*", metavar="TEST", default=TESTS)
    parser.add_argument("--release", default=RELEASE)
    parser.add_argument("--folder", type=Path, help="keep the bare root here for the next run")
    given = parser.parse_args(arguments)
    if missing := missing_for(PROGRAMS):
        print(missing, file=sys.stderr)
        return 2
    folder = given.folder or Path(tempfile.mkdtemp(prefix="own-python-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return try_tests(given.release, folder, given.tests)
    finally:
        if given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
