"""What edits, deletions and reactions do to the message they are about. It must not know who may do it."""

from chat_server.storage.core.database import Transaction
from chat_server.storage.core.errors import NoSuchTarget
from chat_server.storage.core.records import NewMessage
from chat_server.storage.repositories.file_rows import give_up
from chat_server.storage.repositories.message_columns import EDIT, INSERT, values_of


def insert_message(transaction: Transaction, message: NewMessage, seq: int, now: int) -> None:
    """Insert a message of any kind at its place."""
    transaction.run(INSERT, values_of(message, seq, now))


def apply_effect(transaction: Transaction, message: NewMessage, seq: int, now: int) -> None:
    """Change the message that an edit, a deletion or a reaction is about; a text changes nothing.

    :raises NoSuchTarget: when that is no text of the same room, or was deleted.
    """
    if message.kind == "text":
        return
    body = _target_body(transaction, message)
    if message.kind == "edit":
        _keep_version(transaction, message, seq, body, now)
        _change(transaction, message, EDIT, message.body, now)
    elif message.kind == "delete":
        _keep_version(transaction, message, seq, body, now)
        _change(transaction, message, "body = '', deleted = 1, files = 0")
        give_up(transaction, "room_id = ? AND seq = ?", message.room_id, message.target)
        transaction.run(
            "DELETE FROM pinned_messages WHERE room_id = ? AND seq = ?", (message.room_id, message.target)
        )
        _clear_edits(transaction, message)
    else:
        _react(transaction, message, now)


def _target_body(transaction: Transaction, message: NewMessage) -> str:
    row = transaction.row(
        "SELECT body FROM messages WHERE room_id = ? AND seq = ? AND kind = 'text' AND deleted = 0",
        (message.room_id, message.target),
    )
    if row is None:
        raise NoSuchTarget(f"there is no message {message.target} in room {message.room_id}")
    return str(row[0])


def _keep_version(transaction: Transaction, message: NewMessage, seq: int, body: str, now: int) -> None:
    transaction.run(
        "INSERT INTO message_versions (room_id, seq, version_seq, body, replaced_by, replaced_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (message.room_id, message.target, seq, body, message.author_id, now),
    )


def _change(transaction: Transaction, message: NewMessage, assignments: str, *values: object) -> None:
    transaction.run(
        f"UPDATE messages SET {assignments} WHERE room_id = ? AND seq = ?",
        (*values, message.room_id, message.target),
    )


def _clear_edits(transaction: Transaction, message: NewMessage) -> None:
    # An edit's own place in the history shows its text: it goes with the message.
    edits = transaction.rows(
        "SELECT version_seq FROM message_versions WHERE room_id = ? AND seq = ?",
        (message.room_id, message.target),
    )
    for (version_seq,) in edits:
        transaction.run(
            "UPDATE messages SET body = '' WHERE room_id = ? AND seq = ?", (message.room_id, version_seq)
        )


def _react(transaction: Transaction, message: NewMessage, now: int) -> None:
    key = {
        "room_id": message.room_id,
        "seq": message.target,
        "emoji": message.body,
        "user_id": message.author_id,
    }
    if message.on:
        transaction.insert_new("reactions", key | {"reacted_at": now})
    else:
        transaction.run(
            "DELETE FROM reactions WHERE room_id = ? AND seq = ? AND emoji = ? AND user_id = ?",
            tuple(key.values()),
        )
