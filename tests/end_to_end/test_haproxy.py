"""Clients behind HAProxy, by the file that the documentation ships: they count under their own addresses."""

import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import need_program
from tests.support.admin import command
from tests.support.filemap import ROOT
from tests.support.server import ServerProcess
from tests.support.wire import ConnectionEnded, connect

Start = Callable[..., ServerProcess]

CONFIG = ROOT / "docs" / "run" / "haproxy" / "haproxy.cfg"
START_S = 20.0


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _config(port: int, server_port: int, dead_port: int, certificate: Path, control: Path) -> str:
    """Return the documented file with the addresses of this test, and a socket to ask HAProxy by."""
    text = CONFIG.read_text(encoding="utf-8")
    text = text.replace("bind :5000", f"bind 127.0.0.1:{port}")
    text = text.replace("192.0.2.11:5000", f"127.0.0.1:{server_port}")
    text = text.replace("192.0.2.12:5000", f"127.0.0.1:{dead_port}")
    text = text.replace("/etc/haproxy/chat.pem", str(certificate))
    return f"global\n    stats socket {control}\n{text}"


@contextmanager
def _haproxy(config: str, folder: Path) -> Iterator[None]:
    file = folder / "haproxy.cfg"
    file.write_text(config, encoding="utf-8")
    program = subprocess.Popen(
        ["haproxy", "-f", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={"PATH": "/usr/sbin:/usr/bin:/bin"},
    )
    try:
        yield
    finally:
        program.terminate()
        output, _ = program.communicate(timeout=START_S)
    assert b"[ALERT]" not in output.replace(b"exited with code", b""), output


def _health(control: Path) -> dict[str, str]:
    """Return what HAProxy's check of each server came to."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(START_S)
        sock.connect(str(control))
        sock.sendall(b"show stat\n")
        text = b"".join(iter(lambda: sock.recv(65_536), b"")).decode()
    header, *rows = [line.split(",") for line in text.splitlines() if line]
    status = header.index("check_status")
    return {row[1]: row[status].lstrip("* ") for row in rows if row[0] == "servers"}


def _wait_for_health(control: Path, wanted: dict[str, str]) -> None:
    deadline = time.monotonic() + START_S
    found: dict[str, str] = {}
    while time.monotonic() < deadline:
        try:
            found = _health(control)
        except OSError:
            found = {}
        if found.items() >= wanted.items():
            return
        time.sleep(0.05)  # HAProxy tells nobody when it has looked
    raise AssertionError(f"HAProxy found {found}, not {wanted}")


def test_users_behind_haproxy_have_their_own_addresses(
    server_process: Start, tls_files: tuple[Path, Path], tmp_path: Path
) -> None:
    """HAProxy sees by TLS that a server is well and one is not; a ban by address meets one user alone."""
    need_program("haproxy", "sudo apt-get install haproxy")
    server = server_process("--proxy-from", "127.0.0.1")
    port, control = _free_port(), tmp_path / "control"
    config = _config(port, server.port, _free_port(), tls_files[0], control)
    with _haproxy(config, tmp_path):
        _wait_for_health(control, {"chat1": "L7OK", "chat2": "L4CON"})
        first, second = (connect(port, source=source) for source in ("127.0.0.2", "127.0.0.3"))
        first.register("alice")
        second.register("bob")
        assert command(server, "ban ip 127.0.0.3") == 0
        assert second.wait_closed()
        with pytest.raises((ConnectionEnded, OSError)):
            connect(port, source="127.0.0.3")
        assert first.ok("ping")
        first.close()
    assert re.search(r"alice.* 127\.0\.0\.2|127\.0\.0\.2.* alice", server.output)


@pytest.mark.long
def test_connection_from_a_proxy_without_a_header_is_refused(server_process: Start) -> None:
    """Nobody gets in by way of the proxy's own address; the log says what to look at."""
    server = server_process("--proxy-from", "127.0.0.0/8", tls=False)
    with pytest.raises((ConnectionEnded, OSError)):
        connect(server.port, tls=False).ok("ping")
    server.wait_for_output("send-proxy-v2")
