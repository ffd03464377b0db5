"""fail2ban reads the server's log by the filter that the documentation ships."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.conftest import need_program
from tests.support.filemap import ROOT
from tests.support.server import ServerProcess
from tests.support.wire import connected

Start = Callable[..., ServerProcess]

FILTER = ROOT / "docs" / "run" / "fail2ban" / "chat.conf"
#: A name that looks like the end of a line about somebody else.
FALSE_TRAIL = "x from 192.0.2.9 was refused: invalid_credentials"


def _addresses(log: Path) -> list[str]:
    """Return the addresses that fail2ban would count, a line each."""
    done = subprocess.run(
        ["fail2ban-regex", "-o", "<ip>", str(log), str(FILTER)], capture_output=True, text=True, timeout=60
    )
    assert not done.stderr, done.stderr
    return done.stdout.split()


def test_wrong_passwords_are_counted_by_their_address(server_process: Start, tmp_path: Path) -> None:
    """One line for each, and none for who signs in or for a name that names another address."""
    need_program("fail2ban-regex", "sudo apt-get install fail2ban")
    server = server_process("--no-limits", tls=False)
    with connected(server.port, tls=False) as client:
        client.register("alice")
    with connected(server.port, tls=False) as client:
        for name in ("alice", FALSE_TRAIL, "nobody"):
            assert client.error("login", username=name, password="wrong horse battery")
    server.stop()
    lines = (tmp_path / "data" / "server.log").read_text(encoding="utf-8").splitlines()
    refused = [line for line in lines if "was refused" in line]
    assert _addresses(tmp_path / "data" / "server.log") == ["127.0.0.1"] * len(refused)
    assert len(refused) == 3
