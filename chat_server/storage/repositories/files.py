"""The files that were uploaded, and those given up that are left to remove; it must not know their bytes."""

import secrets
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chat_server.storage.core.database import Database, Transaction, chunks, placeholders
from chat_server.storage.core.records import FileRecord, NewFile
from chat_server.storage.repositories.file_rows import COLUMNS, count_again, file_of, give_up

_NEW = (
    "public_id, room_id, user_id, nonce, name, size, type, digest, width, height, preview_size,"
    " preview_digest, created_at"
)


class Usage(NamedTuple):
    """How many files there are, and their bytes with those of their previews."""

    files: int
    bytes: int


class Files:
    """Reads and changes what is known of files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, new: NewFile) -> FileRecord:
        """Add a file whose bytes are kept.

        :raises DuplicateKey: when the user has used the nonce for another upload.
        """
        public_id = "f" + secrets.token_hex(16)
        values = (
            public_id, new.room_id, new.user_id, new.nonce, new.name, new.size, new.type, new.digest,
            new.width, new.height, new.preview_size, new.preview_digest, new.created_at,
        )  # fmt: skip
        self._database.write(
            lambda transaction: transaction.insert(
                f"INSERT INTO files ({_NEW}) VALUES ({placeholders(values)})", values
            )
        )
        (found,) = self.by_ids([public_id])
        return found

    def by_nonce(self, user_id: int, nonce: str) -> FileRecord | None:
        """Find what a user has uploaded under a nonce, gone or not."""
        return self._one("f.user_id = ? AND f.nonce = ?", user_id, nonce)

    def by_id(self, public_id: str) -> FileRecord | None:
        """Find a file that is not gone."""
        return self._one("f.public_id = ? AND f.gone = 0", public_id)

    def by_ids(self, public_ids: Sequence[str]) -> list[FileRecord]:
        """Find files that are not gone, in the order of their ids in the argument."""
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM files f WHERE f.gone = 0 AND f.public_id IN ({placeholders(public_ids)})",
            public_ids,
        )
        return sorted(map(file_of, rows), key=lambda file: public_ids.index(file.public_id))

    def usage(self, user_id: int | None = None, room_id: int | None = None) -> Usage:
        """Return how much there is, of one user, in one room, or all; what is gone counts not."""
        where, parameters = _filter(user_id, room_id)
        row = self._database.row(
            f"SELECT COUNT(*), COALESCE(SUM(f.size + f.preview_size), 0) FROM files f WHERE {where}",
            parameters,
        )
        assert row is not None
        return Usage(int(row[0]), int(row[1]))

    def unnamed(self, user_id: int) -> int:
        """Return how many files of a user no message names yet."""
        row = self._database.row(
            "SELECT COUNT(*) FROM files WHERE gone = 0 AND seq IS NULL AND user_id = ?", (user_id,)
        )
        assert row is not None
        return int(row[0])

    def largest(self, limit: int, user_id: int | None = None, room_id: int | None = None) -> list[FileRecord]:
        """Return the largest files: of everybody or one user, of all rooms or one."""
        where, parameters = _filter(user_id, room_id)
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM files f WHERE {where} ORDER BY f.size DESC, f.id LIMIT ?",
            (*parameters, limit),
        )
        return [file_of(row) for row in rows]

    def of_user(self, user_id: int, after_id: int, limit: int) -> list[FileRecord]:
        """Return some of a user's files, by number."""
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM files f WHERE f.user_id = ? AND f.gone = 0 AND f.id > ?"
            " ORDER BY f.id LIMIT ?",
            (user_id, after_id, limit),
        )
        return [file_of(row) for row in rows]

    def give_up(self, file: FileRecord) -> None:
        """Take a file from everybody, and from the message that names it."""

        def work(transaction: Transaction) -> None:
            give_up(transaction, "id = ?", file.id)
            if file.seq is not None:
                count_again(transaction, [(file.room_id, file.seq)])

        self._database.write(work)

    def give_up_unnamed(self, before: int) -> int:
        """Take back what was uploaded before a time (ms since 1970) and is named by no message.

        :return: how many files there were.
        """
        return self._database.write(
            lambda transaction: give_up(transaction, "seq IS NULL AND created_at < ?", before), durable=False
        )

    def gone(self, limit: int) -> list[FileRecord]:
        """Return some of the files that were given up."""
        rows = self._database.rows(f"SELECT {COLUMNS} FROM files f WHERE f.gone = 1 LIMIT ?", (limit,))
        return [file_of(row) for row in rows]

    def forget(self, files: Sequence[FileRecord]) -> None:
        """Remove the rows of files whose bytes are removed."""
        for part in chunks([file.id for file in files]):
            self._database.run(f"DELETE FROM files WHERE gone = 1 AND id IN ({placeholders(part)})", part)

    def named(self, digests: Iterable[str]) -> set[str]:
        """Return those of the digests that a file, or the preview of one, has that is not gone."""
        found: set[str] = set()
        for part in chunks(sorted(set(digests))):
            for column in ("digest", "preview_digest"):
                rows = self._database.rows(
                    f"SELECT DISTINCT {column} FROM files"
                    f" WHERE gone = 0 AND {column} IN ({placeholders(part)})",
                    part,
                )
                found.update(str(row[0]) for row in rows)
        return found

    def _one(self, condition: str, *parameters: object) -> FileRecord | None:
        row = self._database.row(f"SELECT {COLUMNS} FROM files f WHERE {condition}", parameters)
        return None if row is None else file_of(row)


def _filter(user_id: int | None, room_id: int | None) -> tuple[str, tuple[int, ...]]:
    wanted = {"f.user_id = ?": user_id, "f.room_id = ?": room_id}
    conditions = {condition: value for condition, value in wanted.items() if value is not None}
    return " AND ".join(("f.gone = 0", *conditions)), tuple(conditions.values())
