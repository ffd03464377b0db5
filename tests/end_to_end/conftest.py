"""A server shared by the tests of a module, and people who sign up on it."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import LOGGED_ERROR, ServerProcess, start_server
from tests.support.wire import WireClient, connect

Person = Callable[..., WireClient]
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, tls_files: tuple[Path, Path]) -> Iterator[ServerProcess]:
    """One server over TLS for all tests of the module; it logs no error and ends with status 0."""
    certificate, key = tls_files
    folder = tmp_path_factory.mktemp("server")
    options = ["--no-limits", "--tls-cert", str(certificate), "--tls-key", str(key)]
    server = start_server(folder / "data", *options)
    yield server
    status = server.stop()
    assert status == 0, server.output
    assert not LOGGED_ERROR.search(server.output), server.output


@pytest.fixture
def open_connection() -> Iterator[Callable[..., WireClient]]:
    """A function that connects; what it opened is closed after the test."""
    opened: list[WireClient] = []

    def open_one(port: int, **options: Any) -> WireClient:
        client = connect(port, **options)
        opened.append(client)
        return client

    yield open_one
    for client in opened:
        client.close()


@pytest.fixture
def newcomer(server: ServerProcess, open_connection: Callable[..., WireClient]) -> Person:
    """A function that signs somebody new up on the shared server; names never repeat."""

    def sign_up(name: str = "newcomer", **options: object) -> WireClient:
        client = open_connection(server.port, **options)
        client.register(f"{name}{next(_numbers)}")
        return client

    return sign_up


@pytest.fixture(scope="module")
def accounts(server: ServerProcess) -> list[str]:
    """The tokens of people who were signed up for earlier tests: hashing a password is slow on purpose."""
    return []


@pytest.fixture
def person(newcomer: Person, server: ServerProcess, accounts: list[str], open_connection: Person) -> Person:
    """A function that connects somebody, another one at each call; what they did in earlier tests remains."""
    waiting = iter(list(accounts))

    def sign_in(name: str = "person", **options: object) -> WireClient:
        token = next(waiting, None)
        if token is None:
            client = newcomer(name, **options)
            accounts.append(client.token)
        else:
            client = open_connection(server.port, **options)
            client.resume(token)
        return client

    return sign_in


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.long)])
def database(request: pytest.FixtureRequest) -> str | None:
    """The URL of an empty database of each kind; None for SQLite in the data folder."""
    return None if request.param == "sqlite" else str(request.getfixturevalue("mariadb_url"))
