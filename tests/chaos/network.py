"""The network between servers, nodes and broker, and how it is cut; it knows no program.

As root each machine is a network namespace of its own on one bridge, and a cut drops packets on both sides.
Else everything is on loopback, and what servers say passes relays that can be cut.
"""

import ctypes
import os
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from tests.chaos.link import Link
from tests.support.machine import HERE, Machine
from tests.support.waiting import until

CLONE_NEWNET: Final = 0x40000000  # <linux/sched.h>
PROGRAMS: Final = ("ip", "nft", "nsenter", "unshare")
NETWORK: Final = "10.77.0"
BRIDGE: Final = "chaos"
CUT: Final = (
    "table inet cut { set away { type ipv4_addr; };"
    " chain in { type filter hook input priority 0; ip saddr @away drop; };"
    " chain out { type filter hook output priority 0; ip daddr @away drop; }; }"
)

Names = Collection[str]
Mending = Callable[[], None]


class Network(ABC):
    """Machines by their names, and the ways between them."""

    name: str  # for people

    @abstractmethod
    def machine(self, name: str) -> Machine:
        """Return a machine of that name."""

    @abstractmethod
    def way(self, source: str, target: str, port: int) -> tuple[str, int]:
        """Return where one machine reaches a port of another one."""

    @abstractmethod
    def cut(self, some: Names, others: Names) -> Mending:
        """Let nothing pass between some machines and others, close nothing; return what mends that."""

    @abstractmethod
    def close(self) -> None:
        """Take it all down."""


class Relays(Network):
    """Everything on loopback, with a relay on each way. Machines that were given no way cannot be cut."""

    name = "relays on loopback"

    def __init__(self) -> None:
        self._links: dict[tuple[str, str], Link] = {}

    def machine(self, name: str) -> Machine:
        return HERE

    def way(self, source: str, target: str, port: int) -> tuple[str, int]:
        link = self._links[source, target] = Link(port)
        return HERE.address, link.port

    def cut(self, some: Names, others: Names) -> Mending:
        links = [
            link
            for (source, target), link in self._links.items()
            if (source in some and target in others) or (source in others and target in some)
        ]
        for link in links:
            link.cut()

        def mend() -> None:
            for link in links:
                link.mend()

        return mend

    def close(self) -> None:
        for link in self._links.values():
            link.close()


class Namespaces(Network):
    """A namespace for each machine. They and the bridge are in one that this process makes for itself.

    Whatever becomes of this process, nothing of it is left. It must not have started a thread before.
    """

    name = "network namespaces"

    def __init__(self) -> None:
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unshare")
        self._holders: dict[str, subprocess.Popen[bytes]] = {}
        self._machines: dict[str, Machine] = {}
        for command in (
            "ip link set lo up",
            f"ip link add {BRIDGE} type bridge",
            f"ip link set {BRIDGE} up",
            f"ip addr add {NETWORK}.1/24 dev {BRIDGE}",
        ):
            _run(command.split())

    def machine(self, name: str) -> Machine:
        # It ends when its standard input does, at the latest with this process.
        holder = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE)
        self._holders[name] = holder
        place = Path(f"/proc/{holder.pid}/ns/net")
        own = Path("/proc/self/ns/net").readlink()
        until(lambda: place.readlink() != own)
        machine = Machine(f"{NETWORK}.{len(self._holders) + 1}", ("nsenter", f"--net={place}"))
        self._machines[name] = machine
        _run(f"ip link add {_cable(name)} type veth peer name eth0 netns {holder.pid}".split())
        _run(f"ip link set {_cable(name)} master {BRIDGE} up".split())
        for command in (
            "ip link set lo up",
            f"ip addr add {machine.address}/24 dev eth0",
            "ip link set eth0 up",
        ):
            _run([*machine.entry, *command.split()])
        _run([*machine.entry, "nft", CUT])
        return machine

    def way(self, source: str, target: str, port: int) -> tuple[str, int]:
        return self._machines[target].address, port

    def cut(self, some: Names, others: Names) -> Mending:
        def everywhere(verb: str) -> None:
            for near, far in ((some, others), (others, some)):
                away = ", ".join(self._machines[name].address for name in far)
                for name in near:
                    _run([*self._machines[name].entry, "nft", f"{verb} element inet cut away {{ {away} }}"])

        everywhere("add")
        return lambda: everywhere("delete")

    def unplug(self, name: str) -> Mending:
        """Pull a machine's cable; return what puts it back."""
        _run(["ip", "link", "set", _cable(name), "down"])
        return lambda: _run(["ip", "link", "set", _cable(name), "up"])

    def close(self) -> None:
        for holder in self._holders.values():
            holder.communicate()


def why_no_namespaces() -> str:
    """Return why there can be no namespaces here; nothing where there can be."""
    if os.geteuid():
        return "only root may make network namespaces"
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        return f"{', '.join(missing)} is missing (apt-get install iproute2 nftables util-linux)"
    tried = subprocess.run(
        ["unshare", "--net", "sh", "-ec", f"ip link add {BRIDGE} type bridge; nft '{CUT}'"],
        capture_output=True,
        text=True,
    )
    return tried.stderr.strip() if tried.returncode else ""


def _cable(name: str) -> str:
    return f"v-{name}"


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True)
