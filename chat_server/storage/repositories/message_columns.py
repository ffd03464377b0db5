"""The columns of the table `messages` and the fields they become, in this one place; it runs no query."""

from typing import Final

from chat_server.storage.core.database import Row
from chat_server.storage.core.records import FileRecord, MessageRecord, NewMessage

SELECT: Final = (
    "SELECT m.room_id, m.seq, m.sender_id, CASE WHEN u.erased = 0 THEN u.username END, m.body, m.sent_at,"
    " m.kind, m.target, m.reply_to, m.edited_at, m.deleted, m.is_on,"
    " CASE WHEN u.kind = 'bot' THEN 1 ELSE 0 END, m.files"
    " FROM messages m LEFT JOIN users u ON u.id = m.sender_id"
)
INSERT: Final = (
    "INSERT INTO messages (room_id, seq, sender_id, body, nonce, sent_at, kind, target, reply_to, is_on,"
    " files) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
EDIT: Final = "body = ?, edited_at = ?"
# What a person is given of the messages that were kept; `seq` is the first.
EXPORTED: Final = ("seq", "sent_at", "kind", "body", "target", "reply_to", "edited_at", "deleted")


def message_of(
    row: Row, reactions: dict[str, tuple[str, ...]], files: tuple[FileRecord, ...] = ()
) -> MessageRecord:
    """Return the record of a row of :data:`SELECT`, whose last column is how many files there are."""
    fields: Row = (*row[:-4], bool(row[-4]), reactions, bool(row[-3]), bool(row[-2]), files)
    return MessageRecord(*fields)


def values_of(message: NewMessage, seq: int, now: int) -> Row:
    """Return the values for :data:`INSERT`."""
    room_id, author_id, body, nonce, kind, target, reply_to, on, files, _ = message
    return (room_id, seq, author_id, body, nonce, now, kind, target, reply_to, int(on), len(files))
