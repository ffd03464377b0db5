"""Which emoji the user has taken lately, kept on this computer for each account; it knows no window."""

from typing import Final

from chat_client.engine.core import Core
from chat_client.store.settings import Settings

RECENT_MAX: Final = 16


class RecentEmoji:
    """The emoji of the account that is signed in."""

    def __init__(self, core: Core, settings: Settings) -> None:
        self._core, self._settings = core, settings

    def recent(self) -> tuple[str, ...]:
        """Return the emoji, the last one first."""
        return self._settings.recent_emoji(self._core.account)

    def used(self, emoji: str) -> None:
        """Note that an emoji was taken."""
        others = (known for known in self.recent() if known != emoji)
        self._settings.set_recent_emoji(self._core.account, [emoji, *others][:RECENT_MAX])
