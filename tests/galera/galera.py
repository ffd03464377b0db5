"""Three MariaDB servers with Galera on loopback, for `python -m tests.galera`; no pytest.

As root the servers run as the user mysql: rsync copies the first one's data to the others, and fails as root.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from tests.support.killable import Killable
from tests.support.machine import HERE, Machine
from tests.support.mariadb import LOG_SIZE, PASSWORD, USER, lasting_port, program
from tests.support.own_server import run_program
from tests.support.waiting import came_true

PROVIDER = Path("/usr/lib/galera/libgalera_smm.so")
START_MAX_S = 120.0
POLL_S = 0.2
INSTALL_COMMAND = "apt-get install mariadb-server galera-4 rsync"
# The same on all nodes: docs/run/cluster.md.
EVS = (
    "evs.inactive_check_period=PT0.5S;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT5S;"
    "evs.keepalive_period=PT0.5S;evs.join_retrans_period=PT0.3S"
)


def is_installed() -> bool:
    """Return whether all that it needs is there."""
    return program() is not None and PROVIDER.exists() and shutil.which("rsync") is not None


class Node(Killable):
    """One of the servers."""

    def __init__(self, folder: Path, number: int, user: list[str], machine: Machine = HERE) -> None:
        self.folder, self.number, self.machine = folder, number, machine
        self.port, self.group_port, self.ist_port, self.sst_port = (lasting_port() for _ in range(4))
        self._user = user
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, cluster: str) -> None:
        """Start the server as a member of a cluster; the first one with an empty one."""
        server = program()
        assert server is not None
        for name in ("tmp", "data"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        own(self.folder)
        here = self.machine.address
        options = (
            f"{EVS};base_host={here};base_port={self.group_port};gcache.size=32M;"
            f"gmcast.listen_addr=tcp://{here}:{self.group_port};ist.recv_addr={here}:{self.ist_port}"
        )
        self.process = subprocess.Popen(
            [
                *self.machine.entry, server, "--no-defaults",
                f"--datadir={self.folder}/data", f"--tmpdir={self.folder}/tmp",
                f"--socket={self.socket}", f"--pid-file={self.folder}/pid",
                f"--log-error={self.folder}/err.log", f"--bind-address={here}",
                f"--port={self.port}", "--binlog-format=ROW", LOG_SIZE,
                "--innodb-autoinc-lock-mode=2", "--innodb-buffer-pool-size=64M", "--wsrep-on=ON",
                f"--wsrep-provider={PROVIDER}", "--wsrep-cluster-name=chat",
                f"--wsrep-cluster-address={cluster}",
                f"--wsrep-node-name=n{self.number}", f"--wsrep-node-address={here}:{self.group_port}",
                "--wsrep-sst-method=rsync", f"--wsrep-sst-receive-address={here}:{self.sst_port}",
                f"--wsrep-provider-options={options}", *self._user,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        process = self.process
        done = came_true(
            lambda: process.poll() is not None or self.status("wsrep_ready") == "ON", START_MAX_S, POLL_S
        )
        if not done or process.poll() is not None:
            raise RuntimeError((self.folder / "err.log").read_text(errors="replace")[-3_000:])

    @property
    def socket(self) -> Path:
        """Where root speaks with it."""
        return self.folder / "s.sock"

    def sql(self, text: str) -> str:
        """Run SQL as root; an empty text where it does not answer."""
        done = subprocess.run(
            [
                "mariadb",
                "--no-defaults",
                f"--socket={self.socket}",
                "--user=root",
                "-N",
                "-B",
                "--connect-timeout=2",
            ],
            input=text.encode(),
            capture_output=True,
        )
        return done.stdout.decode()

    def status(self, name: str) -> str:
        """Return a status variable's value."""
        return self.sql(f"SHOW STATUS LIKE '{name}'").partition("\t")[2].strip()


def own(folder: Path) -> None:
    """Give a folder to the user that the servers run as."""
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "mysql:", str(folder)], check=True)


class Galera:
    """Three nodes; leave it by `with`.

    :param machines: where they run.
    """

    #: What docs/run/cluster.md promises of a node that dies, is back at once, or hangs.
    dies_s, returns_s, hangs_s = 5.0, 5.0, 8.0

    def __init__(self, machines: Sequence[Machine] = (HERE, HERE, HERE)) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ga-", dir="/dev/shm"))
        self.folder.chmod(0o755)
        user = ["--user=mysql"] if os.geteuid() == 0 else []
        self.nodes = [
            Node(self.folder / f"n{number}", number, user, machine)
            for number, machine in enumerate(machines, 1)
        ]
        first = self.nodes[0]
        first.folder.mkdir()
        own(self.folder)
        run_program(
            ["mariadb-install-db", "--no-defaults", f"--datadir={first.folder}/data", "--skip-test-db",
             LOG_SIZE,
             "--auth-root-authentication-method=normal", f"--tmpdir={self.folder}", *user],
            START_MAX_S,
        )  # fmt: skip
        self.members = "gcomm://" + ",".join(
            f"{node.machine.address}:{node.group_port}" for node in self.nodes
        )
        try:
            self._start(first)
        except BaseException:
            self.close()
            raise

    def _start(self, first: Node) -> None:
        first.start("gcomm://")
        for node in self.nodes[1:]:
            node.start(self.members)
        first.sql(
            f"CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';"
            "CREATE DATABASE chat CHARACTER SET utf8mb4;"
            f"GRANT ALL ON chat.* TO '{USER}'@'%'"
        )

    def restart(self, place: int) -> None:
        """Start a node that ended, by its place among them."""
        self.nodes[place].start(self.members)

    def seen(self) -> list[tuple[str, str]]:
        """Return whether each is ready, and how many it sees."""
        return [(node.status("wsrep_ready"), node.status("wsrep_cluster_size")) for node in self.nodes]

    def is_whole(self) -> bool:
        """Whether all are one cluster."""
        return self.seen() == [("ON", str(len(self.nodes)))] * len(self.nodes)

    def isolate(self, place: int) -> Callable[[], object]:
        """Have Galera itself let nothing pass to a node; return what mends that."""
        node = self.nodes[place]
        node.sql("SET GLOBAL wsrep_provider_options='gmcast.isolate=1'")
        return lambda: node.sql("SET GLOBAL wsrep_provider_options='gmcast.isolate=0'")

    def __enter__(self) -> "Galera":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill what runs, and remove the folders."""
        for node in self.nodes:
            node.kill_if_running()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """The database's URL, the nodes in their order."""
        return self.url_through([(node.machine.address, node.port) for node in self.nodes])

    def url_through(self, ways: Sequence[tuple[str, int]]) -> str:
        """Return the URL with other addresses and ports that lead to the nodes, in their order."""
        places = ",".join(f"{address}:{port}" for address, port in ways)
        return f"mysql://{USER}:{quote(PASSWORD, safe='')}@{places}/chat?tls=off"
