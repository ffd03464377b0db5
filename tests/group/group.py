"""Three MySQL servers with Group Replication, of which one may write, for the chaos of a cluster; no pytest.

They come from a folder in which the packages of a distribution were unpacked, not installed: `MYSQL_ROOT`.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import mysql.connector

from tests.support.killable import Killable
from tests.support.machine import HERE, Machine
from tests.support.mariadb import PASSWORD, USER, lasting_port
from tests.support.waiting import came_true

MYSQL_ROOT: Final = "MYSQL_ROOT"
LIBRARIES: Final = "usr/lib/x86_64-linux-gnu"
START_MAX_S: Final = 120.0
POLL_S: Final = 0.2
ASK_MAX_S: Final = 3
ONLINE: Final = (
    "SELECT COUNT(*) FROM performance_schema.replication_group_members WHERE member_state = 'ONLINE'"
)
# Each server has these from its own beginning: they are no part of what the group holds together.
FIRST: Final = (
    "SET sql_log_bin = 0",
    f"CREATE USER {USER}@'%' IDENTIFIED BY '{PASSWORD}'",
    f"GRANT ALL ON chat.* TO {USER}@'%'",
    "CREATE USER copier@'%' IDENTIFIED BY 'copier'",
    "GRANT REPLICATION SLAVE, CONNECTION_ADMIN, BACKUP_ADMIN, GROUP_REPLICATION_STREAM ON *.* TO copier@'%'",
    "SET sql_log_bin = 1",
    "CHANGE REPLICATION SOURCE TO SOURCE_USER = 'copier', SOURCE_PASSWORD = 'copier'"
    " FOR CHANNEL 'group_replication_recovery'",
)


def root() -> Path | None:
    """Return the folder of the unpacked packages, or None where there is none."""
    folder = os.environ.get(MYSQL_ROOT, "")
    return Path(folder) if folder and (Path(folder) / "usr/sbin/mysqld").exists() else None


class Member(Killable):
    """One of the servers."""

    def __init__(self, folder: Path, number: int, machine: Machine) -> None:
        self.folder, self.number, self.machine = folder, number, machine
        self.port, self.group_port = lasting_port(), lasting_port()
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir()

    def command(self, *arguments: str) -> list[str]:
        """Return the command that runs the program, with libraries of its own."""
        found = root()
        assert found is not None
        libraries = f"{found / LIBRARIES}:{found}/usr/lib/mysql/private"
        return [
            *self.machine.entry, str(found / LIBRARIES / "ld-linux-x86-64.so.2"), "--library-path", libraries,
            str(found / "usr/sbin/mysqld"), "--no-defaults", f"--basedir={found}/usr",
            f"--lc-messages-dir={found}/usr/share/mysql", f"--plugin-dir={found}/usr/lib/mysql/plugin",
            f"--datadir={self.folder}/data", f"--log-error={self.folder}/err.log", "--secure-file-priv=NULL",
            f"--tmpdir={self.folder}",
            *(["--user=mysql"] if os.geteuid() == 0 else []), *arguments,
        ]  # fmt: skip

    def make(self) -> None:
        """Make its data folder."""
        subprocess.run(self.command("--initialize-insecure"), check=True, capture_output=True)

    def start(self, name: str, seeds: str) -> None:
        """Start the server, in no group yet."""
        here = self.machine.address
        self.process = subprocess.Popen(
            self.command(
                f"--server-id={self.number}", f"--port={self.port}", f"--bind-address={here}",
                f"--socket={self.socket}", f"--pid-file={self.folder}/pid", "--mysqlx=OFF",
                "--innodb-buffer-pool-size=64M", "--gtid-mode=ON", "--enforce-gtid-consistency=ON",
                f"--report-host={here}", f"--report-port={self.port}",
                "--plugin-load-add=group_replication.so", f"--group-replication-group-name={name}",
                "--group-replication-start-on-boot=OFF",
                f"--group-replication-local-address={here}:{self.group_port}",
                f"--group-replication-group-seeds={seeds}",
                "--group-replication-recovery-get-public-key=ON",
                "--group-replication-member-expel-timeout=0",
                "--group-replication-consistency=BEFORE_ON_PRIMARY_FAILOVER",
            ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        process = self.process
        done = came_true(lambda: process.poll() is not None or self.ask("SELECT 1"), START_MAX_S, POLL_S)
        if not done or process.poll() is not None:
            raise RuntimeError((self.folder / "err.log").read_text(errors="replace")[-3_000:])

    @property
    def socket(self) -> Path:
        """Where root speaks with it."""
        return self.folder / "s.sock"

    def ask(self, *statements: str) -> list[Any]:
        """Run SQL as root and return the last rows; none where it does not answer."""
        try:
            with closing(self._connect()) as connection, closing(connection.cursor()) as cursor:
                rows: list[Any] = []
                for statement in statements:
                    cursor.execute(statement)
                    rows = cursor.fetchall() if cursor.description else []
                return rows
        except mysql.connector.Error:
            return []

    def run(self, *statements: str) -> None:
        """Run SQL as root, whatever time it takes."""
        with closing(self._connect(60)) as connection, closing(connection.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement)

    def _connect(self, answer_max_s: int = ASK_MAX_S) -> Any:
        return mysql.connector.connect(
            unix_socket=str(self.socket), user="root", connection_timeout=ASK_MAX_S,
            read_timeout=answer_max_s, autocommit=True,
        )  # fmt: skip


class Group:
    """Three servers that elect the one which may write.

    :param machines: where they run.
    """

    #: What docs/run/cluster.md promises of a server that dies, and of one that hangs.
    dies_s, returns_s, hangs_s = 10.0, 15.0, 15.0

    def __init__(self, machines: Sequence[Machine] = (HERE, HERE, HERE)) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gr-", dir="/dev/shm"))
        self.folder.chmod(0o755)
        self.nodes = [
            Member(self.folder / f"n{number}", number, machine) for number, machine in enumerate(machines, 1)
        ]
        self._name = str(uuid.uuid4())
        self._seeds = ",".join(f"{node.machine.address}:{node.group_port}" for node in self.nodes)
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        first = self.nodes[0]
        for node in self.nodes:
            if os.geteuid() == 0:
                subprocess.run(["chown", "-R", "mysql:", str(node.folder)], check=True)
            node.make()
            node.start(self._name, self._seeds)
            node.run(*FIRST)
            bootstrap = "SET GLOBAL group_replication_bootstrap_group = "
            if node is first:
                node.run(f"{bootstrap}ON", "START GROUP_REPLICATION", f"{bootstrap}OFF")
                node.run("CREATE DATABASE chat CHARACTER SET utf8mb4")
            else:
                node.run("START GROUP_REPLICATION")
        if not came_true(self.is_whole, START_MAX_S, POLL_S):
            raise RuntimeError(f"the group is not whole: {self.seen()}")

    def restart(self, place: int) -> None:
        """Start a server that ended, by its place among them, and let it join the group."""
        node = self.nodes[place]
        node.start(self._name, self._seeds)
        node.run("START GROUP_REPLICATION")

    def seen(self) -> list[Any]:
        """Return how many members each sees."""
        return [node.ask(ONLINE) for node in self.nodes]

    def is_whole(self) -> bool:
        """Whether all are one group; one that was thrown out while it hung joins again."""
        for node in self.nodes:
            if node.ask(
                "SELECT member_state FROM performance_schema.replication_group_members"
                " WHERE member_id = @@server_uuid"
            ) in ([("ERROR",)], [("OFFLINE",)]):
                node.ask("STOP GROUP_REPLICATION")
                node.ask("START GROUP_REPLICATION")
        return self.seen() == [[(len(self.nodes),)]] * len(self.nodes)

    def isolate(self, place: int) -> Callable[[], object]:
        """Freeze a member: without a network to cut, nothing else parts it from the others."""
        node = self.nodes[place]
        node.signal(signal.SIGSTOP)
        return lambda: node.signal(signal.SIGCONT)

    def close(self) -> None:
        """Kill what runs, and remove the folders."""
        for node in self.nodes:
            node.kill_if_running()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url_through(self, ways: Sequence[tuple[str, int]]) -> str:
        """Return the URL with the addresses and ports that lead to the servers, in their order."""
        places = ",".join(f"{address}:{port}" for address, port in ways)
        return f"mysql://{USER}:{quote(PASSWORD, safe='')}@{places}/chat?tls=require"
