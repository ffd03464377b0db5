"""The downloads that the user has asked for and that have not come yet, by account; it fetches nothing."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chat_client.store.files import JsonFile
from chat_protocol.objects import File

Download = tuple[File, Path]


class PendingDownloads:
    """Keeps them in the settings folder, so that they go on after a restart."""

    def __init__(self, home: Path) -> None:
        self._file = JsonFile(home / "downloads.json")

    def keep(self, account: str, downloads: Iterable[Download]) -> None:
        """Keep what an account waits for, in place of what was kept.

        :param downloads: files, and where each is to be saved.
        """
        kept = [{"file": file.to_frame(), "target": str(target)} for file, target in downloads]

        def change(entries: dict[str, Any]) -> None:
            entries.pop(account, None)
            if kept:
                entries[account] = kept

        self._file.update(change)

    def of(self, account: str) -> list[Download]:
        """Return what an account waits for; what cannot be read is left out."""
        found = []
        entries = self._file.load().get(account)
        for kept in entries if isinstance(entries, list) else ():
            try:
                found.append((File.from_frame(kept["file"]), Path(str(kept["target"]))))
            except (KeyError, TypeError, ValueError):
                continue
        return found
