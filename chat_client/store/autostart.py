"""Lets the platform start the window when the user signs in to the computer; it must not know the window.

Linux and other freedesktop systems have a file for it (Desktop Application Autostart Specification), macOS a
launch agent, Windows a value of the registry.
"""

import importlib
import os
import plistlib
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from chat_client.store.files import settings_folder

HIDDEN: Final = "--hidden"
_NAME: Final = "Chat"
_DESKTOP_FILE: Final = "chat-client.desktop"
_AGENT: Final = "chat-client"
_RUN_KEY: Final = r"Software\Microsoft\Windows\CurrentVersion\Run"
_PACKAGE: Final = Path(__file__).parents[1]


def start_command(home: Path) -> list[str]:
    """Return what starts this program's window, minimised.

    :param home: the settings folder; named where it is not the platform's own.
    """
    program = Path(sys.executable)
    quiet = program.with_name("pythonw.exe")  # without a console
    if sys.platform == "win32" and program.name.casefold() == "python.exe" and quiet.exists():
        program = quiet
    module = [] if getattr(sys, "frozen", False) else ["-m", _PACKAGE.name]
    folder = [] if home == settings_folder() else ["--home", str(home)]
    return [str(program), *module, HIDDEN, *folder]


class Autostart:
    """The start at login of one program.

    :param command: program and arguments, as :func:`start_command` gives them.
    :param folder: where it is to be started; a copy of the source is found there.
    :param platform: as `sys.platform`.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path = _PACKAGE.parent,
        platform: str = sys.platform,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._command, self._folder, self._platform = list(command), folder, platform
        home = Path(environ.get("HOME") or Path.home())
        config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
        if platform == "darwin":
            self._path = home / "Library" / "LaunchAgents" / f"{_AGENT}.plist"
        else:
            self._path = config / "autostart" / _DESKTOP_FILE

    @property
    def on(self) -> bool:
        """Whether the program is started at login."""
        return bool(self._value()) if self._platform == "win32" else self._path.is_file()

    def set(self, on: bool) -> None:
        """Have it started at login, or no more.

        :raises OSError: when the platform does not let that be kept.
        """
        if self._platform == "win32":
            self._set_value(on)
        elif not on:
            self._path.unlink(missing_ok=True)
        else:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_bytes(self._agent() if self._platform == "darwin" else self._entry().encode())

    # freedesktop

    def _entry(self) -> str:
        lines = {
            "Type": "Application",
            "Name": _NAME,
            "Exec": " ".join(map(_quoted, self._command)),
            "Path": _escaped(str(self._folder)),
            "Terminal": "false",
            "X-GNOME-Autostart-enabled": "true",
        }
        return "[Desktop Entry]\n" + "".join(f"{name}={value}\n" for name, value in lines.items())

    # macOS

    def _agent(self) -> bytes:
        return plistlib.dumps(
            {
                "Label": _AGENT,
                "ProgramArguments": self._command,
                "WorkingDirectory": str(self._folder),
                "RunAtLoad": True,
            }
        )

    # Windows

    def _value(self) -> str:
        registry = _registry()
        try:
            with registry.OpenKey(registry.HKEY_CURRENT_USER, _RUN_KEY) as key:
                return str(registry.QueryValueEx(key, _NAME)[0])
        except FileNotFoundError:
            return ""

    def _set_value(self, on: bool) -> None:
        registry = _registry()
        with registry.CreateKey(registry.HKEY_CURRENT_USER, _RUN_KEY) as key:
            if on:
                command = subprocess.list2cmdline(self._command)
                registry.SetValueEx(key, _NAME, 0, registry.REG_SZ, command)
            elif self._value():
                registry.DeleteValue(key, _NAME)


def _registry() -> Any:
    return importlib.import_module("winreg")  # there on Windows alone


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(argument: str) -> str:
    """Write an argument of Exec: in quotes, with what means something there escaped, then as any value."""
    inner = re.sub(r'(["`$\\])', r"\\\1", argument).replace("%", "%%")
    return _escaped(f'"{inner}"')
