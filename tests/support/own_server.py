"""A server program of a test's own: started, killed, frozen, ended with its folder. No pytest."""

import os
import shutil
import signal
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

from tests.support.waiting import came_true

POLL_S = 0.02


def run_program(
    command: list[str], max_s: float, environment: dict[str, str] | None = None, text: str = ""
) -> str:
    """Run a program to its end, on a text as its input, and return what it wrote.

    :raises RuntimeError: it failed, with what it wrote about it.
    """
    done = subprocess.run(
        command, input=text.encode(), capture_output=True, timeout=max_s, check=False, env=environment
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).decode(errors="replace")
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {said}")
    return done.stdout.decode()


class OwnServer(ABC):
    """One process after the other, in one folder; leave it by `with` or :meth:`close`.

    :param folder: where it lives; it goes with the server.
    """

    START_MAX_S = 20.0

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The running server."""
        assert self._process is not None
        return self._process

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._process = process = subprocess.Popen(
            self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        done = came_true(lambda: process.poll() is not None or self.answers(), self.START_MAX_S, POLL_S)
        if not done or process.poll() is not None:
            raise RuntimeError(self.complaint())

    def kill(self) -> None:
        """End the server at once, as a crash does; :meth:`start` brings it back."""
        self._signal_and_wait(signal.SIGKILL)

    def end(self) -> None:
        """End the server in order."""
        self._signal_and_wait(signal.SIGTERM)

    def stop(self) -> None:
        """Freeze the server: connections stay open and nothing answers."""
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOWAIT)

    def cont(self) -> None:
        """Let a frozen server go on."""
        self.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Kill the server, whatever its state, and remove its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _signal_and_wait(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.wait(self.START_MAX_S)

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command that starts it."""

    @abstractmethod
    def answers(self) -> bool:
        """Return whether it serves."""

    @abstractmethod
    def complaint(self) -> str:
        """Return why it did not start."""
