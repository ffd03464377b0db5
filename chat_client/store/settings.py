"""What the user chose: language, theme, notifications, window; kept in `settings.json`, known to no view."""

from pathlib import Path
from typing import Any

from chat_client.model.state import NotifyLevel
from chat_client.store.files import JsonFile

# theme and language "" follow the system; `geometry` is Tk's own word for a window's place and size.
DEFAULTS: dict[str, Any] = {
    "theme": "",
    "language": "",
    "text_percent": 100,
    "sound": False,
    "desktop_notifications": True,
    "away_after_minutes": 10,
    "geometry": "",
    "maximised": False,
    "stay_signed_in": True,
    "last_account": "",
    "last_host": "",
    "last_port": 0,
    "unread_first": False,
    "spell_check": True,
    "tray": True,
}


class Settings:
    """Read once, written at each change.

    :param folder: the settings folder.
    """

    def __init__(self, folder: Path) -> None:
        self._file = JsonFile(folder / "settings.json")
        self._values = self._file.load()

    def get(self, name: str) -> Any:
        """Return a setting; its default when it was never chosen, or when the file holds another type."""
        default = DEFAULTS[name]
        value = self._values.get(name, default)
        return value if type(value) is type(default) else default

    def set(self, name: str, value: Any) -> None:
        """Choose a setting and keep it.

        :raises KeyError: when there is no setting of that name.
        """
        if type(value) is not type(DEFAULTS[name]):
            raise TypeError(f"{name} is a {type(DEFAULTS[name]).__name__}")
        if self.get(name) != value:
            self._values[name] = value
            self._file.update(lambda values: values.update({name: value}))

    def notify_level(self, account: str, room: str) -> NotifyLevel | None:
        """Return which messages of a room call for attention, or None when the user did not choose."""
        levels = self._values.get("notify")
        level = levels.get(f"{account} {room}") if isinstance(levels, dict) else None
        return NotifyLevel(level) if level in list(NotifyLevel) else None

    def open_room(self, account: str) -> str:
        """Return under what the room is kept that an account opened last; empty where there is none."""
        rooms = self._values.get("open_rooms")
        room = rooms.get(account) if isinstance(rooms, dict) else None
        return room if isinstance(room, str) else ""

    def set_open_room(self, account: str, room: str) -> None:
        """Keep which room an account has opened."""
        if self.open_room(account) != room:
            self._keep("open_rooms", account, room)

    def set_notify_level(self, account: str, room: str, level: NotifyLevel) -> None:
        """Keep which messages of a room call for attention."""
        self._keep("notify", f"{account} {room}", str(level))

    def favourites(self, account: str) -> frozenset[str]:
        """Return under what the favourite rooms of an account are kept."""
        return frozenset(self._list("favourites", account))

    def set_favourite(self, account: str, room: str, favourite: bool) -> None:
        """Keep whether a room is a favourite."""
        chosen = self.favourites(account) - {room} | ({room} if favourite else set())
        self._keep("favourites", account, sorted(chosen))

    def recent_emoji(self, account: str) -> tuple[str, ...]:
        """Return the emoji that an account has taken lately, the last one first."""
        return tuple(self._list("recent_emoji", account))

    def set_recent_emoji(self, account: str, emoji: list[str]) -> None:
        """Keep which emoji an account has taken lately."""
        self._keep("recent_emoji", account, emoji)

    def folded(self, section: str) -> bool:
        """Return whether a section of the list of rooms is folded; that of archived rooms is at first."""
        kept = self._values.get("folded")
        folded = kept.get(section) if isinstance(kept, dict) else None
        return folded if isinstance(folded, bool) else section == "archived"

    def set_folded(self, section: str, folded: bool) -> None:
        """Keep whether a section of the list of rooms is folded."""
        self._keep("folded", section, folded)

    def _list(self, table: str, name: str) -> list[str]:
        """Return a list of a table of the file, without what is no text."""
        kept = self._values.get(table)
        named = kept.get(name) if isinstance(kept, dict) else None
        return [value for value in named if isinstance(value, str)] if isinstance(named, list) else []

    def _keep(self, table: str, name: str, value: str | bool | list[str]) -> None:
        """Put one value into a table of the file."""

        def change(values: dict[str, Any]) -> None:
            known = values.get(table)
            values[table] = {**(known if isinstance(known, dict) else {}), name: value}

        change(self._values)
        self._file.update(change)
