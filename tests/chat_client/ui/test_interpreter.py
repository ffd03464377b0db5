"""What becomes of a closed window's interpreter."""

import os
import subprocess
import sys

from tests.support.filemap import ROOT

CLOSED_AND_COLLECTED = """
import gc, threading
from chat_client.ui.interpreter import make_root
gc.disable()
root = make_root()
root.update()
root.destroy()
root.circle = root
del root
collector = threading.Thread(target=gc.collect)
collector.start()
collector.join()
print("alive")
"""


def test_window_collected_on_another_thread_does_not_end_the_process(xvfb: str) -> None:
    """Tcl would end it: the interpreter belongs to the thread that made it."""
    done = subprocess.run(
        [sys.executable, "-c", CLOSED_AND_COLLECTED],
        cwd=ROOT,
        env=os.environ | {"DISPLAY": xvfb},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr
