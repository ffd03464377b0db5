"""The rows of the table `files` in transactions about messages: named by one, read with it, given up with it.

A file that is given up keeps its row, without its name, until its bytes have been removed.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from chat_server.storage.core.database import Row, Transaction, chunks, placeholders
from chat_server.storage.core.errors import NoSuchFile
from chat_server.storage.core.records import FileRecord, NewMessage

COLUMNS: Final = (
    "f.room_id, f.user_id, f.nonce, f.name, f.size, f.type, f.digest, f.width, f.height, f.preview_size,"
    " f.preview_digest, f.created_at, f.id, f.public_id, f.seq, f.gone"
)
Place = tuple[int, int]  # room and seq


def file_of(row: Row) -> FileRecord:
    """Make the record of a row of :data:`COLUMNS`."""
    room_id, user_id, nonce, *rest, gone = row
    text = nonce if isinstance(nonce, str) else bytes(nonce).decode()
    fields: Row = (room_id, user_id, text, *rest, bool(gone))
    return FileRecord(*fields)


def name_files(transaction: Transaction, message: NewMessage, seq: int) -> None:
    """Give a message at its place the files that it names.

    :raises NoSuchFile: when one is not the sender's own, of this room, kept, and free.
    """
    for place, file in enumerate(message.files):
        named = transaction.run(
            "UPDATE files SET seq = ?, place = ?"
            " WHERE id = ? AND room_id = ? AND user_id = ? AND seq IS NULL AND gone = 0",
            (seq, place, file.id, message.room_id, message.author_id),
        )
        if not named:
            raise NoSuchFile(f"file {file.id} cannot be sent with message {seq} of room {message.room_id}")


def files_of(transaction: Transaction, places: Sequence[Place]) -> dict[Place, tuple[FileRecord, ...]]:
    """Return the files that the messages at these places name."""
    found: dict[Place, tuple[FileRecord, ...]] = {}
    for part in chunks(list(places)):
        by_room: dict[int, list[int]] = {}
        for room_id, seq in part:
            by_room.setdefault(room_id, []).append(seq)
        condition = " OR ".join(
            f"(f.room_id = ? AND f.seq IN ({placeholders(seqs)}))" for seqs in by_room.values()
        )
        parameters = [value for room_id, seqs in by_room.items() for value in (room_id, *seqs)]
        for row in transaction.rows(
            f"SELECT {COLUMNS} FROM files f WHERE f.gone = 0 AND ({condition}) ORDER BY f.place", parameters
        ):
            file = file_of(row)
            assert file.seq is not None
            key = (file.room_id, file.seq)
            found[key] = (*found.get(key, ()), file)
    return found


def give_up(transaction: Transaction, condition: str, *parameters: object) -> int:
    """Take files from everybody; their bytes are removed afterwards.

    :return: how many there were.
    """
    return transaction.run(f"UPDATE files SET gone = 1, name = '' WHERE gone = 0 AND {condition}", parameters)


def give_up_of_user(transaction: Transaction, user_id: int) -> None:
    """Take a user's files from everybody, and from the messages that name them."""
    places = transaction.rows(
        "SELECT DISTINCT room_id, seq FROM files WHERE user_id = ? AND gone = 0 AND seq IS NOT NULL",
        (user_id,),
    )
    give_up(transaction, "user_id = ?", user_id)
    count_again(transaction, places)


def count_again(transaction: Transaction, places: Iterable[Row]) -> None:
    """Count the files of messages again, of which some were given up."""
    for room_id, seq in places:
        transaction.run(
            "UPDATE messages SET files = (SELECT COUNT(*) FROM files f"
            " WHERE f.room_id = ? AND f.seq = ? AND f.gone = 0) WHERE room_id = ? AND seq = ?",
            (room_id, seq, room_id, seq),
        )
