"""Fixtures of the terminal client's tests."""

from collections.abc import Callable, Iterator

import pytest

from tests.chat_client.fakes import Bench, a_room
from tests.chat_client.terminal.session import Session
from tests.support.server import ServerProcess
from tests.support.wire import WireClient, connected

Start = Callable[..., ServerProcess]


@pytest.fixture
def server(server_process: Start) -> ServerProcess:
    return server_process("--no-limits")


@pytest.fixture
def jules(server: ServerProcess) -> Iterator[WireClient]:
    with connected(server.port) as jules:
        jules.register("jules")
        yield jules


@pytest.fixture
def session(bench: Bench) -> Session:
    session = Session(bench)
    bench.client.session.sign_in("chat.example", 5000, "zoe", "a password")
    bench.server.up()
    session.step()
    rooms = [a_room("Lobby", topic="all of us"), a_room("Board", membership="none", kind="moderated")]
    user = {"username": "zoe", "display_name": "Zoé", "role": "member"}
    bench.server.ok(bench.server.take("login"), user=user, token="t", rooms=rooms)
    assert "* Lobby - all of us" in session.step()
    return session
