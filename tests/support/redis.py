"""A private Redis server for tests: on a free port, in memory, ended with its folder. No pytest."""

import shutil
import socket
import tempfile
from pathlib import Path

from tests.support.machine import HERE, Machine
from tests.support.mariadb import lasting_port
from tests.support.own_server import OwnServer

SERVER = "redis-server"
INSTALL_COMMAND = "apt-get install redis-server"


def program() -> str | None:
    """Return the path of the server program, or None where Redis is not installed."""
    return shutil.which(SERVER)


class Redis(OwnServer):
    """One that comes back on the same port.

    :param options: further options of `redis-server`.
    :param machine: where it runs.
    :param sentinel: the settings of a Sentinel that this is to be, in place of a broker.
    """

    def __init__(self, *options: str, sentinel: Path | None = None, machine: Machine = HERE) -> None:
        super().__init__(Path(tempfile.mkdtemp(prefix="redis-")))
        self.port = lasting_port()
        self._role = (str(sentinel), "--sentinel") if sentinel else ("--save", "", "--appendonly", "no")
        self._options = options
        self._machine = machine
        self.start()

    @property
    def url(self) -> str:
        """Where it is, as `--broker` takes it."""
        return f"redis://{self._machine.address}:{self.port}/0"

    def command(self) -> list[str]:
        found = program()
        assert found is not None, INSTALL_COMMAND
        return [
            *self._machine.entry, found, *self._role, "--port", str(self.port),
            "--bind", self._machine.address, "--protected-mode", "no",
            "--dir", str(self.folder), "--loglevel", "warning", *self._options,
        ]  # fmt: skip

    def ask(self, command: str) -> str:
        """Return the first part of the answer to a command, as it comes over the wire."""
        with socket.create_connection((self._machine.address, self.port), timeout=1) as connection:
            connection.sendall(f"{command}\r\n".encode())
            return connection.recv(65_536).decode()

    def answers(self) -> bool:
        try:
            return bool(self.ask("PING"))
        except OSError:
            return False

    def complaint(self) -> str:
        return "Redis did not start"
