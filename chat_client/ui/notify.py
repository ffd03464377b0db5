"""Calls for attention outside of the window: the desktop's notification, a sound, the taskbar.

Programs of the system are started and never waited for on the Tk thread.
"""

import contextlib
import logging
import queue
import shutil
import subprocess
import sys
import threading
import tkinter as tk
from collections.abc import Callable

from chat_client.ui.look import display, x11

_log = logging.getLogger("chat.client.notify")

APPLICATION = "Chat"
BODY_SHOWN_CHARS = 180
WAITING_MAX = 5
_PATIENCE_S = 5.0
_CLICK_WITHIN_S = 120.0
_CLICKED = "default"

_WINDOWS_SCRIPT = """
Add-Type -AssemblyName System.Windows.Forms
$icon = New-Object System.Windows.Forms.NotifyIcon
$icon.Icon = [System.Drawing.SystemIcons]::Information
$icon.Visible = $true
$icon.ShowBalloonTip(5000, $args[0], $args[1], 'None')
Start-Sleep -Seconds 6
$icon.Dispose()
"""


def command(
    title: str, body: str, platform: str = sys.platform, *, clickable: bool = False
) -> list[str] | None:
    """Give the program and the arguments that show a notification; None where the system offers none.

    The texts are arguments of their own: nothing in them is obeyed by a shell.

    :param clickable: whether the program is to wait, and to write ``default`` when the notification is
        clicked; only Linux can.
    """
    title = _one_line(title)[:80]
    body = _one_line(body)[:BODY_SHOWN_CHARS]
    if platform == "win32":
        return [
            "powershell",
            "-NoProfile",
            "-NonInteractive",
            "-Command",
            f"& {{{_WINDOWS_SCRIPT}}}",
            title,
            body,
        ]
    if platform == "darwin":
        script = "on run argv\ndisplay notification (item 2 of argv) with title (item 1 of argv)\nend run"
        return ["osascript", "-e", script, title, body]
    # What follows "--" is text, also where it begins with a hyphen; the body is markup for most servers.
    escaped = body.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    click = [f"--action={_CLICKED}={APPLICATION}", "--wait"] if clickable else []
    return ["notify-send", f"--app-name={APPLICATION}", "--icon=mail-unread", *click, "--", title, escaped]


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


class Notifier:
    """Shows notifications from a thread of its own; what comes faster than it can be shown is left out.

    :param run: starts a program, waits for it and returns what it wrote, None where it failed (replaced in
        tests).
    """

    def __init__(self, run: Callable[[list[str]], str | None] | None = None) -> None:
        self._run = run or _run
        #: Called, from another thread, when a notification was clicked; see :meth:`take_clicked`.
        self.on_click: Callable[[], object] = lambda: None
        self._clicked: queue.Queue[str] = queue.Queue()
        self._clickable = threading.BoundedSemaphore(WAITING_MAX)
        self._waiting: queue.Queue[list[str] | None] = queue.Queue(WAITING_MAX)
        self._thread: threading.Thread | None = None

    def show(self, title: str, body: str, room: str = "") -> None:
        """Show a notification soon; returns at once.

        :param room: the key of the room that a click opens, where the system passes the click on.
        """
        if room and sys.platform == "linux" and self._clickable.acquire(blocking=False):
            arguments = (title, body, room)
            threading.Thread(target=self._show_clickable, args=arguments, name="click", daemon=True).start()
            return
        made = command(title, body)
        if made is None:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="notifier", daemon=True)
            self._thread.start()
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(made)

    def take_clicked(self) -> list[str]:
        """Return the rooms whose notifications were clicked since the last call."""
        found: list[str] = []
        with contextlib.suppress(queue.Empty):
            while True:
                found.append(self._clicked.get_nowait())
        return found

    def _show_clickable(self, title: str, body: str, room: str) -> None:
        """Show a notification and wait for its click, on a thread of its own."""
        try:
            answer = self._run(command(title, body, "linux", clickable=True) or [])
            if answer is None:  # a notify-send that knows no actions
                self._run(command(title, body, "linux") or [])
            elif answer.strip() == _CLICKED:
                self._clicked.put(room)
                self.on_click()
        except (OSError, subprocess.SubprocessError) as error:
            _log.info("no click on a notification: %s", error)
        finally:
            self._clickable.release()

    def close(self) -> None:
        """End the thread after what it is showing."""
        if self._thread is not None:
            with contextlib.suppress(queue.Empty):
                while True:
                    self._waiting.get_nowait()
            self._waiting.put(None)
            self._thread.join(_PATIENCE_S)
            self._thread = None

    def _work(self) -> None:
        while (made := self._waiting.get()) is not None:
            try:
                self._run(made)
            except (OSError, subprocess.SubprocessError) as error:
                _log.info("no desktop notification: %s", error)


def _run(made: list[str]) -> str | None:
    path = shutil.which(made[0])
    if path is None:
        return None
    ended = subprocess.run(
        [path, *made[1:]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=_CLICK_WITHIN_S if "--wait" in made[:-2] else _PATIENCE_S + 5,
        check=False,
    )
    return ended.stdout.decode(errors="replace") if ended.returncode == 0 else None


def draw_attention(window: tk.Tk, wanted: bool = True) -> None:
    """Let the taskbar mark the window, where the system knows such a mark, or take the mark back."""
    system = str(window.tk.call("tk", "windowingsystem"))
    if system == "x11":
        x11.set_urgent(window.winfo_id(), wanted)
    elif system == "win32" and wanted:
        display.flash_window(window.winfo_id())
