"""Three servers, three Galera nodes and a broker: how each is broken and mended; it knows not when."""

import random
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.link import Link
from tests.chaos.stage import TERM_MAX_S
from tests.galera.galera import Galera, Node
from tests.support.mariadb import lasting_port
from tests.support.redis import Redis
from tests.support.server import ServerProcess, start_server

SERVERS = ("one", "two", "three")
WHOLE_MAX_S = 90.0  # until a node is one of three again, on a busy machine
START_MAX_S = 120.0  # of a server, beside much other work
POLL_S = 0.2

Mend = Callable[[], list[str]]  # returns what was wrong


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to a part, and for how many seconds, at least and at most."""

    break_it: Callable[[], Mend]
    lasts_s: tuple[float, float]


class ChatMachine:
    """One of the servers, again and again on the same port and data folder, with links of its own.

    :param arguments: of the server, its broker left out.
    """

    def __init__(self, folder: Path, arguments: tuple[str, ...], galera: Galera, redis: Redis) -> None:
        self._folder = folder
        self.database = [Link(node.port) for node in galera.nodes]
        self.broker = Link(redis.port)
        self._url = galera.url_through([link.port for link in self.database])
        self._arguments = (*arguments, "--broker", f"redis://127.0.0.1:{self.broker.port}")
        self.port = lasting_port()
        self.output = ""  # of its former lives
        self.server: ServerProcess
        self.start()

    def start(self) -> list[str]:
        """Start it and wait until it listens."""
        self.server = start_server(
            self._folder,
            *self._arguments,
            database=self._url,
            port=self.port,
            environ={"PYTHONFAULTHANDLER": "1"},
            timeout=START_MAX_S,
        )
        return []

    def kill(self) -> Mend:
        """End it as a power cut does."""
        self.server.kill()
        self.output += self.server.output
        return self.start

    def terminate(self) -> Mend:
        """End it as a service manager does."""
        began = time.monotonic()
        status, took = self.server.stop(), time.monotonic() - began
        self.output += self.server.output
        wrong = [f"SIGTERM: exit status {status}"] if status else []
        if took > TERM_MAX_S:
            wrong.append(f"SIGTERM: the server took {took:.1f} s to end")
        return lambda: wrong + self.start()

    def freeze(self) -> Mend:
        """Stop it where it stands."""
        self.server.freeze()
        return lambda: _go_on(self.server.process)

    def cut(self, links: Sequence[Link]) -> Mend:
        """Cut some of its links."""
        for link in links:
            link.cut()

        def mend() -> list[str]:
            for link in links:
                link.mend()
            return []

        return mend

    def close(self) -> None:
        """End it and its links."""
        if self.server.process.poll() is None:
            self.server.process.send_signal(signal.SIGCONT)
            self.server.kill()
        self.output += self.server.output
        for link in (*self.database, self.broker):
            link.close()


class Machines:
    """All of it; leave it by :meth:`close`.

    :param chance: which of several is broken.
    """

    def __init__(self, folder: Path, tls_files: tuple[Path, Path], chance: random.Random) -> None:
        self._random = chance
        self.galera = Galera()
        self.servers: list[ChatMachine] = []
        try:
            self.redis = Redis()
            certificate, key = map(str, tls_files)
            arguments = (
                *("--cluster", "--no-limits", "--no-files"),
                *("--tls-cert", certificate, "--tls-key", key),
            )
            for name in SERVERS:
                self.servers.append(ChatMachine(folder / name, arguments, self.galera, self.redis))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End everything."""
        for machine in self.servers:
            machine.close()
        if hasattr(self, "redis"):
            self.redis.close()
        self.galera.close()

    @property
    def ports(self) -> list[int]:
        """Where the servers are."""
        return [machine.port for machine in self.servers]

    def faults(self) -> dict[str, Fault]:
        """What can happen, one thing at a time: whatever it is, two nodes and two servers are left."""
        short, long = (0.0, 3.0), (1.0, 8.0)
        return {
            "kill -9 of a server": Fault(lambda: self._server().kill(), short),
            "SIGTERM to a server": Fault(lambda: self._server().terminate(), short),
            "SIGSTOP of a server": Fault(lambda: self._server().freeze(), long),
            "kill -9 of a node": Fault(lambda: self._end_node(signal.SIGKILL), short),
            "SIGTERM to a node": Fault(lambda: self._end_node(signal.SIGTERM), short),
            "SIGSTOP of a node": Fault(self._freeze_node, long),
            "kill -9 of the broker": Fault(self._kill_broker, short),
            "SIGSTOP of the broker": Fault(self._freeze_broker, long),
            "server cut off from the database": Fault(self._cut_database, long),
            "server cut off from the broker": Fault(self._cut_broker, long),
            "node cut off from the others": Fault(self._isolate_node, long),
            "kill -9 of a server and a node": Fault(self._kill_both, short),
            "kill -9 of a server and the broker": Fault(self._kill_server_and_broker, short),
        }

    def _server(self) -> ChatMachine:
        return self._random.choice(self.servers)

    def _node(self) -> Node:
        """The node that all write to, in a third of the cases."""
        return self._random.choice(self.galera.nodes)

    def _end_node(self, number: signal.Signals) -> Mend:
        node = self._node()
        node.signal(number)

        def mend() -> list[str]:
            node.start(self.galera.members)
            return self._until_whole()

        return mend

    def _freeze_node(self) -> Mend:
        node = self._node()
        node.signal(signal.SIGSTOP)

        def mend() -> list[str]:
            node.signal(signal.SIGCONT)
            return self._until_whole()

        return mend

    def _isolate_node(self) -> Mend:
        """Galera takes no part in the group any more, as behind a cut link: the node has no majority."""
        node = self._node()
        node.sql("SET GLOBAL wsrep_provider_options='gmcast.isolate=1'")

        def mend() -> list[str]:
            node.sql("SET GLOBAL wsrep_provider_options='gmcast.isolate=0'")
            return self._until_whole()

        return mend

    def _cut_database(self) -> Mend:
        machine = self._server()
        return machine.cut(machine.database)

    def _cut_broker(self) -> Mend:
        machine = self._server()
        return machine.cut([machine.broker])

    def _until_whole(self) -> list[str]:
        end = time.monotonic() + WHOLE_MAX_S
        while True:
            found = [
                (node.status("wsrep_ready"), node.status("wsrep_cluster_size")) for node in self.galera.nodes
            ]
            if found == [("ON", "3")] * 3:
                return []
            if time.monotonic() > end:
                return [f"the nodes did not find together: {found}"]
            time.sleep(POLL_S)

    def _kill_broker(self) -> Mend:
        self.redis.kill()

        def mend() -> list[str]:
            self.redis.start()
            return []

        return mend

    def _freeze_broker(self) -> Mend:
        self.redis.stop()
        return lambda: _go_on(self.redis.process)

    def _kill_both(self) -> Mend:
        node, server = self._end_node(signal.SIGKILL), self._server().kill()
        return lambda: node() + server()

    def _kill_server_and_broker(self) -> Mend:
        broker, server = self._kill_broker(), self._server().kill()
        return lambda: broker() + server()


def _go_on(process: "subprocess.Popen[bytes]") -> list[str]:
    process.send_signal(signal.SIGCONT)
    return []
