"""Calls that widgets have due: once, in time, and never after their widget."""

import ast
import tkinter as tk
from pathlib import Path

from chat_client.ui.timer import Timer

UI = Path(__file__).parents[3] / "chat_client" / "ui"


def _commands_gone(root: tk.Tk) -> list[str]:
    """Return the Tcl commands that timers will ring for and that are no more."""
    scripts = [
        str(root.tk.call("after", "info", each)[0])
        for each in root.tk.splitlist(root.tk.call("after", "info"))
    ]
    names = [root.tk.splitlist(script)[0] for script in scripts]
    return [name for name in names if not root.tk.splitlist(root.tk.call("info", "commands", name))]


def test_timer_rings_once_however_often_it_is_set(bare_root: tk.Tk) -> None:
    """Until it has rung, it is due; then it can be set again."""
    rung: list[int] = []
    timer = Timer(bare_root, lambda: rung.append(1))
    for _ in range(3):
        timer.soon()
        timer.later(0)
    assert timer.due
    bare_root.update()
    assert (rung, timer.due) == ([1], False)
    timer.later(0)
    while timer.due:
        bare_root.update()
    assert rung == [1, 1]


def test_timer_begins_anew_or_is_cancelled(bare_root: tk.Tk) -> None:
    """`again` takes the place of what was due; after `cancel` nothing rings."""
    rung: list[int] = []
    timer = Timer(bare_root, lambda: rung.append(1))
    timer.later(3_600_000)
    timer.again(0)
    while timer.due:
        bare_root.update()
    assert rung == [1]
    timer.soon()
    timer.cancel()
    timer.cancel()
    bare_root.update()
    assert rung == [1]


def test_timer_goes_with_its_widget(bare_root: tk.Tk) -> None:
    """A destroyed widget's call is not made, and Tcl misses no command, as it does with tkinter's own."""
    rung: list[int] = []
    widget = tk.Frame(bare_root)
    Timer(widget, lambda: rung.append(1)).soon()
    assert not _commands_gone(bare_root)
    widget.destroy()
    assert not _commands_gone(bare_root)
    bare_root.update()
    assert not rung
    other = tk.Frame(bare_root)
    other.after_idle(lambda: rung.append(2))
    other.destroy()
    assert len(_commands_gone(bare_root)) == 1
    bare_root.update()
    assert not rung


def test_widgets_set_no_other_timers() -> None:
    """All but the loop that polls the client, which is the window's own, go through `Timer`."""
    found = {
        path.relative_to(UI).as_posix()
        for path in UI.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("after", "after_idle")
    }
    assert found == {"app.py", "timer.py"}
