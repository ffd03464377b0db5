"""A terminal: lines with editing and history, secrets without echo, keys that would stop the server switched
off.

It must not know any command. Runs on the main thread; :meth:`Terminal.close` may be called from any.
"""

import contextlib
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, Final, TextIO, TypeVar

from chat_server.console.terminal.editor import Editor
from chat_server.console.terminal.waking import WAKE_SIGNAL, signals_noticed, wake

NO_KEY: Final = b"\xff" if sys.platform == "darwin" else b"\x00"  # _POSIX_VDISABLE

T = TypeVar("T")


class TerminalClosed(BaseException):
    """The terminal was closed while it waited for a line; no error, so nothing that answers errors may catch
    it.
    """


class Terminal:
    """Read from and write to the terminal of the server.

    :param stdin: where lines come from; `sys.stdin` gets line editing where it is a terminal.
    :param stdout: where answers go.
    :param history: the file that keeps typed commands, None for none.
    :param complete: returns what may stand in place of `line[begin:end]`.
    :param guard_keys: switch off the keys that would suspend, abort or freeze the whole process.
    """

    interactive = True

    def __init__(
        self,
        stdin: TextIO,
        stdout: TextIO,
        history: Path | None = None,
        complete: Callable[[str, int, int], list[str]] | None = None,
        *,
        guard_keys: bool = True,
    ) -> None:
        self._stdin = stdin
        self._stdout = stdout
        self.is_terminal = stdin.isatty()
        self._guard_keys = guard_keys
        self._editor = Editor(history, complete) if stdin is sys.stdin and self.is_terminal else None
        self._closed = threading.Event()
        self._prompt = ""  # while a line is being typed
        self._waiting = False  # written by the reading thread alone, read by its own signal handler
        self._reader = threading.get_ident()

    @property
    def hung_up(self) -> bool:
        """Whether the terminal itself has gone: its window was closed, its connection lost."""
        if not self.is_terminal:
            return False
        try:
            termios.tcgetattr(self._stdin.fileno())
        except termios.error:
            return True
        return False

    def write(self, text: str) -> None:
        """Show text; what the terminal's character set lacks is shown escaped."""
        encoding = getattr(self._stdout, "encoding", None) or "utf-8"
        with contextlib.suppress(OSError):  # a terminal that was hung up
            self._stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self._stdout.flush()

    def complain(self, text: str) -> None:
        """Show what went wrong, in the same place."""
        self.write(text)

    def ask(self, prompt: str) -> str:
        """Return the answer; raise EOFError at the end of the input."""
        return self._read(prompt)

    def ask_secret(self, prompt: str) -> str:
        """Return the answer, not shown while it is typed; raise EOFError at the end of the input."""
        with self._changed_keys(_hide_line):
            self.write(prompt)
            answer = self._wait(self._stdin.readline)
        if self.is_terminal:
            self.write("\n")
        if not answer:
            raise EOFError
        return answer.rstrip("\r\n")

    def read_command(self, prompt: str) -> str:
        """Return the next command, and keep it in the history."""
        line = self._read(prompt)
        if self._editor:
            self._editor.remember(line)
        return line

    def half_typed(self) -> str:
        """Return the prompt and what is typed after it, empty when no line is being typed; any thread."""
        return self._prompt + self._editor.typed() if self._editor and self._prompt else ""

    def pause(self, seconds: float) -> None:
        """Wait; :meth:`close` ends it."""
        self._wait(lambda: time.sleep(seconds))

    def close(self) -> None:
        """End the waiting for a line, from any thread; :class:`TerminalClosed` is raised where it waits."""
        self._closed.set()
        if self.is_terminal:
            wake(self._reader, lambda: self._waiting)

    @contextlib.contextmanager
    def attached(self) -> Iterator[None]:
        """Prepare the terminal for typing, and leave it as it was."""
        for stream in (self._stdin, self._stdout):
            reconfigure: Any = getattr(stream, "reconfigure", None)
            if reconfigure:
                reconfigure(errors="replace" if stream is self._stdin else "backslashreplace")
        keep_typed = _keep_typed if self._editor and self._editor.edits else _leave
        guard = _make_keys_safe if self._guard_keys else _leave
        with self._changed_keys(guard), self._changed_keys(keep_typed), self._wakeable():
            yield

    @contextlib.contextmanager
    def _wakeable(self) -> Iterator[None]:
        """Let signals end the waiting for a line; on the main thread, where Python runs their handlers."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        former = signal.signal(WAKE_SIGNAL, self._woken)
        try:
            with signals_noticed(self._reader, lambda: self._waiting):
                yield
        finally:
            signal.signal(WAKE_SIGNAL, former)

    def _read(self, prompt: str) -> str:
        if self._editor:
            self._prompt = prompt
            try:
                with self._changed_keys(_show_typed):
                    return self._wait(lambda: input(prompt))
            finally:
                self._prompt = ""
        if self.is_terminal:
            self.write(prompt)
        line = self._wait(self._stdin.readline)
        if not line:
            raise EOFError
        return line.rstrip("\r\n")

    def _wait(self, blocking: Callable[[], T]) -> T:
        """Run what waits for the person at the terminal.

        `_waiting` is set before the look at `_closed`, so a close that comes in between is still seen: the
        signal of :meth:`close` finds `_waiting` and raises.
        """
        self._waiting = True
        try:
            if self._closed.is_set():
                raise TerminalClosed
            return blocking()
        except OSError as error:  # a terminal that was hung up
            raise EOFError from error
        finally:
            self._waiting = False

    def _woken(self, _number: int, _frame: FrameType | None) -> None:
        if self._waiting and self._closed.is_set():
            self._waiting = (
                False  # once: a second signal may come before the first exception has left the editor
            )
            raise TerminalClosed

    @contextlib.contextmanager
    def _changed_keys(self, change: Callable[[list[Any]], None]) -> Iterator[None]:
        """Let the terminal treat keys otherwise for a while; without a terminal nothing changes."""
        if not self.is_terminal:
            yield
            return
        with changed_attributes(self._stdin.fileno(), change):
            yield


@contextlib.contextmanager
def changed_attributes(descriptor: int, change: Callable[[list[Any]], None]) -> Iterator[None]:
    """Change a terminal's attributes for a while."""
    try:
        before = termios.tcgetattr(descriptor)
        attributes = termios.tcgetattr(descriptor)
        change(attributes)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, attributes)
    except termios.error:
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _leave(_attributes: list[Any]) -> None:
    """Change nothing."""


def _hide_line(attributes: list[Any]) -> None:
    """Let the terminal gather a line and show none of it."""
    attributes[3] = (attributes[3] | termios.ICANON) & ~termios.ECHO


def _keep_typed(attributes: list[Any]) -> None:
    """Keep what is typed while a command runs as it is, for the line editor, which shows it at its prompt.

    Gathering lines by itself, the terminal would let a key such as Ctrl-U take what the editor never saw.
    """
    attributes[3] &= ~(termios.ICANON | termios.ECHO)
    attributes[6][termios.VMIN], attributes[6][termios.VTIME] = 1, 0


def _show_typed(attributes: list[Any]) -> None:
    """Show what is typed: the line editor does so only where it finds that the terminal would."""
    attributes[3] |= termios.ECHO


def _make_keys_safe(attributes: list[Any]) -> None:
    """Keep Ctrl-Z, Ctrl-S and Ctrl-Backslash from suspending, freezing or aborting the whole server."""
    attributes[0] &= ~termios.IXON
    for key in (termios.VSUSP, termios.VQUIT):
        attributes[6][key] = NO_KEY
