"""Starts a private MariaDB, Redis where it is installed, and two servers with --cluster; Ctrl-C ends all.

`python -m tests.cluster` prints where the servers are and one invitation to them. Nothing is kept.
"""

import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

from chat_protocol.invitations import Invitation
from tests.support.certificate import make_certificate
from tests.support.mariadb import INSTALL_COMMAND, MariaDb, program
from tests.support.redis import Redis
from tests.support.redis import program as redis_program
from tests.support.server import ServerProcess, start_server

NAMES = ("one", "two")


@contextmanager
def cluster(folder: Path, url: str, broker: str = "", *arguments: str) -> Iterator[list[ServerProcess]]:
    """Start servers with one certificate on a database, and stop those that still run at the end.

    :param broker: where their broker is; empty where there is none.
    :param arguments: further ones of the servers.
    """
    certificate, key = make_certificate(folder)
    with ExitStack() as stack:
        servers = []
        for name in NAMES:
            server = start_server(
                *(folder / name, "--cluster", "--no-files", "--tls-cert", str(certificate)),
                *("--tls-key", str(key), *(("--broker", broker) if broker else ()), *arguments),
                database=url,
            )
            stack.callback(server.stop)
            servers.append(server)
        yield servers


def invitation(servers: list[ServerProcess]) -> Invitation:
    """Return the invitation to the servers."""
    first, *others = [(server.host, server.port) for server in servers]
    return Invitation(*first, servers[0].fingerprint or "", also=tuple(others))


def main() -> int:
    """Run until Ctrl-C or SIGTERM, and return the exit status."""
    if program() is None:
        print(f"MariaDB is missing; install it with: sudo {INSTALL_COMMAND}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chat-cluster-")))
            database = stack.enter_context(MariaDb())
            broker = stack.enter_context(Redis()).url if _has_broker() else ""
            servers = stack.enter_context(cluster(folder, database.new_database(), broker))
            _show(servers, broker)
            signal.pause()
    except KeyboardInterrupt:
        print("\nended, and nothing kept")
    return 0


def _has_broker() -> bool:
    """Whether Redis and the package that speaks with it are installed."""
    return redis_program() is not None and find_spec("redis") is not None


def _show(servers: list[ServerProcess], broker: str) -> None:
    print(f"broker {broker}" if broker else "no broker: typing is not seen on the other server")
    for server in servers:
        print(f"server {server.host}:{server.port}")
        print(f"  its console: {sys.executable} -m chat_server.admin --data-dir {server.data_dir}")
    print(f"invitation: {invitation(servers).link()}")
    print("end all with Ctrl-C", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
