"""The frozen client works alone: `make test-app`, which builds it first; `make test` leaves it out."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import need_program
from tests.packages.alone import Client, invitation, run, talk_in_the_terminal, talk_in_the_window
from tests.support.certificate import make_certificate
from tests.support.filemap import ROOT
from tests.support.server import ServerProcess, start_server

BUILD_S = 400  # on a busy machine
SOURCES = ("Makefile", "requirements.txt", "packages", "chat_client", "chat_protocol")

pytestmark = pytest.mark.timeout(BUILD_S)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The server of the invitation that the client is given."""
    folder = tmp_path_factory.mktemp("server")
    certificate, key = make_certificate(folder)
    process = start_server(folder / "data", "--tls-cert", str(certificate), "--tls-key", str(key))
    yield process
    assert process.stop() == 0, process.output


@pytest.fixture(scope="module")
def frozen(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `make app` makes, alone in an empty one: what it was made of is gone."""
    source = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(path, source / name)
    done = run(
        "make", "app", f"VENV={sys.prefix}", f"INVITE={invitation(server)}", folder=source, timeout_s=BUILD_S
    )
    assert done.returncode == 0, done.stderr
    folder = tmp_path_factory.mktemp("empty") / "chat-client"
    shutil.move(source / "dist" / "chat-client", folder)
    shutil.rmtree(source)
    return folder


@pytest.fixture
def client(frozen: Path, tmp_path: Path) -> Client:
    """A user's client, on a machine that has no Python and no other program."""
    home, nothing = tmp_path / "home", tmp_path / "nothing"
    home.mkdir()
    nothing.mkdir()
    return Client((str(frozen / "chat-client"),), frozen, home, str(nothing))


def test_talks_in_the_terminal(client: Client, server: ServerProcess) -> None:
    """The frozen client signs up at the server of its invitation and talks."""
    talk_in_the_terminal(client, server, "alice", "bob")


def test_talks_in_its_window(client: Client, server: ServerProcess, xvfb: str) -> None:
    """The same in its window, with the keyboard alone."""
    need_program("xdotool", "sudo apt-get install xdotool")
    talk_in_the_window(client, server, xvfb, "zoe", "jules")


def test_brings_its_own_python(frozen: Path) -> None:
    """The folder has Python, Tk and the catalogues in it, and its program may be run."""
    names = {path.name for path in frozen.rglob("*")}
    assert "chat_client.po" in names
    assert any(name.startswith("libpython") for name in names)
    assert any(name.startswith("libtk") for name in names)
    assert os.access(frozen / "chat-client", os.X_OK)
