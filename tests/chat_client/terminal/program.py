"""The terminal client as a program, for the tests that give it words and lines on a pipe."""

import os
import subprocess
import sys
from pathlib import Path

from chat_protocol.invitations import Invitation
from tests.support.server import ROOT, ServerProcess
from tests.support.wire import PASSWORD


def command(server: ServerProcess, home: Path, *more: str) -> list[str]:
    """Return the words that start the client as Zoe on a server."""
    link = Invitation("127.0.0.1", server.port, server.fingerprint or "").link()
    return ["chat_client.terminal", link, "--user", "zoe", "--home", str(home), *more]


def piped(words: list[str], said: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """Run the client with lines on a pipe, in no locale but that of `environ`, until it ends."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))
    }
    return subprocess.run(
        [sys.executable, "-m", *words],
        input=said.encode(),
        cwd=ROOT,
        env={**kept, "CHAT_PASSWORD": PASSWORD, **environ},
        capture_output=True,
        check=False,
        timeout=60,
    )
