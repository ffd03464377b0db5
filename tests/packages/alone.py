"""A client that was handed out, alone in an empty folder, signs up and talks; nothing of the tree is read."""

import os
import re
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.server import ServerProcess
from tests.support.waiting import until
from tests.support.wire import PASSWORD, WireClient, connected

ROOM: Final = "Général"
LANGUAGE: Final = {"LANG": "C.UTF-8"}
TIMEOUT_S: Final = 40.0
POLL_S: Final = 0.05
KEY_PAUSE_MS: Final = "20"
LETTER: Final = "x"
READ: Final = (
    "SELECT read_seq FROM members JOIN users ON users.id = user_id JOIN rooms ON rooms.id = room_id"
    " WHERE username = ? AND rooms.name = ?"
)


def run(
    *command: object, folder: Path, text: str = "", timeout_s: float = 80, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder, with nothing of this tree in its environment."""
    return subprocess.run(
        list(map(str, command)), cwd=folder, env=clean(environment), input=text, capture_output=True,
        text=True, timeout=timeout_s, check=False,
    )  # fmt: skip


def clean(more: Mapping[str, str]) -> dict[str, str]:
    """The environment without what the project's programs and Python read."""
    kept = {name: value for name, value in os.environ.items() if not re.match("CHAT_|PYTHON", name)}
    return {**kept, **more}


def invitation(server: ServerProcess) -> str:
    """The link to a server."""
    assert server.fingerprint is not None
    return f"chat://127.0.0.1:{server.port}/?fp={server.fingerprint.replace(':', '')}"


@dataclass(frozen=True, slots=True)
class Client:
    """A client that was handed out.

    :param command: starts it, in its folder.
    :param folder: where it lies, with nothing else.
    :param home: its user's, empty at first.
    :param path: where its user has programs.
    """

    command: Sequence[str]
    folder: Path
    home: Path
    path: str

    @contextmanager
    def started(self, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
        """Run it for the length of a ``with`` block, in an environment that names nothing of this tree."""
        process = subprocess.Popen(
            [*self.command, *arguments],
            cwd=self.folder,
            env={"HOME": str(self.home), "PATH": self.path, **LANGUAGE, **environment},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        with process:
            try:
                yield process
            except BaseException:
                process.kill()
                raise


def talk_in_the_terminal(client: Client, server: ServerProcess, name: str, other_name: str = "bob") -> None:
    """Sign up, say a line that another one reads, and read the answer."""
    arguments = ("terminal", "--user", name, "--register", "--room", ROOM)
    with (
        colleague(server, other_name) as other,
        client.started(*arguments, CHAT_PASSWORD=PASSWORD) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"hello from {name}\n")
        process.stdin.flush()
        _answer(other, name)
        heard = ""
        while f"welcome, {name}" not in heard:
            line = process.stdout.readline()
            assert line, heard
            heard += line
        process.stdin.close()
        rest = process.stdout.read()
        assert process.wait(TIMEOUT_S) == 0, heard + rest


def talk_in_the_window(
    client: Client, server: ServerProcess, display: str, name: str, other_name: str = "bob"
) -> None:
    """Sign up by the keyboard, say a line that another one reads, and show the answer.

    What is shown is marked as read: that is how it is seen from outside.
    """
    with colleague(server, other_name) as other, client.started(DISPLAY=display) as process:
        keyboard = Keyboard(display, process)
        keyboard.wait_for_title("^Chat$")
        keyboard.reach_field()
        keyboard.type(name)
        keyboard.press("Tab", "Tab")  # the displayed name, which may stay empty
        keyboard.type(PASSWORD)
        keyboard.press("Tab", "Tab")  # the eye that shows the password
        keyboard.type(PASSWORD)
        keyboard.press("Return")
        keyboard.wait_for_title(" Chat$")  # of the open room
        keyboard.reach_composer(other, name)
        keyboard.type(f"hello from {name}")
        keyboard.press("Return")
        seq = _answer(other, name)
        until(lambda: _read_up_to(server, name) == seq, within_s=TIMEOUT_S, poll_s=POLL_S)
        keyboard.press("ctrl+q")
        assert process.stdout is not None
        assert (process.stdout.read(), process.wait(TIMEOUT_S)) == ("", 0)


@contextmanager
def colleague(server: ServerProcess, name: str) -> Iterator[WireClient]:
    """Another one in the room, connected meanwhile, who is told who writes there."""
    with connected(server.port) as other:
        other.register(name)
        other.ok("watch", room=ROOM)
        yield other


def _answer(other: WireClient, name: str) -> int:
    """Wait for somebody's line, and answer it; return the answer's seq."""
    said = other.event("message", TIMEOUT_S)
    assert (said["from"], said["body"]) == (name, f"hello from {name}"), said
    return int(other.ok("send", room=ROOM, body=f"welcome, {name}", nonce=name)["seq"])


def _read_up_to(server: ServerProcess, name: str) -> int:
    connection = sqlite3.connect(f"file:{server.data_dir / 'chat.db'}?mode=ro", uri=True)
    try:
        (row,) = connection.execute(READ, (name, ROOM)).fetchall()
        return int(row[0])
    finally:
        connection.close()


def _is_told_of_typing(other: WireClient, name: str) -> bool:
    try:
        other.event("typing", POLL_S, username=name)
    except TimeoutError:
        return False
    return True


@contextmanager
def selection() -> Iterator[Callable[[], str]]:
    """Give what returns the text that is selected on the display in DISPLAY, in whichever program."""
    # Here, since the tests in the terminal go without Tk.
    from tkinter import TclError

    from chat_client.ui.interpreter import make_root

    root = make_root()
    root.withdraw()

    def selected() -> str:
        try:
            return str(root.tk.call("selection", "get", "-selection", "PRIMARY"))
        except TclError:  # nothing is selected, or its program is busy
            return ""

    try:
        yield selected
    finally:
        root.destroy()


class Keyboard:
    """The keyboard of a display, as a user has it: it types into the window of a program.

    A window has its title before its field is there, and what is typed meanwhile is nobody's. So a letter is
    pressed until something outside of the program shows that the field has taken it; all of the field is
    selected by then, or on its way to be, and gives place to what is typed next.
    """

    def __init__(self, display: str, process: subprocess.Popen[str]) -> None:
        self._display = display
        self._process = process

    def wait_for_title(self, pattern: str) -> None:
        """Wait for a window with a title, and give it the keyboard."""

        def is_there() -> bool:
            assert self._process.poll() is None, "the client has ended"
            return bool(self._tell("search", "--onlyvisible", "--name", pattern))

        until(is_there, within_s=TIMEOUT_S, poll_s=POLL_S)
        self._tell("search", "--onlyvisible", "--name", pattern, "windowfocus", "--sync")

    def reach_field(self) -> None:
        """Wait until an entry takes what is typed: what is selected in it is the display's selection."""
        with selection() as selected:

            def has_letter() -> bool:
                self.press(LETTER, "ctrl+a")
                return set(selected()) == {LETTER}

            until(has_letter, within_s=TIMEOUT_S, poll_s=POLL_S)

    def reach_composer(self, other: WireClient, name: str) -> None:
        """Wait until the composer takes what is typed: another one is told that its user is typing."""

        def is_told() -> bool:
            self.press(LETTER)
            return _is_told_of_typing(other, name)

        until(is_told, within_s=TIMEOUT_S, poll_s=POLL_S)
        self.press("ctrl+a")

    def type(self, text: str) -> None:
        """Press the keys of a text."""
        self._tell("type", "--delay", KEY_PAUSE_MS, text)

    def press(self, *keys: str) -> None:
        """Press keys by the names that X gives them."""
        self._tell("key", "--delay", KEY_PAUSE_MS, *keys)

    def _tell(self, *words: str) -> str:
        return run("xdotool", *words, folder=Path("/"), DISPLAY=self._display).stdout
