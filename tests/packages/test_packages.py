"""What is handed out works alone: the client as one file, the wheel, the package for Debian."""

import re
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chat_server import __version__
from chat_server.storage.schema.migrations import SQL_FOLDER
from tests.conftest import need_program
from tests.packages.alone import (
    Client,
    clean,
    invitation,
    run,
    talk_in_the_terminal,
    talk_in_the_window,
)
from tests.support.filemap import ROOT
from tests.support.server import LISTENING, ServerProcess
from tests.support.wire import PASSWORD, connected


def packed(folder: Path, *invitation: str) -> Path:
    """Pack the client."""
    target = folder / "chat-client.pyz"
    done = run(sys.executable, ROOT / "packages" / "pyz.py", target, *invitation, folder=folder)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def file_alone(tmp_path: Path, server_process: Callable[..., ServerProcess]) -> tuple[Client, ServerProcess]:
    """The one file, alone in an empty folder, and the server of its invitation."""
    server = server_process()
    empty, home = tmp_path / "empty", tmp_path / "home"
    empty.mkdir()
    home.mkdir()
    shutil.move(packed(tmp_path, invitation(server)), empty / "chat-client.pyz")
    return Client((sys.executable, "-I", "chat-client.pyz"), empty, home, "/usr/bin:/bin"), server


def test_client_file_signs_up_and_talks(file_alone: tuple[Client, ServerProcess]) -> None:
    """The one file signs up at the server of its invitation and talks, in the terminal."""
    talk_in_the_terminal(*file_alone, "alice")


@pytest.mark.long
def test_client_file_talks_in_its_window(file_alone: tuple[Client, ServerProcess], xvfb: str) -> None:
    """The one file does the same in its window, with the keyboard alone."""
    need_program("xdotool", "sudo apt-get install xdotool")
    talk_in_the_window(*file_alone, xvfb, "alice")


@pytest.mark.long
def test_client_file_has_a_window(tmp_path: Path, xvfb: str) -> None:
    """The window's module, its catalogues and its help are in the file."""
    file = packed(tmp_path)
    done = run(sys.executable, file, "--help", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--invite" in done.stdout
    assert f"{Path(sys.executable).name} chat-client.pyz [-h]" in done.stdout
    seen = run(sys.executable, file, folder=tmp_path, DISPLAY="", CHAT_CLIENT_HOME="home")
    assert seen.returncode == 1
    assert seen.stderr.splitlines()[-1].endswith("chat-client.pyz terminal HOST:PORT"), seen.stderr
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import chat_client.ui.app, chat_client.i18n as i18n;"
        "i18n.use('fr'); print(chat_client.ui.app.__file__, i18n.language())"
    )
    done = run(sys.executable, "-c", code, file, folder=tmp_path)
    assert done.stdout.split() == [f"{file}/chat_client/ui/app.py", "fr"], done.stderr


def test_invitation_that_is_none(tmp_path: Path) -> None:
    """An invitation without a server is refused when the file is packed."""
    done = run(sys.executable, ROOT / "packages" / "pyz.py", "x.pyz", "https://example.org/", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("INVITE: ")
    assert not (tmp_path / "x.pyz").exists()


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of what belongs to it."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("chat_protocol", "chat_server", "chat_client", "sql"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "requirements.txt"):
        shutil.copyfile(ROOT / name, source / name)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel"]
    done = run(*pip, "--no-deps", "--no-build-isolation", "-w", folder, source, folder=folder)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.long
def test_wheel_has_the_programs_alone(wheel: Path) -> None:
    """The wheel of this version has three packages, each migration, the catalogues, and no other top."""
    assert wheel.name == f"chat-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "chat_protocol", "chat_server", "chat_client",
    }  # fmt: skip
    migrations = {path.relative_to(SQL_FOLDER).as_posix() for path in SQL_FOLDER.rglob("*.sql")}
    prefix = "chat_server/sql/"
    assert {name.removeprefix(prefix) for name in names if name.startswith(prefix)} == migrations
    assert "chat_client/locale/fr/LC_MESSAGES/chat_client.po" in names


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs in an environment that has the wheel and nothing else."""
    folder = tmp_path_factory.mktemp("venv") / "venv"
    venv.create(folder, with_pip=True)
    pip = [folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install"]
    done = run(*pip, "--no-index", "--no-deps", wheel, folder=folder)
    assert done.returncode == 0, done.stderr
    return folder / "bin"


@pytest.fixture
def serving(installed: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The installed server, running in an empty folder, and its port."""
    process = subprocess.Popen(
        [installed / "chat-server", "--no-console", "--insecure", "--port", "0"],
        cwd=tmp_path, env=clean({}), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout as output:
        found = LISTENING.search(output.readline())
        assert found is not None
        yield process, int(found["port"])
        process.terminate()
        assert process.wait(15) == 0


@pytest.mark.long
def test_wheel_serves(installed: Path, serving: tuple[subprocess.Popen[str], int], tmp_path: Path) -> None:
    """In an empty environment the server serves, the client talks, and the admin and backup programs work."""
    port = serving[1]
    done = run(
        installed / "chat-terminal", f"127.0.0.1:{port}", "--insecure", "--user", "bob", "--register",
        "--home", "home", "--room", "Général", folder=tmp_path, text="hello\n", CHAT_PASSWORD=PASSWORD,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "bob" in run(installed / "chat-admin", "users", "--all", folder=tmp_path).stdout
    saved = run(installed / "chat-backup", "create", "backup", folder=tmp_path)
    assert "1 messages, 1 users" in saved.stdout, saved.stderr
    assert run(installed / "chat-client", "--help", folder=tmp_path).returncode == 0


@pytest.fixture(scope="module")
def debian_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Debian's package, without the driver of MySQL."""
    need_program("dpkg-deb", "sudo apt-get install dpkg")
    folder = tmp_path_factory.mktemp("deb")
    done = run(sys.executable, ROOT / "packages" / "deb.py", folder, folder=folder)
    assert done.returncode == 0, done.stderr
    (package,) = folder.glob("*.deb")
    return package


@pytest.mark.long
def test_debian_package_serves(debian_package: Path, tmp_path: Path) -> None:
    """Unpacked, its program serves with the settings file that it brings, and its scripts are scripts."""
    run("dpkg-deb", "-R", debian_package, "root", folder=tmp_path)
    root = tmp_path / "root"
    for script in ("postinst", "prerm", "postrm"):
        assert run("sh", "-n", f"root/DEBIAN/{script}", folder=tmp_path).returncode == 0
    assert (root / "DEBIAN" / "conffiles").read_text() == "/etc/chat/chat.toml\n"
    settings = root / "etc" / "chat" / "chat.toml"
    checked = run(
        sys.executable, "-m", "chat_server.admin", "config", "show", "--config", settings,
        folder=root / "usr" / "lib" / "chat",
    )  # fmt: skip
    assert (checked.returncode, checked.stderr) == (0, "")
    assert re.search(r"data_dir +/var/lib/chat ", checked.stdout)
    text = settings.read_text().replace("/var/lib/chat", str(tmp_path / "data"))
    settings.write_text(text + "[limits]\n" if "[limits]" not in text else text)
    process = ServerProcessOf(root, settings)
    try:
        with connected(process.port) as client:
            client.register("alice")
    finally:
        assert process.stop() == 0


class ServerProcessOf:
    """A server of an unpacked package; it is where the settings file says."""

    def __init__(self, root: Path, settings: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "chat_server", "--no-console", "--port", "0"],
            cwd=root / "usr" / "lib" / "chat", env=clean({"CHAT_CONFIG": str(settings)}),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        found = LISTENING.search(self._process.stdout.readline())
        assert found is not None
        self.port = int(found["port"])

    def stop(self) -> int:
        """End it, and return its exit status."""
        self._process.terminate()
        status = self._process.wait(15)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return status
