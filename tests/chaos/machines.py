"""Three servers, three Galera nodes and a broker: how each is broken and mended; it knows not when."""

import random
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.bounds import (
    BROKER_DIES,
    BROKER_HANGS,
    SERVER_APART,
    SERVER_DIES,
    SERVER_SILENT,
    Bound,
    afterwards,
    writes,
)
from tests.chaos.network import Mending, Namespaces, Network
from tests.chaos.stage import TERM_MAX_S
from tests.chaos.talker import Place
from tests.galera.galera import Galera
from tests.group.group import Group
from tests.support.machine import Machine
from tests.support.mariadb import lasting_port
from tests.support.redis import Redis
from tests.support.server import ServerProcess, start_server
from tests.support.waiting import came_true

SERVERS = ("one", "two", "three")
NODES = ("n1", "n2", "n3")
BROKER = "broker"
WHOLE_MAX_S = 90.0  # until a node is one of three again, on a busy machine
START_MAX_S = 120.0  # of a server, beside much other work
POLL_S = 0.2

Mend = Callable[[], list[str]]  # returns what was wrong


@dataclass(frozen=True, slots=True)
class Broken:
    """Something is broken.

    :param mend: mends it.
    :param hit: the servers whose clients it concerns, by their places.
    """

    mend: Mend
    hit: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to a part, for how many seconds, at least and at most, and what that may cost."""

    break_it: Callable[[], Broken]
    lasts_s: tuple[float, float]
    bounds: tuple[Bound, ...]


class ChatMachine:
    """One of the servers, again and again on the same port and data folder, on a machine of its own.

    :param arguments: of the server, its broker left out.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        arguments: tuple[str, ...],
        network: Network,
        database: Galera | Group,
        redis: Redis,
    ) -> None:
        self.name = name
        self._folder = folder
        self._machine = network.machine(name)
        nodes = zip(NODES, [each.port for each in database.nodes], strict=True)
        self._url = database.url_through([network.way(name, node, port) for node, port in nodes])
        host, port = network.way(name, BROKER, redis.port)
        self._arguments = (*arguments, "--broker", f"redis://{host}:{port}")
        self.port = lasting_port()
        self.output = ""  # of its former lives
        self.server: ServerProcess
        self.start()

    @property
    def place(self) -> Place:
        """Where clients reach it."""
        return self._machine.address, self.port

    def start(self) -> list[str]:
        """Start it and wait until it listens."""
        self.server = start_server(
            self._folder,
            *self._arguments,
            database=self._url,
            port=self.port,
            machine=self._machine,
            environ={"PYTHONFAULTHANDLER": "1"},
            timeout=START_MAX_S,
        )
        return []

    def kill(self) -> Broken:
        """End it as a power cut does."""
        self.server.kill()
        self.output += self.server.output
        return Broken(self.start, (self.place,))

    def terminate(self) -> Broken:
        """End it as a service manager does."""
        began = time.monotonic()
        status, took = self.server.stop(), time.monotonic() - began
        self.output += self.server.output
        wrong = [f"SIGTERM: exit status {status}"] if status else []
        if took > TERM_MAX_S:
            wrong.append(f"SIGTERM: the server took {took:.1f} s to end")
        return Broken(lambda: wrong + self.start(), (self.place,))

    def freeze(self) -> Broken:
        """Stop it where it stands."""
        self.server.freeze()
        return Broken(lambda: _go_on(self.server.process), (self.place,))

    def close(self) -> None:
        """End it."""
        if self.server.process.poll() is None:
            self.server.process.send_signal(signal.SIGCONT)
            self.server.kill()
        self.output += self.server.output


class Machines:
    """All of it; leave it by :meth:`close`.

    :param network: between them; it is closed, too.
    :param make_database: of three nodes on the machines it is given.
    :param chance: which of several is broken.
    """

    def __init__(
        self,
        folder: Path,
        tls_files: tuple[Path, Path],
        network: Network,
        chance: random.Random,
        make_database: Callable[[Sequence[Machine]], Galera | Group] = Galera,
    ) -> None:
        self._random = chance
        self._network = network
        self.servers: list[ChatMachine] = []
        self.database = make_database([network.machine(name) for name in NODES])
        try:
            self.redis = Redis(machine=network.machine(BROKER))
            certificate, key = map(str, tls_files)
            arguments = (
                *("--cluster", "--no-limits", "--no-files"),
                *("--tls-cert", certificate, "--tls-key", key),
            )
            for name in SERVERS:
                machine = ChatMachine(name, folder / name, arguments, network, self.database, self.redis)
                self.servers.append(machine)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End everything."""
        for machine in self.servers:
            machine.close()
        if hasattr(self, "redis"):
            self.redis.close()
        self.database.close()
        self._network.close()

    @property
    def places(self) -> list[Place]:
        """Where the servers are."""
        return [machine.place for machine in self.servers]

    def pids(self) -> tuple[list[int], list[int]]:
        """Return the processes of servers and of nodes, as they are now."""
        nodes = [node.process.pid for node in self.database.nodes if node.process is not None]
        return [machine.server.pid for machine in self.servers], nodes

    def faults(self) -> dict[str, Fault]:
        """What can happen, one thing at a time: whatever it is, two nodes and two servers are left."""
        short, long = (0.0, 3.0), (1.0, 8.0)
        node_dies, node_hangs = (writes(self.database.dies_s),), (writes(self.database.hangs_s),)
        split = (afterwards(3.0), *node_hangs)
        # A service manager waits so long before it starts a node again (RestartSec of MariaDB's unit).
        later = (5.0, 8.0)
        faults = {
            "kill -9 of a server": Fault(lambda: self._server().kill(), short, SERVER_DIES),
            "SIGTERM to a server": Fault(lambda: self._server().terminate(), short, SERVER_DIES),
            "SIGSTOP of a server": Fault(lambda: self._server().freeze(), long, SERVER_APART),
            "kill -9 of a node": Fault(lambda: self._end_node(signal.SIGKILL), later, node_dies),
            "kill -9 of a node that is back at once": Fault(
                lambda: self._end_node(signal.SIGKILL), short, (writes(self.database.returns_s),)
            ),
            "SIGTERM to a node": Fault(lambda: self._end_node(signal.SIGTERM), short, node_dies),
            "SIGSTOP of a node": Fault(self._freeze_node, long, node_hangs),
            "kill -9 of the broker": Fault(self._kill_broker, short, BROKER_DIES),
            "SIGSTOP of the broker": Fault(self._freeze_broker, long, BROKER_HANGS),
            "server cut off from the database": Fault(self._cut_database, long, SERVER_APART),
            "server cut off from the broker": Fault(self._cut_broker, long, BROKER_HANGS),
            "node cut off from the others": Fault(self._isolate_node, long, node_dies),
            "kill -9 of a server and a node": Fault(self._kill_both, short, node_hangs),
            "kill -9 of a server and the broker": Fault(self._kill_server_and_broker, short, SERVER_DIES),
        }
        if isinstance(self._network, Namespaces):
            unplug = self._network.unplug
            faults |= {
                "a server's cable pulled": Fault(lambda: self._unplug_server(unplug), long, SERVER_SILENT),
                "a node's cable pulled": Fault(lambda: self._unplug_node(unplug), long, node_hangs),
                "a node and a server split off": Fault(lambda: self._split(1), long, split),
                "a node and two servers split off": Fault(lambda: self._split(2), long, split),
            }
        return faults

    def _server(self) -> ChatMachine:
        return self._random.choice(self.servers)

    def _node(self) -> int:
        """The node that all write to, in a third of the cases, by its place."""
        return self._random.randrange(len(NODES))

    def _end_node(self, number: signal.Signals) -> Broken:
        place = self._node()
        self.database.nodes[place].signal(number)

        def mend() -> list[str]:
            self.database.restart(place)
            return self._until_whole()

        return Broken(mend)

    def _freeze_node(self) -> Broken:
        node = self.database.nodes[self._node()]
        node.signal(signal.SIGSTOP)

        def mend() -> list[str]:
            node.signal(signal.SIGCONT)
            return self._until_whole()

        return Broken(mend)

    def _isolate_node(self) -> Broken:
        """The node is reached, but has no majority any more."""
        place = self._node()
        if isinstance(self._network, Namespaces):
            return self._parted(self._network.cut([NODES[place]], [*NODES[:place], *NODES[place + 1 :]]))
        return self._parted(self.database.isolate(place))  # no relay is between nodes

    def _parted(self, mend_network: Callable[[], object], hit: tuple[Place, ...] = ()) -> Broken:
        def mend() -> list[str]:
            mend_network()
            return self._until_whole()

        return Broken(mend, hit)

    def _cut_database(self) -> Broken:
        machine = self._server()
        return _cut(self._network.cut([machine.name], NODES), (machine.place,))

    def _cut_broker(self) -> Broken:
        machine = self._server()
        return _cut(self._network.cut([machine.name], [BROKER]), ())

    def _unplug_server(self, unplug: Callable[[str], Mending]) -> Broken:
        machine = self._server()
        return _cut(unplug(machine.name), (machine.place,))

    def _unplug_node(self, unplug: Callable[[str], Mending]) -> Broken:
        return self._parted(unplug(self._random.choice(NODES)))

    def _split(self, servers: int) -> Broken:
        """Two sides, of which each hears only itself; clients reach both, the broker is on either."""
        away = self._random.sample(self.servers, servers)
        side = {self._random.choice(NODES), *(machine.name for machine in away)}
        side |= self._random.choice([set(), {BROKER}])
        rest = {*NODES, *SERVERS, BROKER} - side
        return self._parted(self._network.cut(side, rest), tuple(machine.place for machine in away))

    def _until_whole(self) -> list[str]:
        if came_true(self.database.is_whole, WHOLE_MAX_S, POLL_S):
            return []
        return [f"the nodes did not find together: {self.database.seen()}"]

    def _kill_broker(self) -> Broken:
        self.redis.kill()

        def mend() -> list[str]:
            self.redis.start()
            return []

        return Broken(mend)

    def _freeze_broker(self) -> Broken:
        self.redis.stop()
        return Broken(lambda: _go_on(self.redis.process))

    def _kill_both(self) -> Broken:
        return _together(self._end_node(signal.SIGKILL), self._server().kill())

    def _kill_server_and_broker(self) -> Broken:
        return _together(self._kill_broker(), self._server().kill())


def _together(one: Broken, other: Broken) -> Broken:
    return Broken(lambda: one.mend() + other.mend(), one.hit + other.hit)


def _cut(mend_network: Mending, hit: tuple[Place, ...]) -> Broken:
    def mend() -> list[str]:
        mend_network()
        return []

    return Broken(mend, hit)


def _go_on(process: "subprocess.Popen[bytes]") -> list[str]:
    process.send_signal(signal.SIGCONT)
    return []
