"""A MariaDB that has no connection to spare: the server makes do with those that it gets."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from tests.support.mariadb import PASSWORD, USER, MariaDb
from tests.support.server import ServerProcess
from tests.support.wire import connected

pytestmark = pytest.mark.long  # a database of its own

Start = Callable[..., ServerProcess]


def limited(mariadb: MariaDb, connections: int) -> str:
    """Make an empty database with a user who may have so many connections, and return its URL."""
    url, user = mariadb.new_database(), f"few{connections}"
    mariadb.sql(
        f"CREATE USER {user}@'%' IDENTIFIED BY '{PASSWORD}' WITH MAX_USER_CONNECTIONS {connections};"
        f"GRANT ALL ON {url.rpartition('/')[2]}.* TO {user}@'%'"
    )
    return url.replace(f"{USER}:{quote(PASSWORD, safe='')}", f"{user}:{quote(PASSWORD, safe='')}")


@pytest.mark.parametrize("connections", [1, 2])
def test_few_connections_are_shared(server_process: Start, mariadb: MariaDb, connections: int) -> None:
    """With one or two connections people sign in, talk and read at once, and no outage is declared."""
    server = server_process("--no-limits", database=limited(mariadb, connections))

    def talk(name: str) -> None:
        with connected(server.port) as client:
            client.register(name)
            for number in range(10):
                client.ok("send", room="Général", body=f"{number}", nonce=f"{name}{number}")
                client.ok("history", room="Général")

    with ThreadPoolExecutor(6) as executor:
        list(executor.map(talk, [f"person{number}" for number in range(6)]))
    assert "up to 9 connections" in server.output
    assert "does not answer" not in server.output
    assert server.stop() == 0
