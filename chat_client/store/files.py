"""The settings folder and its small JSON files, replaced as a whole and readable by their owner alone."""

import contextlib
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

_log = logging.getLogger("chat.client.files")

HOME_VARIABLE: Final = "CHAT_CLIENT_HOME"
# Of the JSON files. 1.0.0 wrote none, which is version 1; version 2 holds the same, and says so.
JSON_VERSION: Final = 2
JSON_FILES: Final = (
    "settings.json",
    "accounts.json",
    "known_servers.json",
    "drafts.json",
    "own_settings.json",
    "saved_choices.json",
    "downloads.json",
    "paused.json",
)
# Stands beside the entries: accounts and servers have a colon in their names, and no setting is called so.
_VERSION_KEY: Final = "version"


class NewerFileError(Exception):
    """A file was written by a later version of the client: it is left as it is.

    :param path: the file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} was written by a later version of the client. It is left as it is: "
            f"update this client, or choose another settings folder with --home."
        )
        self.path = path


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

    Every change reads the file again before it writes, so that two running clients keep each other's entries.
    A file that holds no JSON object is set aside, not overwritten. One of a later version, and one that the
    system does not let be read just now, is neither read nor written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> dict[str, Any]:
        """Return the entries of the object; none where there is no file yet."""
        try:
            return self._entries()
        except NewerFileError as error:
            _log.warning("%s", error)
        except OSError as error:
            _log.warning("cannot read %s: %s", self._path, error)
        return {}

    def migrate(self) -> None:
        """Bring a file of an earlier version to the current one; where there is no file, nothing happens.

        :raises NewerFileError: when a later version has written it.
        """
        try:
            entries, version = self._read_version()
        except OSError as error:
            _log.warning("cannot read %s: %s", self._path, error)
            return
        if entries and version < JSON_VERSION:
            self.update(lambda _entries: None)

    def _entries(self) -> dict[str, Any]:
        return self._read_version()[0]

    def _read_version(self) -> tuple[dict[str, Any], int]:
        entries = self._read()
        version = entries.pop(_VERSION_KEY, 1)
        if not isinstance(version, int) or version > JSON_VERSION:
            raise NewerFileError(self._path)
        return entries, version

    def _read(self) -> dict[str, Any]:
        try:
            value = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            _log.warning("cannot read %s: %s", self._path, error)
            set_aside(self._path)
            return {}
        if isinstance(value, dict):
            return value
        _log.warning("%s holds no JSON object", self._path)
        set_aside(self._path)
        return {}

    def update(self, change: Callable[[dict[str, Any]], None]) -> bool:
        """Read the object, change it, and replace the file in one step (mode 0600).

        A disk that refuses is logged: a setting that is not kept is no reason to stop talking.

        :return: whether it was written.
        """
        try:
            entries = self._entries()
            change(entries)
            value = {**entries, _VERSION_KEY: JSON_VERSION}
            self._replace(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True))
        except (OSError, NewerFileError) as error:
            _log.warning("cannot write %s: %s", self._path, error)
            return False
        return True

    def _replace(self, text: str) -> None:
        make_private_folder(self._path.parent)
        new = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with open(descriptor, "w", encoding="utf-8", errors="replace") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, self._path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(new)  # a full disk leaves an empty one
            raise


def set_aside(path: Path) -> None:
    """Rename a damaged file, so that a new one can be begun and nothing is destroyed."""
    aside = path.with_name(f"{path.name}.broken-{time.time_ns()}")
    try:
        os.replace(path, aside)
        _log.warning("%s was kept as %s", path, aside)
    except OSError as error:
        _log.warning("cannot set %s aside: %s", path, error)
