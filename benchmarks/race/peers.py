"""Starts IRC servers on loopback with every limit lifted; it must not know what is measured."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.connection import Target

START_TIMEOUT_S: Final = 20.0
END_TIMEOUT_S: Final = 10.0
INSTALL: Final = "apt-get install inspircd ngircd"
PLACES: Final = ("/usr/sbin",)  # where Debian puts servers, beside the PATH

_USER: Final = "ServerUID = root"  # of ngircd, which refuses to run as root without a word
_INSPIRCD: Final = """
<server name="irc.local" description="bench" network="bench">
<admin name="bench" nick="bench" email="root@localhost">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect name="all" allow="*" timeout="600" pingfreq="3600" hardsendq="2147483647" softsendq="2147483647"
  recvq="1048576" localmax="100000" globalmax="100000" limit="100000" maxconnwarn="no" resolvehostnames="no"
  useident="no" usednsbl="no" threshold="1000000" commandrate="1000000000" fakelag="no" maxchans="1000">
<cidr ipv4clone="32" ipv6clone="128">
<files motd="{folder}/motd">
<dns server="127.0.0.1" timeout="1">
<pid file="{folder}/pid">
<path configdir="{folder}" datadir="{folder}" logdir="{folder}" runtimedir="{folder}">
<performance quietbursts="yes" softlimit="100000" clonesonconnect="no" somaxconn="4096" netbuffersize="65534">
<limits maxnick="30" maxchan="64" maxline="1024">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="{folder}/log">
"""
_NGIRCD: Final = """
[Global]
    Name = irc.local
    Info = bench
    Listen = 127.0.0.1
    Ports = {port}
    MotdPhrase = bench
    PidFile = {folder}/pid
    {user}
[Limits]
    MaxConnections = 0
    MaxConnectionsIP = 0
    MaxJoins = 0
    MaxNickLength = 30
    MaxPenaltyTime = 0
    PingTimeout = 3600
    PongTimeout = 3600
[Options]
    DNS = no
    Ident = no
    PAM = no
    DefaultUserModes =
    RequireAuthPing = no
"""


def _run_inspircd(program: str, settings: Path) -> list[str]:
    as_root = ["--runasroot"] if os.geteuid() == 0 else []
    return [program, "--nofork", *as_root, "--config", str(settings)]


def _run_ngircd(program: str, settings: Path) -> list[str]:
    return [program, "-n", "-f", str(settings)]


_PEERS: Final[dict[str, tuple[str, Callable[[str, Path], list[str]]]]] = {
    "inspircd": (_INSPIRCD, _run_inspircd),
    "ngircd": (_NGIRCD, _run_ngircd),
}
NAMES: Final = tuple(_PEERS)
WITH_NAGLE: Final = ("ngircd",)  # what they have to say waits for the acknowledgement of what they said


class PeerMissing(Exception):
    """The IRC server is not installed, or does not start; the text says what to do."""


def program_of(name: str) -> str:
    """Return the path of an IRC server.

    :raises PeerMissing: when it is not installed.
    """
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *PLACES]))
    if found is None:
        raise PeerMissing(f"{name} is missing; install it with: sudo {INSTALL}")
    return found


@contextmanager
def running(name: str) -> Iterator[Target]:
    """An IRC server that serves loopback for the length of a `with` block.

    :raises PeerMissing: when it is not installed or does not start.
    """
    program = program_of(name)
    template, command = _PEERS[name]
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix=f"{name}-") as folder:
        settings = Path(folder, "settings.conf")
        user = _USER if os.geteuid() == 0 else ""
        settings.write_text(template.format(port=port, folder=folder, user=user), "utf-8")
        Path(folder, "motd").write_text("bench\n", "utf-8")
        with Path(folder, "output").open("w") as output:
            process = subprocess.Popen(command(program, settings), stdout=output, stderr=output)
        try:
            _wait_for(port, process, name, Path(folder, "output"))
            yield Target("127.0.0.1", port, False, (process.pid,))
        finally:
            process.terminate()
            process.wait(END_TIMEOUT_S)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: "subprocess.Popen[bytes]", name: str, output: Path) -> None:
    give_up_at = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < give_up_at:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)  # there is nothing to wait on but the port itself
        else:
            return
    raise PeerMissing(f"{name} did not start: {output.read_text(errors='replace')[-500:]}")
