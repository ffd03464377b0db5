"""The server as systemd runs it: its units, what it tells, and its lines in the journal."""

import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chat_server.admin.__main__ import main
from chat_server.admin.service_unit import Service
from chat_server.logs import (
    JournalFormatter,
    JsonFormatter,
    LineFormatter,
    configure_logging,
    leads_to_journal,
)
from chat_server.service_manager import ServiceManager
from tests.conftest import need_program
from tests.support.server import ServerProcess

EXPOSURE_MAX = 2.9


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[socket.socket]:
    """What systemd listens on."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(20)
        yield sock


def test_server_tells_when_it_is_ready_and_when_it_stops(
    tmp_path: Path, listening: socket.socket, server_process: Callable[..., ServerProcess]
) -> None:
    """Ready comes when clients may connect; the watchdog hears from it; a reload and the end are told."""
    environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "1000000"}
    server = server_process(tls=False, environ=environment)
    assert listening.recv(1_000).decode() == f"READY=1\nSTATUS=listening on port {server.port}"
    assert listening.recv(1_000) == b"WATCHDOG=1"
    os.kill(server.pid, signal.SIGHUP)
    told = [b""]
    while told[-1] != b"STATUS=reading the settings again":
        told.append(listening.recv(1_000))
    server.process.terminate()
    while told[-1] != b"STOPPING=1":
        told.append(listening.recv(1_000))


def test_watchdog_is_pinged_twice_in_its_time() -> None:
    """A ping is due at once, and then every half of the interval; never without a watchdog."""
    manager = ServiceManager({"WATCHDOG_USEC": "10000000"})
    assert [manager.is_ping_due(now) for now in (100.0, 104.9, 105.0, 106.0, 110.0)] == [
        True, False, True, False, True,
    ]  # fmt: skip
    assert not ServiceManager({}).is_ping_due(100.0)


def test_nobody_listens(tmp_path: Path) -> None:
    """A service manager that is gone is not missed."""
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell("READY=1")
    ServiceManager({}).tell("READY=1")


def test_units_are_right_and_tight(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """systemd accepts the units and finds the server's exposure low."""
    need_program("systemd-analyze", "sudo apt-get install systemd")
    assert main(["install-service", "--user", "root", "--into", str(tmp_path)]) == 0
    assert "systemctl enable --now chat.service chat-backup.timer" in capsys.readouterr().out
    units = [tmp_path / name for name in ("chat.service", "chat-backup.service", "chat-backup.timer")]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for unit in units[:2]:
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", f"--threshold={int(EXPOSURE_MAX * 10)}", unit],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout


def test_backup_of_the_unit_runs(tmp_path: Path, server_process: Callable[..., ServerProcess]) -> None:
    """The command of the backup's unit, as systemd gives it to the shell, saves the running server."""
    server = server_process(tls=False)
    settings = tmp_path / "chat.toml"
    settings.write_text(f'data_dir = "{server.data_dir}"\n')
    unit = Service("chat", settings, sys.executable, Path.cwd()).units()["chat-backup.service"]
    (start,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    shell = (
        start.partition("-c '")[2].rstrip("'").replace("%%", "%").replace("/var/backups/chat", str(tmp_path))
    )
    done = subprocess.run(
        ["sh", "-c", shell], env={**os.environ, "CHAT_CONFIG": str(settings)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("*.backup"))) == 1


def test_wrong_usage_of_install_service(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unknown words are wrong usage, and a folder that cannot be written to is named."""
    assert main(["install-service", "now"]) == 2
    assert main(["install-service", "--into", str(tmp_path / "none")]) == 1
    assert "none" in capsys.readouterr().err
    assert main(["install-service", "--print"]) == 0
    assert "Type=notify" in capsys.readouterr().out


def record(text: str, level: int = logging.INFO) -> logging.LogRecord:
    """A log record."""
    return logging.LogRecord("chat.x", level, "file", 1, text, (), None)


def test_lines_of_the_journal() -> None:
    """A line has its priority and no time, also each line of a traceback."""
    assert JournalFormatter().format(record("hello")) == "<6>chat.x: hello"
    assert JournalFormatter().format(record("one\ntwo", logging.ERROR)) == "<3>chat.x: one\\x0atwo"


def test_lines_in_json() -> None:
    """A line is one JSON object, the traceback in it."""
    try:
        raise ValueError("oh\nno")
    except ValueError:
        failed = logging.LogRecord("chat.x", logging.ERROR, "f", 1, "é", (), sys.exc_info())
    line = JsonFormatter().format(failed)
    assert "\n" not in line
    found = json.loads(line)
    assert (found["level"], found["logger"], found["message"]) == ("error", "chat.x", "é")
    assert found["exception"].endswith("ValueError: oh\nno")


def test_lines_stand_once_in_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Where stderr is the journal, no file is written; elsewhere the file has the lines too."""
    logger = logging.getLogger("chat")
    kept = (logger.handlers.copy(), logger.level, logger.propagate, logging.raiseExceptions)

    def restore() -> None:
        logger.handlers[:], logger.propagate, logging.raiseExceptions = kept[0], kept[2], kept[3]
        logger.setLevel(kept[1])

    request.addfinalizer(restore)
    with (tmp_path / "journal").open("w+") as journal:
        monkeypatch.setattr("sys.stderr", journal)
        status = os.fstat(journal.fileno())
        environment = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        assert leads_to_journal(environment)
        assert not leads_to_journal({"JOURNAL_STREAM": "1:1"})
        configure_logging("info", tmp_path, console=False, environment=environment)
        logger.info("hello")
        journal.seek(0)
        assert journal.read() == "<6>chat: hello\n"
        assert not (tmp_path / "server.log").exists()
        configure_logging("info", tmp_path, console=False, form="json", environment={})
        logger.info("again")
        for handler in logger.handlers:
            handler.close()
    assert json.loads((tmp_path / "server.log").read_text())["message"] == "again"
    monkeypatch.setattr("sys.stderr", io.StringIO())
    assert not leads_to_journal(environment)


def test_start_line_of_the_log(server_process: Callable[..., ServerProcess]) -> None:
    """The first line of the log has version, address, database and fingerprint."""
    server = server_process()
    server.wait_for_output(
        rf"INFO chat.server: Chat \S+ listens on 127.0.0.1:{server.port} \(TLS, SHA-256 fingerprint "
        rf"{server.fingerprint}\), database sqlite:///\S+chat.db, data folder \S+"
    )


def test_log_lines_of_a_client_stay_one_line() -> None:
    """Words of a client write no record of their own and no terminal escape, in a message or a traceback."""
    words = "x\n2026-01-01 ERROR chat.server: forged\x1b[2J\u202e\u2028"
    message = record(words)
    assert "\n" not in LineFormatter().format(message)
    try:
        raise ValueError(words)
    except ValueError:
        failed = record("failed", logging.ERROR)
        failed.exc_info = sys.exc_info()
    for form in (LineFormatter(), JournalFormatter(), JsonFormatter()):
        shown = form.format(failed) + form.format(message)
        assert not {"\x1b", "\u202e", "\u2028"} & set(shown)
        assert "\n2026" not in shown
