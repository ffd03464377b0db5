"""Puts a room's messages in order for the eye: groups, day lines, the "new" line, gaps; pure, no tkinter."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chat_client.model.state import MessageState
from chat_client.ui.look.dates import local
from chat_client.ui.room.markup import is_action

#: A pause longer than this begins a new group, with the author's name, also for the same author.
GROUP_PAUSE_MS = 5 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that the timeline shows.

    :param key: unique in a timeline, and what its place in the widget is called: ``m12`` a stored message,
        ``p…`` one that waits, ``d…`` a day line, ``n`` the "new" line, ``g12`` a gap before a message.
    :param head: whether the author's name stands above the message.
    :param minute: whether the message is the first of its minute in its group, so that its time is told.
    """

    key: str
    kind: str
    at_ms: int = 0
    message: MessageState | None = None
    head: bool = False
    minute: bool = False


def message_key(message: MessageState) -> str:
    """Name a message's place in the widget."""
    return f"p{message.nonce}" if message.seq is None else f"m{message.seq}"


def seq_of(key: str) -> int | None:
    """Read the seq back from a key; None where the key is not a stored message's."""
    return int(key[1:]) if key[:1] == "m" and key[1:].isdigit() else None


def arrange(
    messages: Iterable[MessageState],
    before: MessageState | None = None,
    *,
    new_from: int | None = None,
    gap_before: Callable[[MessageState], bool] = lambda _message: False,
) -> list[Entry]:
    """Arrange consecutive messages.

    :param before: the message that is shown above the first of them, if any.
    :param new_from: the seq of the first message that was unread when the room was opened.
    :param gap_before: whether something is missing in front of a message.
    """
    entries: list[Entry] = []
    for message in messages:
        breaks = False
        if message.seq is not None and gap_before(message):
            entries.append(Entry(f"g{message.seq}", "gap", message.sent_at, message))
            breaks = True
        if before is None or local(before.sent_at).date() != local(message.sent_at).date():
            day = local(message.sent_at).date()
            entries.append(Entry(f"d{day}-{message_key(message)}", "day", message.sent_at, message))
            breaks = True
        if new_from is not None and message.seq == new_from:
            entries.append(Entry("n", "new", message.sent_at, message))
            breaks = True
        head = before is None or breaks or _begins_group(before, message)
        minute = head or before is None or before.sent_at // 60_000 != message.sent_at // 60_000
        entries.append(Entry(message_key(message), "message", message.sent_at, message, head, minute))
        before = message
    return entries


def _begins_group(before: MessageState, message: MessageState) -> bool:
    return (
        before.author != message.author
        or is_action(before.body) != is_action(message.body)
        or message.reply_to is not None
        or not 0 <= message.sent_at - before.sent_at <= GROUP_PAUSE_MS
    )
