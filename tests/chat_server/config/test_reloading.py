"""A running server takes changed settings and a renewed certificate, and keeps everybody connected."""

import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from chat_server.admin.__main__ import main
from chat_server.net.certificate import fingerprint
from tests.support.certificate import make_certificate
from tests.support.server import ServerProcess
from tests.support.wire import TlsStream, connect


def reload_by_signal(server: ServerProcess) -> str:
    """Send SIGHUP; return what the log says of it."""
    os.kill(server.pid, signal.SIGHUP)
    return server.wait_for_output(r"settings read again: (.*)\n").group(1)


def reload_by_console(
    server: ServerProcess, capsys: pytest.CaptureFixture[str], status: int
) -> tuple[str, str]:
    """Give the console's command; return what it shows."""
    assert main(["--data-dir", str(server.data_dir), "--json", "reload"]) == status
    shown = capsys.readouterr()
    return shown.out, shown.err


def test_certificate_renewed(
    tmp_path: Path, tls_files: tuple[Path, Path], server_process: Callable[..., ServerProcess]
) -> None:
    """After SIGHUP new connections get the new certificate, and those that are open go on."""
    own = [tmp_path / "own.pem", tmp_path / "own.key"]
    for source, target in zip(tls_files, own, strict=True):
        shutil.copy(source, target)
    server = server_process("--tls-cert", str(own[0]), "--tls-key", str(own[1]))
    before = connect(server.port)
    before.register("alice")
    renewed = make_certificate(tmp_path)
    for source, target in zip(renewed, own, strict=True):
        shutil.copy(source, target)
    assert f"new certificate: {fingerprint(own[0])}" in reload_by_signal(server)
    after = connect(server.port)
    try:
        assert isinstance(after.socket, TlsStream)
        der = after.socket.getpeercert()
        assert hashlib.sha256(der).hexdigest().upper() == fingerprint(own[0]).replace(":", "")
        before.ok("ping")
    finally:
        before.close()
        after.close()


def test_certificate_that_is_none(
    tmp_path: Path, tls_files: tuple[Path, Path], server_process: Callable[..., ServerProcess]
) -> None:
    """A certificate that cannot be used is refused, and the server goes on with the one it has."""
    own = [tmp_path / "own.pem", tmp_path / "own.key"]
    for source, target in zip(tls_files, own, strict=True):
        shutil.copy(source, target)
    server = server_process("--tls-cert", str(own[0]), "--tls-key", str(own[1]))
    own[0].write_text("hello")
    assert "Nothing was taken" in reload_by_signal(server)
    connect(server.port).close()


def test_settings_taken_and_not(tmp_path: Path, server_process: Callable[..., ServerProcess]) -> None:
    """SIGHUP takes what can be taken running and names what cannot; a mistake takes nothing."""
    path = tmp_path / "chat.toml"
    path.write_text('name = "Before"\n')
    server = server_process("--config", str(path), tls=False)
    path.write_text('name = "After"\nregistration = "closed"\n[limits]\nrequests_burst = 3\n')
    said = reload_by_signal(server)
    assert said == "taken: name, limits.requests_burst; only after a restart: registration"
    client = connect(server.port, tls=False, hello=False)
    assert client.frame()["server"] == "After"
    client.close()


def test_reload_from_the_console(
    tmp_path: Path, server_process: Callable[..., ServerProcess], capsys: pytest.CaptureFixture[str]
) -> None:
    """The console's command does the same as the signal, and says a mistake with its line."""
    path = tmp_path / "chat.toml"
    path.write_text('log_level = "info"\n')
    server = server_process("--config", str(path), tls=False)
    path.write_text('log_level = "debug"\n')
    assert json.loads(reload_by_console(server, capsys, 0)[0])["taken"] == ["log_level"]
    path.write_text('log_levle = "debug"\n')
    assert "chat.toml:1" in "".join(reload_by_console(server, capsys, 1))
