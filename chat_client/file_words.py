"""What is said of a message's files: names and sizes on a line; it must not know where that line is shown."""

from typing import Final

from chat_client.i18n import _
from chat_client.model.state import MessageState

_KIB: Final = 1024


def size_words(size: int) -> str:
    """Say a number of bytes as people read it, in the reader's language."""
    if size < _KIB:
        return _("file.bytes", size=size)
    if size < _KIB * _KIB:
        return _("file.kilobytes", size=f"{max(1, round(size / _KIB))}")
    return _("file.megabytes", size=f"{size / _KIB / _KIB:.1f}")


def said_in(message: MessageState) -> str:
    """Return a message's text with the names of its files behind it, for where it stands on one line."""
    names = ", ".join(file.name for file in message.files)
    words = _("file.named", names=names) if names else ""
    return " ".join(part for part in (message.body, words) if part)
