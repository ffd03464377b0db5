"""Tools use the database that the data folder's server uses, or say which one to name."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chat_server.data_folder import (
    FolderError,
    local_database,
    prepare_folder,
    remember_database,
    remembered_database,
)
from chat_server.storage.core.errors import StorageConfigError
from tests.support.server import ROOT, ServerProcess
from tests.support.wire import connected


def run(
    module: str, *arguments: object, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run one of the programs, with nothing of this run's environment in it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CHAT_")}
    return subprocess.run(
        [sys.executable, "-m", f"chat_server.{module}", *map(str, arguments)],
        cwd=ROOT, env={**clean, **environment}, input=stdin, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


def test_database_is_remembered_without_its_password(tmp_path: Path) -> None:
    """The line in the data folder names the database and not the password; a change of it is told."""
    assert remember_database(tmp_path, "mysql://chat:s3cret@localhost/chat") == ""
    assert remembered_database(tmp_path) == "mysql://chat@localhost:3306/chat"
    assert "s3cret" not in (tmp_path / "database").read_text()
    assert (tmp_path / "database").stat().st_mode & 0o077 == 0
    assert remember_database(tmp_path, f"sqlite:///{tmp_path}/chat.db") == "mysql://chat@localhost:3306/chat"
    assert local_database(tmp_path) == f"sqlite:///{tmp_path}/chat.db"


def test_new_folder_has_no_database(tmp_path: Path) -> None:
    """Before any server has run, nothing is guessed."""
    with pytest.raises(StorageConfigError, match="start the server first"):
        local_database(tmp_path)


@pytest.mark.long
def test_backup_of_a_server_on_mysql(
    tmp_path: Path, mariadb_url: str, server_process: Callable[..., ServerProcess]
) -> None:
    """The backup saves the running server's database, and refuses when only the server can open it."""
    server = server_process(tls=False, database=mariadb_url)
    with connected(server.port, tls=False) as client:
        client.register("alice")
    done = run("backup", "create", tmp_path / "one", "--data-dir", server.data_dir)
    assert (done.returncode, done.stderr) == (0, "")
    assert ", 1 users, " in done.stdout
    assert "mysql://" in done.stdout
    server.stop()
    refused = run("backup", "create", tmp_path / "two", "--data-dir", server.data_dir)
    assert refused.returncode == 1
    assert "uses mysql://" in refused.stderr
    assert "CHAT_DATABASE" in refused.stderr
    assert not (tmp_path / "two").exists()
    assert run("backup", "create", tmp_path / "two", CHAT_DATABASE=mariadb_url).returncode == 0


@pytest.mark.long
def test_administrator_of_a_server_on_mysql(
    tmp_path: Path, mariadb_url: str, server_process: Callable[..., ServerProcess]
) -> None:
    """`create-admin` works in the server's database, running or not, and never beside it."""
    folder = tmp_path / "data"
    early = run("admin", "create-admin", "boss", "--data-dir", folder, stdin="a long password\n")
    assert early.returncode == 1
    assert "start the server first" in early.stderr.replace("\n", " ")
    assert not (folder / "chat.db").exists()
    secret = tmp_path / "database-url"
    secret.write_text(mariadb_url)
    settings = tmp_path / "chat.toml"
    settings.write_text(f'data_dir = "{folder}"\ndatabase_file = "{secret}"\n')
    made = run("admin", "--config", settings, "create-admin", "boss", stdin="a long password\n")
    assert made.returncode == 0
    assert made.stdout.startswith("boss is an administrator, in mysql://")
    server = server_process(tls=False, database=mariadb_url)
    with connected(server.port, tls=False) as client:
        assert client.login("boss", "a long password")["user"]["role"] == "admin"
    server.stop()
    late = run("admin", "create-admin", "boss", "--reset", "--data-dir", folder, stdin="a long password\n")
    assert late.returncode == 1
    assert not (folder / "chat.db").exists()


def test_change_of_database_is_told(
    tmp_path: Path, mariadb_url: str, server_process: Callable[..., ServerProcess]
) -> None:
    """A server that finds another database in its data folder's line says so when it starts."""
    server_process(tls=False).stop()
    server = server_process(tls=False, database=mariadb_url)
    server.wait_for_output(r"WARNING .*database was sqlite:///\S+chat.db so far")


def test_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    """A new folder is 0700, and files that others could read are closed."""
    folder = tmp_path / "data"
    prepare_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    log = folder / "server.log"
    log.write_text("")
    log.chmod(0o644)
    prepare_folder(folder)
    assert log.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701, 0o770])
def test_folder_that_others_may_enter_is_refused(tmp_path: Path, mode: int) -> None:
    """The text has the command that repairs it, and nothing was changed."""
    folder = tmp_path / "some data"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(FolderError, match=r"chmod 700 '.*some data'"):
        prepare_folder(folder)
    assert folder.stat().st_mode & 0o777 == mode


def test_links_and_files_of_others_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link would lead the server's writes elsewhere; another owner could change what is in the folder."""
    folder = tmp_path / "data"
    prepare_folder(folder)
    (folder / "server.log").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FolderError, match=r"rm .*server.log"):
        prepare_folder(folder)
    (folder / "server.log").unlink()
    monkeypatch.setattr("os.geteuid", lambda: folder.stat().st_uid + 1 if folder.stat().st_uid else 1)
    said = rf"run this as {folder.owner()} .*: chown"
    with pytest.raises(FolderError, match=said):
        prepare_folder(folder)
