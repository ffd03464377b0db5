"""What stood in the composer of each room, kept over restarts; `drafts.json`, written after a short pause."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from chat_client.store.files import JsonFile

WRITE_AGAIN_S = 5.0  # after the disk has refused
WRITE_AFTER_S = 2.0  # of the first change: typing does not write at each key


class Drafts:
    """Keep drafts by account and room key.

    :param folder: the settings folder.
    :param monotonic: seconds that never go back.
    """

    def __init__(self, folder: Path, monotonic: Callable[[], float]) -> None:
        self._file = JsonFile(folder / "drafts.json")
        self._monotonic = monotonic
        self._changed: dict[tuple[str, str], str] = {}
        #: When what has changed is written; None where nothing has.
        self.write_at: float | None = None
        #: Whether the disk has refused the last change; it is tried again.
        self.failing = False

    def of(self, account: str) -> dict[str, str]:
        """Return the drafts of an account by room key."""
        self.flush()
        items = self._file.load().get(account)
        return {str(k): str(v) for k, v in items.items()} if isinstance(items, dict) else {}

    def put(self, account: str, room: str, text: str) -> None:
        """Keep a draft; empty text removes it, at once: what was sent must not return after a crash."""
        self._changed[account, room] = text
        if not text.strip():
            self.write_at = self._monotonic()
        elif self.write_at is None:
            self.write_at = self._monotonic() + WRITE_AFTER_S

    def tick(self) -> None:
        """Write what has waited long enough."""
        if self.write_at is not None and self._monotonic() >= self.write_at:
            self.flush()

    def flush(self) -> None:
        """Write what has changed."""
        changed, self._changed, self.write_at = self._changed, {}, None
        if not changed:
            return
        self.failing = not self._file.update(lambda items: _merge(items, changed))
        if self.failing:
            self._changed, self.write_at = changed, self._monotonic() + WRITE_AGAIN_S


def _merge(items: dict[str, Any], changed: dict[tuple[str, str], str]) -> None:
    for (account, room), text in changed.items():
        known = items.get(account)
        drafts = items[account] = known if isinstance(known, dict) else {}
        if text.strip():
            drafts[room] = text
        else:
            drafts.pop(room, None)
        if not drafts:
            del items[account]
