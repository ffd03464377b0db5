"""The settings folder and its small JSON files, replaced as a whole and readable by their owner alone."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

log = logging.getLogger("chat.client.files")

HOME_VARIABLE = "CHAT_CLIENT_HOME"


def settings_folder(
    environment: Mapping[str, str] = os.environ, platform: str = sys.platform, user: Path | None = None
) -> Path:
    """Return where this platform keeps a program's settings; CHAT_CLIENT_HOME overrides it."""
    user = user or Path.home()
    if chosen := environment.get(HOME_VARIABLE):
        return Path(chosen)
    if platform == "win32":
        return Path(environment.get("APPDATA") or user / "AppData" / "Roaming") / "Chat"
    if platform == "darwin":
        return user / "Library" / "Application Support" / "Chat"
    return Path(environment.get("XDG_CONFIG_HOME") or user / ".config") / "chat"


def make_private_folder(path: Path) -> Path:
    """Make a folder for its owner alone, with those above it where they are missing."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


class JsonFile:
    """One JSON object on disk.

    Every change reads the file anew before it writes, so that two running clients keep each other's entries.
    A file that cannot be read as JSON is set aside, not overwritten.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> dict[str, Any]:
        """Return the object; an empty one where there is no file yet."""
        try:
            value = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            log.warning("cannot read %s: %s", self._path, error)
            self._set_aside()
            return {}
        return value if isinstance(value, dict) else {}

    def update(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Read the object, change it, and replace the file in one step (mode 0600).

        A disk that refuses is logged: a setting that is not kept is no reason to stop talking.
        """
        value = self.load()
        change(value)
        try:
            self._replace(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True))
        except OSError as error:
            log.warning("cannot write %s: %s", self._path, error)

    def _replace(self, text: str) -> None:
        make_private_folder(self._path.parent)
        new = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, self._path)

    def _set_aside(self) -> None:
        with contextlib.suppress(OSError):
            os.replace(self._path, self._path.with_name(self._path.name + ".broken"))
