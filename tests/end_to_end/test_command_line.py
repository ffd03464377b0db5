"""The server's command line: a bad value is one clear line on stderr and exit status 2."""

import ast
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chat_server.options import UsageError, parse_options
from tests.support.server import ROOT, ServerProcess
from tests.support.wire import connected


def refused(tmp_path: Path, *arguments: str, **environ: str) -> str:
    """Start a server that must refuse to start and return the one line it says."""
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "chat_server",
            "--no-console",
            "--data-dir",
            str(tmp_path / "data"),
            *arguments,
        ],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    lines = result.stderr.strip().splitlines()
    assert result.returncode == 2, result.stderr
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.stderr
    return lines[0]


# What the options alone tell: refused without a process for each.
BAD_OPTIONS = {
    "port 70000": ["--port", "70000"],
    "port -1": ["--port", "-1"],
    "port abc": ["--port", "abc"],
    "a host that does not exist": ["--insecure", "--host", "host.invalid"],
    "a certificate without key": ["--tls-cert", "/nowhere/cert.pem"],
    "plain TCP for everyone": ["--insecure", "--host", "0.0.0.0"],
    "plain TCP for every IPv6": ["--insecure", "--host", "::"],
    "an unknown registration": ["--registration", "maybe"],
    "an unknown log level": ["--log-level", "loud"],
    "an unknown option": ["--nonsense"],
    "no clients": ["--connections", "0"],
}
BAD_ENVIRONMENT = {
    "CHAT_PORT": "70000",
    "CHAT_REGISTRATION": "maybe",
    "CHAT_LOG_LEVEL": "loud",
    "CHAT_CONNECTIONS": "many",
    "CHAT_TLS_KEY": "/nowhere/key.pem",
}


@pytest.mark.parametrize("arguments", BAD_OPTIONS.values(), ids=BAD_OPTIONS)
def test_bad_option(arguments: list[str]) -> None:
    """A bad option is a usage error of one line."""
    with pytest.raises(UsageError) as caught:
        parse_options(arguments, {})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", BAD_ENVIRONMENT)
def test_bad_value_in_the_environment(name: str) -> None:
    """What the command line leaves open comes from the environment, and is checked the same."""
    with pytest.raises(UsageError):
        parse_options([], {name: BAD_ENVIRONMENT[name]})


BAD = {
    "port 70000": ["--port", "70000"],
    "a URL without scheme": ["--database", "chat.db"],
    "an unknown scheme": ["--database", "oracle://x/y"],
    "a URL without name": ["--database", "mysql://user:secret@127.0.0.1:3306"],
    "a URL with a bad port": ["--database", "mysql://user:secret@127.0.0.1:70000/chat"],
    "a host that is elsewhere": ["--host", "192.0.2.1"],
    "a missing certificate": ["--tls-cert", "/nowhere/cert.pem", "--tls-key", "/nowhere/key.pem"],
}


@pytest.mark.long
@pytest.mark.parametrize("arguments", BAD.values(), ids=BAD)
def test_bad_value(tmp_path: Path, arguments: list[str]) -> None:
    """The server says in one line what is wrong and does not start."""
    refused(tmp_path, *arguments)


def test_port_in_use(tmp_path: Path, tls_files: tuple[Path, Path]) -> None:
    """A port that another program has is named."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        files = ["--tls-cert", str(tls_files[0]), "--tls-key", str(tls_files[1])]
        line = refused(tmp_path, "--port", port, *files)
    assert port in line
    assert "make server PORT=" in line


@pytest.mark.parametrize("package", ["chat_server", "chat_client"])
def test_older_python_is_named(package: str) -> None:
    """A Python that is too old is told so in one line; what says it can be read by any Python 3."""
    ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8"), feature_version=(3, 7))
    code = f"import sys; sys.version_info = (3, 10, 13); import {package}.options"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr
    assert done.stderr.count("\n") == 1


def test_certificate_that_is_none(tmp_path: Path) -> None:
    """A file that is no certificate is named."""
    file = tmp_path / "cert.pem"
    file.write_text("hello")
    assert "cert.pem" in refused(tmp_path, "--port", "0", "--tls-cert", str(file), "--tls-key", str(file))


def test_database_that_is_none(tmp_path: Path) -> None:
    """A file that is no database is refused and left as it is."""
    file = tmp_path / "notes.txt"
    file.write_text("these are my notes\n" * 100)
    assert "notes.txt" in refused(tmp_path, "--port", "0", "--insecure", "--database", f"sqlite:///{file}")
    assert file.read_text().startswith("these are my notes")


def test_database_of_a_later_version(tmp_path: Path, server_process: Callable[..., ServerProcess]) -> None:
    """A schema that only newer programs can read is refused."""
    server_process(tls=False).stop()
    path = tmp_path / "data" / "chat.db"
    with sqlite3.connect(path) as database:
        (table,) = database.execute("SELECT name FROM sqlite_schema WHERE name LIKE '%migration%'").fetchone()
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        row = dict(zip(columns, database.execute(f"SELECT * FROM {table}").fetchone(), strict=True))
        row[columns[0]] = row["readable_from"] = 999
        marks = ", ".join("?" * len(columns))
        database.execute(f"INSERT INTO {table} VALUES ({marks})", list(row.values()))
    database.close()
    assert refused(tmp_path, "--port", "0", "--insecure")


def test_second_server_on_one_file(tmp_path: Path, server_process: Callable[..., ServerProcess]) -> None:
    """Two servers on one SQLite file are refused, and the first goes on."""
    first = server_process(tls=False)
    assert "in use" in refused(tmp_path, "--port", "0", "--insecure")
    with connected(first.port, tls=False) as client:
        client.ok("ping")


def test_password_of_the_database_is_never_shown(tmp_path: Path) -> None:
    """The URL's password does not come back in the error."""
    line = refused(tmp_path, CHAT_DATABASE="mysql://user:s3cr3t-w0rd@127.0.0.1:1/chat")
    assert "s3cr3t" not in line
