"""What is said of a message's files: names and sizes on a line; it must not know where that line is shown."""

from typing import Final

from chat_client.i18n import _, error_text
from chat_client.model.state import MessageState
from chat_client.model.transfer_state import TransferState
from chat_protocol.objects import Message

_KIB: Final = 1024


def size_words(size: int) -> str:
    """Say a number of bytes as people read it, in the reader's language."""
    if size < _KIB:
        return _("file.bytes", size=size)
    if size < _KIB * _KIB:
        return _("file.kilobytes", size=f"{max(1, round(size / _KIB))}")
    return _("file.megabytes", size=f"{size / _KIB / _KIB:.1f}".replace(".", _("file.point")))


def said_in(message: MessageState | Message) -> str:
    """Return a message's text with the names of its files behind it, for where it stands on one line."""
    names = ", ".join(file.name for file in message.files)
    words = _("file.named", names=names) if names else ""
    return " ".join(part for part in (message.body, words) if part)


def transfer_words(transfer: TransferState) -> str:
    """Say how far a file has come, or why it does not go on."""
    if transfer.paused:
        return _("file.paused", percent=_percent(transfer))
    if transfer.code:
        return _("file.tried_later", reason=error_text(transfer.code).rstrip("."))
    if not transfer.done:
        return _("file.waits")
    return _(
        "file.under_way",
        percent=_percent(transfer),
        done=size_words(transfer.done),
        size=size_words(transfer.size),
    )


def _percent(transfer: TransferState) -> int:
    return 100 * transfer.done // transfer.size if transfer.size else 0
