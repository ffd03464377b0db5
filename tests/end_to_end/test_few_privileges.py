"""A database user who may read and write rows and nothing else."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from chat_server.storage import Storage
from chat_server.storage.schema.migrations import known_migrations, migrate
from tests.chat_server.storage.conftest import open_mysql
from tests.support.mariadb import PASSWORD, USER, MariaDb
from tests.support.server import ROOT, ServerProcess
from tests.support.wire import connected

pytestmark = pytest.mark.long  # a server is started, and a database of its own

Start = Callable[..., ServerProcess]


def of_rows_only(mariadb: MariaDb, url: str, name: str) -> str:
    """Make a user who may change rows of a database, and return the URL with that user."""
    mariadb.sql(
        f"CREATE USER {name}@'%' IDENTIFIED BY '{PASSWORD}';"
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {url.rpartition('/')[2]}.* TO {name}@'%'"
    )
    return url.replace(f"{USER}:{quote(PASSWORD, safe='')}", f"{name}:{quote(PASSWORD, safe='')}")


def test_tables_that_are_there_need_no_create(server_process: Start, mariadb: MariaDb) -> None:
    """Where the tables are up to date, the server starts and people talk."""
    url = mariadb.new_database()
    Storage(open_mysql(url)).close()
    server = server_process(database=of_rows_only(mariadb, url, "rows1"))
    with connected(server.port) as alice:
        alice.register("alice")
        assert alice.ok("send", room="Général", body="x", nonce="n")["seq"] == 1


def test_tables_of_before_are_told(mariadb: MariaDb, tmp_path: Path) -> None:
    """Where there are no tables, or those of an earlier version, one line says which user to start with."""
    empty, former = mariadb.new_database(), mariadb.new_database()
    database = open_mysql(former)
    migrate(database, known_migrations("mysql")[:5])
    database.close()
    for number, url in enumerate((empty, former)):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "chat_server",
                "--no-console",
                "--insecure",
                "--port",
                "0",
                "--data-dir",
                str(tmp_path / "data"),
            ],
            cwd=ROOT,
            env={**os.environ, "CHAT_DATABASE": of_rows_only(mariadb, url, f"rows2{number}")},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 2
        line = done.stderr.splitlines()[-1]
        assert "start the server once with a user who has all privileges on it" in line
        assert "Traceback" not in done.stderr
