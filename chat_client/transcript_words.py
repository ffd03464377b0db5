"""How a conversation reads as a text file: a heading, days, and a line for each message; it opens no file."""

from collections.abc import Callable, Sequence
from datetime import datetime

from chat_client.file_words import size_words
from chat_client.i18n import _
from chat_protocol.objects import Message
from chat_protocol.printable import is_shown


def heading(room: str, server: str, user: str, now: datetime) -> str:
    """Say what was saved, by whom and when.

    :param now: in the time zone of all times in the file.
    """
    words = _("transcript.heading", room=room, server=server, user=user, time=f"{now:%Y-%m-%d %H:%M}")
    return f"{_shown(words)}\n{_('transcript.zone', zone=f'{now:UTC%z}')}\n"


class TranscriptWords:
    """Word the messages of one room in the order in which they come.

    :param name_of: gives the name by which people are called.
    """

    def __init__(self, name_of: Callable[[str], str]) -> None:
        self._name_of = name_of
        self._day = ""

    def __call__(self, messages: Sequence[Message]) -> str:
        """Give the lines of some messages; an edit shows in its target, and a deletion, too."""
        return "".join(self._lines(message) for message in messages if message.kind == "text")

    def _lines(self, message: Message) -> str:
        then = datetime.fromtimestamp(message.sent_at / 1000)
        day = f"{then:%Y-%m-%d}"
        lines = [] if day == self._day else ["", f"--- {day} ---"]
        self._day = day
        name = _("transcript.former") if message.former else self._name_of(message.author)
        reply = f" (→ #{message.reply_to})" if message.reply_to is not None else ""
        begin = f"[{then:%H:%M}] #{message.seq} {_shown(name)}{reply}: "
        if message.deleted:
            return "\n".join([*lines, begin + _("transcript.deleted")]) + "\n"
        edited = f" ({_('transcript.edited')})" if message.edited_at is not None else ""
        first, *others = (message.body + edited).split("\n")
        lines += [begin + _shown(first), *(f"    {_shown(line)}" for line in others)]
        lines += [f"    [{_shown(file.name)}, {size_words(file.size)}]" for file in message.files]
        if message.reactions:
            given = (f"{emoji} {', '.join(names)}" for emoji, names in message.reactions.items())
            lines.append(f"    {_shown('  '.join(given))}")
        return "\n".join(lines) + "\n"


def _shown(text: str) -> str:
    """Leave out what would change how a terminal shows the file, but for what holds emoji together."""
    return "".join(char for char in text if is_shown(char) or char in "\t\u200d")
