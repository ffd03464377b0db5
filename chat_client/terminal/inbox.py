"""What can be typed about all that is unread: the list of it, made of what is known; it asks nothing."""

from chat_client.engine.client import Client
from chat_client.file_words import said_in
from chat_client.i18n import _, ngettext
from chat_client.model.inbox import InboxEntry, inbox
from chat_client.terminal.moderating import Lines
from chat_client.terminal.wording import Write, name_of, printable


class Inbox:
    """Carry out the lines about what is unread."""

    def __init__(self, client: Client, write: Write) -> None:
        self._client, self._write = client, write
        self.lines: Lines = {"inbox": lambda _rest: self._list()}

    def _list(self) -> None:
        entries = inbox(self._client.state)
        for entry in entries:
            self._write(printable(f"  {entry.room.name}: {self._words(entry)}"))
        if not entries:
            self._write(f"* {_('inbox.none')}")

    def _words(self, entry: InboxEntry) -> str:
        count, message = ngettext("inbox.unread", entry.room.unread), entry.message
        if message is None:
            return count
        return f"{count}, #{message.seq} <{name_of(message.author, self._client.state)}> {said_in(message)}"
