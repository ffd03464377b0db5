"""What would end the process: an interpreter freed on another thread, a widget gone with the keyboard."""

import os
import subprocess
import sys
import tkinter as tk

import pytest

from tests.support.display import private_display
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

# Without a window manager the keyboard follows the pointer.
GONE_WITH_THE_KEYBOARD = """
import tkinter as tk
from chat_client.ui.interpreter import make_root
root = make_root()
root.geometry("200x200+0+0")
first, second = tk.Entry(root), tk.Entry(root)
first.pack()
second.pack()
first.focus_set()

def point(x, y, holder):
    root.update()
    root.event_generate("<Motion>", warp=True, x=x, y=y)
    while str(root.tk.call("focus")) != holder:
        root.update()

point(500, 500, "")
point(100, 100, str(first))
point(500, 500, "")
first.destroy()
others = [tk.Frame(root) for _ in range(300)]  # where the first one was
second.focus_force()
root.update()
print("alive")
"""


@pytest.mark.parametrize("script", [CLOSED_AND_COLLECTED, GONE_WITH_THE_KEYBOARD])
def test_process_goes_on(xvfb: str, script: str) -> None:
    """Tcl ends a process whose interpreter another thread frees; Tk reads a note of a widget that is gone."""
    with private_display() as display:  # on which no other window has the keyboard
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=os.environ | {"DISPLAY": display},
            capture_output=True,
            text=True,
            timeout=30,
        )
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr


def test_widget_that_goes_leaves_the_keyboard_to_its_window(bare_root: tk.Tk) -> None:
    """Also where it is in what is destroyed; a widget beside it changes nothing."""
    frame, beside = tk.Frame(bare_root), tk.Entry(bare_root)
    inner = tk.Entry(frame)
    for widget in (frame, inner, beside):
        widget.pack()
    bare_root.update()
    inner.focus_force()
    beside.destroy()
    assert bare_root.focus_lastfor() == inner
    frame.destroy()
    assert bare_root.focus_lastfor() == bare_root
