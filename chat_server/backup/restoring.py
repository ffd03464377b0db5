"""Brings a backup into an empty database of either kind and proves that it arrived; it must not know SQL."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from chat_server.backup.errors import BackupError
from chat_server.backup.files import Named, compare
from chat_server.backup.format import RowSum, encode_row
from chat_server.backup.progress import Progress
from chat_server.backup.reading import BackupFile
from chat_server.storage.core.database import Database
from chat_server.storage.core.errors import StorageError, StorageUnavailable
from chat_server.storage.schema.migrations import known_migrations
from chat_server.storage.schema.restore import RestoreTarget, restore_into
from chat_server.storage.schema.tables import pages
from chat_server.storage.storage import open_database

Sums = Mapping[str, RowSum]


def check(path: Path, progress: Progress) -> tuple[Sums, str]:
    """Read a backup whole, restore it into a database that is thrown away, and compare.

    :return: what is in it, and when it was made.
    :raises BackupError: when it is not good.
    """
    named = read_whole(path, progress)
    if named is not None:
        compare(named, path, progress)
    with tempfile.TemporaryDirectory(prefix="chat-check-") as folder:
        return restore(path, f"sqlite:///{quote(folder)}/check.db", progress)


def restore(path: Path, url: str, progress: Progress) -> tuple[Sums, str]:
    """Fill an empty database with a backup that :func:`read_whole` found good, read it back, and compare.

    :return: what is in it, and when it was made.
    :raises BackupError: when the backup does not fit, or the database gave something else back.
    :raises StorageError: when the database is not empty, in use, or does not answer.
    """
    database = open_database(url)
    try:
        with BackupFile(path) as backup:
            _require_known(backup, database)
            with restore_into(database, backup.schema_version) as target:
                _load(backup, target, progress)
                _compare(backup, target, progress)
            return backup.sums, backup.created_at
    finally:
        database.close()


def read_whole(path: Path, progress: Progress) -> Named | None:
    """Read a backup to its end.

    :return: which files it names; None for one that was made without files.
    :raises BackupError: when it is damaged.
    """
    named = Named()
    with BackupFile(path) as backup:
        for table, rows in backup.pages():
            named.add(table, backup.tables[table], rows)
            progress.show("Reading the file (bytes)", backup.read_bytes, backup.total_bytes)
        return named if backup.with_files else None


def _require_known(backup: BackupFile, database: Database) -> None:
    known = len(known_migrations(database.name))
    if not 1 <= backup.schema_version <= known:
        raise BackupError(
            f"the backup has schema version {backup.schema_version}, this program knows {known}:"
            " restore it with a newer program"
        )


def _load(backup: BackupFile, target: RestoreTarget, progress: Progress) -> None:
    if backup.tables.keys() != target.tables():
        raise BackupError(f"the backup has not the tables of schema version {backup.schema_version}")
    for table, columns in backup.tables.items():
        if target.columns(table) != columns:
            raise BackupError(f"the backup's {table} are not those of schema version {backup.schema_version}")
    for table, rows in backup.pages():
        _insert(backup, target, table, rows)
        progress.show(f"Restoring {table}", backup.sums[table].rows, 0)


def _insert(backup: BackupFile, target: RestoreTarget, table: str, rows: list[list[object]]) -> None:
    try:
        target.insert(table, backup.tables[table], rows)
    except StorageUnavailable:
        raise
    except StorageError as error:
        raise BackupError(f"the database refuses rows of {table}: {error}") from error


def _compare(backup: BackupFile, target: RestoreTarget, progress: Progress) -> None:
    """Read every row back from the database."""
    for table, columns in backup.tables.items():
        found = RowSum()
        for page in pages(target.query, target.kind, table, columns):
            found.add([encode_row(row) for row in page])
            progress.show(f"Comparing {table}", found.rows, backup.sums[table].rows)
        if found != backup.sums[table]:
            raise BackupError(f"the database does not give back the {table} that were put into it")
