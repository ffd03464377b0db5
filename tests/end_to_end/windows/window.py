"""A window as the test holds it: a process, what is done in it, and what it shows."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.server import ROOT

TIMEOUT_S = 30.0
END_TIMEOUT_S = 15.0
#: Two windows above each other, with the pointer, in the middle of the screen, between them.
PLACES = ("1120x590+0+0", "1120x590+0+604")

OpenWindow = Callable[..., "Window"]


class Window:
    """One run of the client.

    :param home: its settings folder; a window in the folder of an earlier one continues it.
    :param place: its size and place on the screen, in X's words.
    """

    def __init__(self, home: Path, place: str, *arguments: str) -> None:
        home.mkdir(mode=0o700, exist_ok=True)
        settings = {"geometry": place, "theme": "light", "desktop_notifications": False}
        if not (home / "settings.json").exists():
            (home / "settings.json").write_text(json.dumps(settings))
        self.name = home.name
        self._log = home / "stderr.txt"
        self._received = b""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.end_to_end.windows.hand",
                    "--home",
                    str(home),
                    "--lang",
                    "en",
                    *arguments,
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                bufsize=0,
            )

    # What a user does

    def bring_to_front(self) -> None:
        """Give the window the keyboard; it is taken from the other one."""
        self._do("front")

    def type(self, text: str) -> None:
        """Press the keys of letters, digits and spaces."""
        self._do("type", text=text)

    def press(self, *keys: str) -> None:
        """Press keys by the names Tk gives them: ``Return``, ``Control-k``."""
        for key in keys:
            self._do("press", key=key)

    def paste(self, text: str) -> None:
        """Paste a text where the keyboard is."""
        self._do("paste", text=text)

    def click(self, text: str) -> None:
        """Press the pointer's button on the first thing that bears a text, once it is there."""
        self._do("click", text=text)

    def write(self, message: str) -> None:
        """Paste a message where the keyboard is, and send it."""
        self.paste(message)
        self.press("Return")

    def save_as(self, path: Path, key: str) -> None:
        """Press a key that has the window ask where to save, and answer with a path."""
        self._do("press for dialog", key=key)
        self._do("dialog", shown=True)
        self.paste(str(path))
        self.press("Return")
        self._do("dialog", shown=False)

    def kill(self) -> None:
        """End the program as a loss of power does."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """Close the window by its title bar; the program must end well and without a word."""
        self._do("close")
        status = self.process.wait(END_TIMEOUT_S)
        said = self._log.read_text()
        assert (status, said) == (0, ""), f"{self.name}'s window ended with status {status} and said:\n{said}"

    # What a user sees

    def wait_for(self, *patterns: str) -> str:
        """Wait until each pattern is found in what is shown; return all that is shown then."""
        shown = ""
        for pattern in patterns:
            shown = self._do("wait", pattern=pattern, gone=False)
        return shown

    def wait_until_gone(self, pattern: str) -> str:
        """Wait until a pattern is found nowhere in what is shown."""
        return self._do("wait", pattern=pattern, gone=True)

    def describe(self) -> str:
        """Return what the window shows, or how it ended."""
        title = f"--- {self.name}'s window"
        if self.process.poll() is not None:
            return f"{title} ended with status {self.process.returncode}\n{self._log.read_text()}"
        try:
            return f"{title} shows:\n{self._do('wait', pattern='', gone=False)}"
        except AssertionError as error:
            return f"{title}: {error}"

    # The process

    def _do(self, deed: str, **details: object) -> str:
        command = {"do": deed, "seconds": TIMEOUT_S, **details}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        answer = json.loads(self._answer())
        problem = answer["problem"] or f"not within {TIMEOUT_S:.0f} s"
        assert answer["done"], f"{self.name}'s window, {deed} {details}: {problem}"
        return str(answer["shown"])

    def _answer(self) -> bytes:
        assert self.process.stdout is not None
        deadline = time.monotonic() + TIMEOUT_S + END_TIMEOUT_S
        while b"\n" not in self._received:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            data = os.read(self.process.stdout.fileno(), 65_536) if ready else b""
            assert data, f"{self.name}'s window does not answer; it said:\n{self._log.read_text()}"
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        return line

    def end(self) -> None:
        """Make an end of the process, whatever its state."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


@contextmanager
def desk(folder: Path) -> Iterator[OpenWindow]:
    """Yield a function that opens somebody's window; when the block fails, tell what each of them shows."""
    windows: list[Window] = []
    places = dict[str, str]()

    def open_window(name: str, *arguments: str) -> Window:
        place = places.setdefault(name, PLACES[len(places) % len(PLACES)])
        windows.append(Window(folder / name, place, *arguments))
        return windows[-1]

    try:
        yield open_window
    except BaseException as error:
        error.add_note("\n".join(window.describe() for window in windows))
        raise
    finally:
        for window in windows:
            window.end()
