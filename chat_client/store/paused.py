"""The transfers that the user has paused, by account, with how far each had come; it transfers nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chat_client.store.files import JsonFile


class PausedTransfers:
    """Keeps them in the settings folder, so that they rest after a restart, too."""

    def __init__(self, home: Path) -> None:
        self._file = JsonFile(home / "paused.json")

    def keep(self, account: str, paused: Mapping[str, int]) -> None:
        """Keep what rests of an account, in place of what was kept.

        :param paused: by the transfer's key, the bytes that have come.
        """

        def change(entries: dict[str, Any]) -> None:
            entries.pop(account, None)
            if paused:
                entries[account] = dict(paused)

        self._file.update(change)

    def of(self, account: str) -> dict[str, int]:
        """Return what rests of an account; what cannot be read is left out."""
        kept = self._file.load().get(account)
        entries = kept.items() if isinstance(kept, dict) else ()
        return {key: done for key, done in entries if isinstance(done, int) and done >= 0}
