"""A running server without clients, and a console that types into it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chat_protocol.names import fold_text
from chat_server.console.shell.shell import Shell
from chat_server.options import Options
from chat_server.server import ChatServer
from chat_server.services.vocabulary.actors import Actor
from chat_server.storage import open_storage
from chat_server.storage.core.records import UserRecord
from tests.support.office import password_hash


class Typist:
    """Type lines into a shell, answer its questions, and read what it shows."""

    interactive = True

    def __init__(self, server: ChatServer) -> None:
        self.server = server
        self.shown = ""
        self.asked: list[str] = []
        self.answers: list[str] = []
        self.actor = Actor("boss", "admin", "console", None, ("127.0.0.1", "::1"))
        self.shell = Shell(server.parts, self.actor, self)

    def write(self, text: str) -> None:
        self.shown += text

    def complain(self, text: str) -> None:
        self.shown += text

    def ask(self, prompt: str) -> str:
        self.asked.append(prompt)
        if not self.answers:
            raise EOFError
        return self.answers.pop(0)

    def ask_secret(self, prompt: str) -> str:
        return self.ask(prompt)

    def type(self, line: str) -> str:
        """Type one line and return what was shown for it."""
        self.shown = ""
        self.shell.run_line(line)
        return self.shown

    def status(self, line: str) -> int:
        """Type one line and return how it went."""
        self.type(line)
        return self.shell.status


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChatServer]:
    """A server whose threads are not started: it answers its console, and no client."""
    server = make_server(tmp_path)
    yield server
    server.close()
    server.parts.storage.close()


@pytest.fixture
def running_server(tmp_path: Path) -> Iterator[ChatServer]:
    """A server that runs in this process."""
    server = make_server(tmp_path)
    server.start()
    yield server
    server.stop()


def make_server(tmp_path: Path) -> ChatServer:
    data_dir = tmp_path / "data"
    data_dir.mkdir(mode=0o700)
    options = Options(port=0, data_dir=data_dir, insecure=True, rate_limits=False)
    return ChatServer(options, open_storage(options.database_url), None)


@pytest.fixture
def console(server: ChatServer) -> Typist:
    """A console where an administrator is signed in."""
    return Typist(server)


@pytest.fixture
def user(server: ChatServer) -> Callable[..., UserRecord]:
    """A function that makes accounts."""

    def make(name: str, role: str = "member") -> UserRecord:
        return server.parts.storage.users.create(
            name, fold_text(name), name, password_hash(), server.parts.clock(), role
        )

    return make
