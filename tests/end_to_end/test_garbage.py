"""Python's garbage collections, in which nobody is served, do not look through the program itself."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.support.server import ROOT, STOP_TIMEOUT_S

_SERVER = """
import atexit, gc, sys
from chat_server.__main__ import main
atexit.register(lambda: print("kept:", gc.get_freeze_count(), "others:", len(gc.get_objects())))
sys.exit(main())
"""


def test_program_itself_is_not_looked_through(tmp_path: Path) -> None:
    """What was there when the server was ready is kept for good: nearly all that there is in calm."""
    options = [
        "--data-dir",
        str(tmp_path),
        "--port",
        "0",
        "--host",
        "127.0.0.1",
        "--insecure",
        "--no-console",
    ]
    command = [sys.executable, "-c", _SERVER, *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        for line in server.stdout:
            if line.startswith("Listening"):
                server.send_signal(signal.SIGTERM)
            if line.startswith("kept:"):
                _, kept, _, others = line.split()
                break
        assert server.wait(STOP_TIMEOUT_S) == 0
    assert int(kept) > 10 * int(others)
