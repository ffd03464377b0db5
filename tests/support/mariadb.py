"""A private MariaDB server for tests: made once per run, copied per use, ended with its folder. No pytest.

It lives in memory (`/dev/shm`) where there is such a folder: durability is not what these tests are about.
"""

import atexit
import contextlib
import functools
import os
import random
import shutil
import socket
import tempfile
from pathlib import Path
from urllib.parse import quote

from tests.support.own_server import OwnServer, run_program

SERVER = "mariadbd"
INSTALL_COMMAND = "apt-get install mariadb-server"
START_MAX_S = 60.0
USER = "chat"
PASSWORD = "p@ss/wörd:%#"  # every sign that a URL must encode
LASTING_PORTS = (20_000, 32_000)
LOG_SIZE = "--innodb-log-file-size=16M"


def program() -> str | None:
    """Return the path of the server program, or None where MariaDB is not installed."""
    return shutil.which(SERVER) or shutil.which(SERVER, path="/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    """Return a TCP port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lasting_port() -> int:
    """Return a free port for a program that is started again on it.

    It lies below those that the system gives to outgoing connections: meanwhile none of them can take it.
    """
    while True:
        port = random.randrange(*LASTING_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _temporary_folder() -> Path:
    # A short path: one of a socket may have 107 bytes.
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="pm-", dir=memory if os.access(memory, os.W_OK) else None))


def _run_as() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []


@functools.cache
def _template() -> Path:
    """Make the data folder that the servers of this run are copies of."""
    folder = _temporary_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    install = [
        "mariadb-install-db",
        "--no-defaults",
        f"--datadir={folder}/data",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        f"--tmpdir={folder}",
        LOG_SIZE,
        *_run_as(),
    ]
    run_program(install, START_MAX_S)
    with MariaDb(folder / "data") as server:
        server.sql(
            f"CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';"
            f"GRANT ALL ON *.* TO '{USER}'@'%'; FLUSH PRIVILEGES"
        )
        server.end()
        shutil.copytree(server.folder / "data", folder / "ready")
    return folder / "ready"


class MariaDb(OwnServer):
    """One with a data folder of its own."""

    START_MAX_S = START_MAX_S

    def __init__(
        self,
        template: Path | None = None,
        options: tuple[str, ...] = ("--skip-log-bin",),
        folder: Path | None = None,
    ) -> None:
        """Copy the data folder and start the server.

        :param options: further options of `mariadbd`; without a binary log unless they say more.
        :param folder: where the server is to live when not in memory; it goes with the server.
        """
        super().__init__(_temporary_folder() if folder is None else folder)
        self.port = lasting_port()
        self.socket = self.folder / "s.sock"
        self.options = options
        self._databases = 0
        shutil.copytree(_template() if template is None else template, self.folder / "data")
        self.start()

    def url(self, database: str = "chat", *, unix_socket: bool = False) -> str:
        """Return the URL of a database on this server."""
        place = f"{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/{database}"
        return f"mysql://{place}" + (
            f"?unix_socket={quote(str(self.socket), safe='')}" if unix_socket else ""
        )

    def new_database(self, *, unix_socket: bool = False) -> str:
        """Make an empty database and return its URL."""
        self._databases += 1
        name = f"chat{self._databases}"
        self.sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        return self.url(name, unix_socket=unix_socket)

    def sql(self, text: str, database: str = "") -> str:
        """Run SQL as root in the `mariadb` program and return its output: a line a row, columns by tab."""
        program = ["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", "-N", "-B", database]
        return run_program(program, START_MAX_S, text=text)

    def command(self) -> list[str]:
        found = program()
        assert found is not None, INSTALL_COMMAND
        return [
            found,
            "--no-defaults",
            f"--datadir={self.folder}/data",
            # A server that starts removes all "#sql" files of its folder for temporary ones, others' too.
            f"--tmpdir={self.folder}",
            f"--socket={self.socket}",
            f"--pid-file={self.folder}/pid",
            f"--log-error={self.folder}/err.log",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            "--innodb-buffer-pool-size=64M",
            LOG_SIZE,
            *_run_as(),
            *self.options,
        ]

    def answers(self) -> bool:
        """The server speaks first: a byte of its greeting is enough."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
                return bool(probe.recv(1))
        except OSError:
            return False

    def complaint(self) -> str:
        return (self.folder / "err.log").read_text(errors="replace")
