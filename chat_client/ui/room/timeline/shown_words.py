"""The words of the timeline's entries, and which of them are outdated; it must not know the paper."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from chat_client.i18n import _
from chat_client.ui.look import dates
from chat_client.ui.room.timeline.entries import Entry
from chat_client.ui.room.timeline.wording import Context, Run, word


class ShownWords:
    """Word entries, and remember which names and which day they were worded with."""

    def __init__(self, context: Context, today: Callable[[], date]) -> None:
        self.context = context
        self._today = today
        self._dated = today()
        self._names: dict[str, str] = {}

    def forget(self) -> None:
        """Forget the names: nothing is shown any more."""
        self._names.clear()

    def word(self, entry: Entry) -> list[Run]:
        """Return an entry's runs."""
        return word(entry, replace(self.context, name_of=self._name_of))

    def label(self, entry: Entry) -> str:
        """Return what a line that is no message says."""
        if entry.kind == "day":
            return dates.day(entry.at_ms, self._today())
        return _({"start": "timeline.start", "new": "timeline.new"}.get(entry.kind, "timeline.loading"))

    def date_changed(self) -> bool:
        """Say, once, that another day has begun, also one that began while the machine slept."""
        was, self._dated = self._dated, self._today()
        return was != self._dated

    def name_changed(self) -> Callable[[Entry], bool]:
        """Return what tells of an entry whether it names somebody whose displayed name is another now."""
        changed = {user for user, name in self._names.items() if self.context.name_of(user) != name}
        return lambda entry: entry.kind == "message" and bool(self._named_in(entry) & changed)

    def _name_of(self, username: str) -> str:
        name = self._names[username] = self.context.name_of(username)
        return name

    def _named_in(self, entry: Entry) -> set[str]:
        message = entry.message
        original = self.context.find(message.reply_to) if message is not None and message.reply_to else None
        return {shown.author for shown in (message, original) if shown is not None}
