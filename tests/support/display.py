"""Starts a display of its own (Xvfb) on a free number and ends it; knows nothing of windows."""

import os
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

SCREEN = "1600x1200x24"
START_TIMEOUT_S = 20.0


@contextmanager
def private_display() -> Iterator[str]:
    """Run Xvfb for the length of a ``with`` block and yield the display's name, such as ``:7``."""
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"]
    command += ["-dpi", "96"]  # what X servers mostly claim; lengths in tests are those of the design
    command.append("-r")  # no key repeats itself when a busy machine is slow to let it go
    with subprocess.Popen(
        command,
        pass_fds=[write_end],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(write_end)
        try:
            yield f":{_number(read_end)}"
        finally:
            os.close(read_end)
            process.terminate()


def _number(read_end: int) -> int:
    """Xvfb writes the number and a newline when it is ready for clients."""
    text = b""
    while not text.endswith(b"\n"):
        ready, _, _ = select.select([read_end], [], [], START_TIMEOUT_S)
        data = os.read(read_end, 64) if ready else b""
        if not data:
            raise RuntimeError("Xvfb did not start")
        text += data
    return int(text)
