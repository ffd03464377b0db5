"""The start at login: a file, an agent or a value of the registry, made and removed in a home of the test."""

import plistlib
import re
import sys
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import cast

import pytest

from chat_client.store.autostart import HIDDEN, Autostart, start_command
from chat_client.store.files import HOME_VARIABLE

COMMAND = ["/opt/my python/bin/python3", "-m", "chat_client", HIDDEN, "--home", '/home/zoé/a "b" $c 100%']


def made(tmp_path: Path, platform: str) -> Autostart:
    return Autostart(COMMAND, tmp_path / "source", platform, {"HOME": str(tmp_path)})


def test_desktop_file(tmp_path: Path) -> None:
    """It stands where the desktop looks, with each argument as it is, and goes again."""
    start = made(tmp_path, "linux")
    assert not start.on
    for _again in range(2):
        start.set(True)
        assert start.on
    path = tmp_path / ".config" / "autostart" / "chat-client.desktop"
    lines = dict(line.split("=", 1) for line in path.read_text().splitlines()[1:])
    assert (lines["Type"], lines["Path"]) == ("Application", str(tmp_path / "source"))
    # A reader takes the escapes of a value away first, and then those of the quotes.
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', lines["Exec"].replace("\\\\", "\\"))
    assert [re.sub(r"\\(.)", r"\1", part).replace("%%", "%") for part in quoted] == COMMAND
    start.set(False)
    assert not start.on
    start.set(False)
    assert list(path.parent.iterdir()) == []


def test_other_config_folder(tmp_path: Path) -> None:
    """XDG_CONFIG_HOME is heeded."""
    config = tmp_path / "config"
    start = Autostart(COMMAND, tmp_path, "linux", {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(config)})
    start.set(True)
    assert (config / "autostart" / "chat-client.desktop").is_file()


def test_launch_agent(tmp_path: Path) -> None:
    """MacOS gets a property list that runs the command when it is loaded."""
    start = made(tmp_path, "darwin")
    start.set(True)
    agent = plistlib.loads((tmp_path / "Library" / "LaunchAgents" / "chat-client.plist").read_bytes())
    assert (agent["ProgramArguments"], agent["RunAtLoad"]) == (COMMAND, True)
    start.set(False)
    assert not start.on


def test_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows keeps the command as a value of the user's Run key."""
    values: dict[str, str] = {}

    def query(_key: object, name: str) -> tuple[str, int]:
        if name not in values:
            raise FileNotFoundError(name)
        return values[name], 1

    def set_value(_key: object, name: str, reserved: int, kind: int, value: str) -> None:
        assert (reserved, kind) == (0, 7)
        values[name] = value

    registry = SimpleNamespace(
        HKEY_CURRENT_USER=1,
        REG_SZ=7,
        OpenKey=lambda _root, _path: nullcontext("key"),
        CreateKey=lambda _root, _path: nullcontext("key"),
        QueryValueEx=query,
        SetValueEx=set_value,
        DeleteValue=lambda _key, name: values.pop(name),
    )
    monkeypatch.setitem(sys.modules, "winreg", cast(ModuleType, registry))
    start = made(tmp_path, "win32")
    assert not start.on
    start.set(True)
    assert start.on
    assert values["Chat"].startswith('"/opt/my python/bin/python3" -m chat_client --hidden')
    start.set(False)
    start.set(False)
    assert values == {}
    values["Chat"] = ""
    assert not start.on


def test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is this program, minimised; another settings folder is named, the platform's own is not."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    assert start_command(tmp_path) == [sys.executable, "-m", "chat_client", HIDDEN]
    assert start_command(tmp_path / "other")[-2:] == ["--home", str(tmp_path / "other")]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert start_command(tmp_path) == [sys.executable, HIDDEN]


@pytest.mark.parametrize(
    ("platform", "name", "quiet", "started"),
    [
        ("win32", "Python.exe", True, "pythonw.exe"),
        ("win32", "Python.exe", False, "Python.exe"),
        ("win32", "chat.exe", True, "chat.exe"),
        ("linux", "python.exe", True, "python.exe"),
    ],
)
def test_window_has_no_console_at_the_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, name: str, quiet: bool, started: str
) -> None:
    """On Windows, where Python has a program for that beside its own."""
    if quiet:
        (tmp_path / "pythonw.exe").touch()
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(sys, "executable", str(tmp_path / name))
    assert start_command(tmp_path)[0] == str(tmp_path / started)
