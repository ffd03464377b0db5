"""Starts a server in a pseudo-terminal, types into it and reads what its screen shows."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.support.server import LISTENING, ROOT, STOP_TIMEOUT_S

TIMEOUT_S = 20.0
PROMPT = "chat> "
ADMIN_NAME = "boss"
ADMIN_PASSWORD = "a password to remember"


class PtyServer:
    """A program whose terminal is held by the test.

    :param arguments: what follows `python -m`.
    :param environ: further variables.
    """

    def __init__(self, *arguments: str, environ: Mapping[str, str] | None = None) -> None:
        self._master, slave = pty.openpty()
        self.screen = ""
        self._read_up_to = 0
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                stdin=slave,
                stdout=slave,
                stderr=slave,
                start_new_session=True,
                cwd=ROOT,
                env={**os.environ, "TERM": "dumb", "PYTHONUNBUFFERED": "1", **(environ or {})},
            )
        finally:
            os.close(slave)

    def type(self, text: str | bytes) -> None:
        """Press keys."""
        data = text if isinstance(text, bytes) else text.encode()
        while data:
            data = data[os.write(self._master, data[:1_024]) :]
            self._read(0)

    def wait_for(self, pattern: str, timeout: float = TIMEOUT_S) -> re.Match[str]:
        """Wait until the pattern is shown after what was waited for before, and return the match."""
        expression = re.compile(pattern)
        deadline = time.monotonic() + timeout
        while not (match := expression.search(self.screen, self._read_up_to)):
            if not self._read(max(0.0, deadline - time.monotonic())):
                raise AssertionError(
                    f"{pattern!r} was not shown; the screen ends with:\n{self.screen[-3_000:]}"
                )
        self._read_up_to = match.end()
        return match

    def command(self, line: str | bytes, timeout: float = TIMEOUT_S) -> str:
        """Type a line at the prompt and return what is shown up to the next prompt, without the echo."""
        start = self._read_up_to
        self.type(line)
        self.type(b"\n")
        end = self.wait_for(r"\n" + re.escape(PROMPT), timeout)
        shown = self.screen[start : end.start()]
        return shown.partition("\n")[2].replace("\r", "")

    def hang_up(self) -> int:
        """Take the terminal away, as a lost connection does, and return the program's exit status."""
        os.close(self._master)
        return self.process.wait(STOP_TIMEOUT_S)

    def close(self) -> int:
        """End the program by SIGTERM and return its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.wait()

    def wait(self) -> int:
        """Wait for the program's end, reading what it still shows."""
        deadline = time.monotonic() + STOP_TIMEOUT_S
        try:
            while self.process.poll() is None and time.monotonic() < deadline:
                self._read(0.05)
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"the program did not end; its screen:\n{self.screen[-3_000:]}")
            while self._read(0):
                pass
        finally:
            os.close(self._master)
        return self.process.returncode

    def _read(self, timeout: float) -> bool:
        """Take what is shown within the time; return whether there was anything."""
        if not select.select([self._master], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self._master, 65_536)
        except OSError:  # the other side was closed
            return False
        self.screen += data.decode("utf-8", "replace")
        return bool(data)


def start_in_terminal(data_dir: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> PtyServer:
    """Start a plain-TCP server in a terminal; it waits for the administrator."""
    options = ("--host", "127.0.0.1", "--port", "0", "--insecure", "--data-dir", str(data_dir))
    return PtyServer("chat_server", *options, *arguments, environ=environ)


def listening_port(server: PtyServer) -> int:
    """Return the port that the server prints at its start."""
    return int(server.wait_for(LISTENING.pattern)["port"])


def create_first_admin(server: PtyServer) -> None:
    """Answer the questions of the first start."""
    server.wait_for("Name of the administrator: ")
    server.type(f"{ADMIN_NAME}\n")
    for prompt in ("Password", "The same again"):
        server.wait_for(prompt)
        server.type(f"{ADMIN_PASSWORD}\n")
    server.wait_for(re.escape(PROMPT))


def sign_in(server: PtyServer) -> None:
    """Sign in at a later start."""
    server.wait_for("Administrator: ")
    server.type(f"{ADMIN_NAME}\n")
    server.wait_for("Password: ")
    server.type(f"{ADMIN_PASSWORD}\n")
    server.wait_for(re.escape(PROMPT))
