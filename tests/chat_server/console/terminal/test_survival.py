"""Whatever fails in a console, at the admin socket or in what a signal asked for, the server goes on."""

import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from chat_server.admin import control
from chat_server.admin.control import ControlSocket
from chat_server.console.terminal import run
from chat_server.server import ChatServer
from tests.support.pty_server import (
    PtyServer,
    create_first_admin,
    listening_port,
    sign_in,
    start_in_terminal,
)
from tests.support.wire import connected

NOT_UTF8 = [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"LC_ALL": "xx_YY.UTF-8"}]


@contextmanager
def in_terminal(data_dir: Path, environ: dict[str, str]) -> Iterator[tuple[PtyServer, int]]:
    server = start_in_terminal(data_dir, environ=environ)
    try:
        yield server, listening_port(server)
    finally:
        assert server.close() == 0, server.screen


@pytest.mark.long
@pytest.mark.parametrize("environ", NOT_UTF8, ids=["C", "not installed"])
def test_accented_letters_where_the_locale_has_none(tmp_path: Path, environ: dict[str, str]) -> None:
    """A letter that the locale cannot write goes into no history; the console lives on."""
    data_dir = tmp_path / "data"
    with in_terminal(data_dir, environ) as (server, _):
        create_first_admin(server)
        assert "There is no command" in server.command("tété")
        server.command(b"\xe9\xff\x80")
        assert "messages_stored" in server.command("stats --json")
    (data_dir / "console_history").write_bytes("été\n".encode() + b"\xe9\xff\n")
    with in_terminal(data_dir, environ) as (server, port):
        server.wait_for("Administrator: ")
        server.type("bébé\n")
        server.wait_for("Password: ")
        server.type("é\n")
        sign_in(server)
        assert "messages_stored" in server.command(b"\x1b[A\x1b[A\x1b[A\x15stats --json")
        with connected(port, tls=False) as client:
            client.register("alice")


def fails(*_arguments: object, **_options: object) -> Any:
    raise RuntimeError("on purpose")


@pytest.mark.logged_errors
def test_failing_console_leaves_the_server(
    running_server: ChatServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A console that fails is closed, and the log says how to open it again."""
    monkeypatch.setattr(run.Console, "_converse", fails)
    run.run_console(running_server.parts)
    assert "the console failed and is closed; the server goes on" in caplog.text
    assert not running_server.parts.shutdown.begun
    monkeypatch.setattr(run, "Console", fails)
    run.run_console(running_server.parts)


@pytest.mark.logged_errors
def test_failing_visitor_leaves_the_socket(
    running_server: ChatServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    """A visit that fails, or cannot even be begun, ends alone; the next one is served."""
    admin = ControlSocket(running_server.parts, tmp_path / "admin.sock")
    admin.start()
    try:
        for name in ("Visit", "Channel"):
            with monkeypatch.context() as patch:
                patch.setattr(control, name, fails)
                assert visit(tmp_path / "admin.sock") == b""
        assert b"done" in visit(tmp_path / "admin.sock")
    finally:
        admin.close()
    assert "an admin console failed" in caplog.text
    assert "an admin console could not be opened" in caplog.text


def visit(path: Path) -> bytes:
    """Ask for the statistics at the admin socket, and return all that came."""
    found = b""
    with socket.socket(socket.AF_UNIX) as sock, contextlib.suppress(ConnectionError):
        sock.settimeout(10)
        sock.connect(str(path))
        sock.sendall(b'{"json": true}\n{"words": ["stats"]}\n')
        sock.shutdown(socket.SHUT_WR)
        while data := sock.recv(65_536):
            found += data
    return found


@pytest.mark.logged_errors
def test_failing_look_leaves_the_server(running_server: ChatServer, caplog: pytest.LogCaptureFixture) -> None:
    """What a signal asked for may fail; the main thread goes on waiting for the end."""
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        if len(looks) == 2:
            running_server.parts.shutdown.begin()
        raise RuntimeError("on purpose")

    running_server.wait(look)
    assert len(looks) == 2
    assert "what a signal asked for failed" in caplog.text
