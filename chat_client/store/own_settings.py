"""A copy of the settings that the server keeps, and the choices that it has not heard of; it sends none."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chat_client.store.files import JsonFile
from chat_protocol.own_settings import Value


@dataclass(slots=True)
class Kept:
    """One setting.

    :param value: the server's, of this version.
    :param wanted: what the user has chosen since; it holds as long as the choice is `waiting` for its answer.
    """

    value: Value | None = None
    version: int = 0
    wanted: Value | None = None
    waiting: bool = False

    @property
    def holds(self) -> Value | None:
        """What the user has chosen last, as far as is known here."""
        return self.wanted if self.waiting else self.value

    def told(self, value: Value | None, version: int) -> None:
        """Apply what the server says: of two choices the one with the greater version."""
        if version > self.version:
            self.value, self.version = value, version


class OwnSettingsFile:
    """The copies of all accounts in `own_settings.json`, by account and by setting and room.

    :param folder: the settings folder.
    """

    def __init__(self, folder: Path) -> None:
        self._file = JsonFile(folder / "own_settings.json")

    def of(self, account: str) -> dict[str, Kept]:
        """Return what is kept of an account; an entry that cannot be read is left out."""
        entries = self._file.load().get(account)
        if not isinstance(entries, dict):
            return {}
        read = {name: _read(entry) for name, entry in entries.items() if isinstance(entry, dict)}
        return {name: kept for name, kept in read.items() if kept is not None}

    def keep(self, account: str, kept: dict[str, Kept]) -> None:
        """Write all of an account."""
        entries = {name: asdict(one) for name, one in kept.items()}
        self._file.update(lambda values: values.update({account: entries}))


def _read(entry: dict[str, Any]) -> Kept | None:
    version, waiting = entry.get("version"), entry.get("waiting")
    if type(version) is not int or type(waiting) is not bool:
        return None
    return Kept(_value(entry.get("value")), version, _value(entry.get("wanted")), waiting)


def _value(value: object) -> Value | None:
    if isinstance(value, list):
        return tuple(map(str, value))
    return value if isinstance(value, str | bool) else None
