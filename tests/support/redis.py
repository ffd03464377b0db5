"""A private Redis server for tests: on a free port, in memory, ended with its folder. No pytest."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from tests.support.mariadb import POLL_S, lasting_port

SERVER = "redis-server"
INSTALL_COMMAND = "apt-get install redis-server"
START_MAX_S = 20.0


def program() -> str | None:
    """Return the path of the server program, or None where Redis is not installed."""
    return shutil.which(SERVER)


class Redis:
    """One server process, again and again on the same port; leave it by `with` or :meth:`close`.

    :param options: further options of `redis-server`.
    :param sentinel: the settings of a Sentinel that this is to be, in place of a broker.
    """

    def __init__(self, *options: str, sentinel: Path | None = None) -> None:
        self.port = lasting_port()
        self._role = (str(sentinel), "--sentinel") if sentinel else ("--save", "", "--appendonly", "no")
        self._options = options
        self._folder = Path(tempfile.mkdtemp(prefix="redis-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def __enter__(self) -> "Redis":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Where it is, as `--broker` takes it."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The running server."""
        assert self._process is not None
        return self._process

    def start(self) -> None:
        """Start the server and wait until it answers."""
        found = program()
        assert found is not None, INSTALL_COMMAND
        self._process = subprocess.Popen(
            [found, *self._role, "--port", str(self.port), "--bind", "127.0.0.1",
             "--dir", str(self._folder), "--loglevel", "warning", *self._options],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + START_MAX_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("Redis did not start")
            time.sleep(POLL_S)

    def kill(self) -> None:
        """End the server at once; :meth:`start` brings it back."""
        self.process.kill()
        self.process.wait(START_MAX_S)

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
        shutil.rmtree(self._folder, ignore_errors=True)

    def ask(self, command: str) -> str:
        """Return the first part of the answer to a command, as it comes over the wire."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
            connection.sendall(f"{command}\r\n".encode())
            return connection.recv(65_536).decode()

    def _answers(self) -> bool:
        try:
            return bool(self.ask("PING"))
        except OSError:
            return False
