"""Saves a database in a file while its server runs; it must not know which kind of database it is."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from chat_protocol.times import now_ms, to_rfc3339
from chat_server import __version__
from chat_server.backup.errors import BackupError
from chat_server.backup.files import Named, prune, remove_all, save
from chat_server.backup.format import RowSum
from chat_server.backup.progress import Progress
from chat_server.backup.writing import BackupWriter, new_file
from chat_server.storage.schema.catalogue import tables_in
from chat_server.storage.schema.snapshot import Snapshot, open_snapshot
from chat_server.storage.schema.tables import TABLES, columns_of, pages, schema_version


def create(
    url: str, path: Path, progress: Progress, files_folder: Path | None = None
) -> Mapping[str, RowSum]:
    """Save what the database holds at this moment.

    :param files_folder: the server's folder of files, which are saved beside; None leaves them out.
    :return: how many rows of each table there are, and their checksum.
    :raises BackupError: when the file cannot be written.
    :raises StorageError: when the database cannot be read.
    """
    named = Named()
    with open_snapshot(url) as snapshot:
        version = schema_version(snapshot.query, snapshot.kind)
        there = tables_in(snapshot.query, snapshot.kind)
        columns = {
            table: columns_of(snapshot.query, snapshot.kind, table) for table in TABLES if table in there
        }
        with new_file(path) as stream:
            header = {
                "schema_version": version,
                "program_version": __version__,
                "created_at": to_rfc3339(now_ms()),
                "tables": columns,
                "with_files": files_folder is not None,
            }
            writer = BackupWriter(stream, header)
            for table in columns:
                _save(snapshot, writer, table, columns[table], progress, named)
            writer.end()
            if files_folder is not None:
                _require_gone(url, save(named, files_folder, path, progress))
    if files_folder is not None:
        prune(named, path)
    else:
        remove_all(path)
    return writer.sums


def _require_gone(url: str, missing: Sequence[str]) -> None:
    """Make sure that what is not there was removed while the backup was made."""
    if not missing:
        return
    with open_snapshot(url) as now:
        for digest in missing:
            sql = "SELECT name FROM files WHERE gone = 0 AND (digest = ? OR preview_digest = ?)"
            if found := now.query(sql, (digest, digest)):
                raise BackupError(f"the bytes of “{found[0][0]}” ({digest}) are missing on the server")


def _save(
    snapshot: Snapshot,
    writer: BackupWriter,
    table: str,
    columns: tuple[str, ...],
    progress: Progress,
    named: Named,
) -> None:
    total = snapshot.query(f"SELECT COUNT(*) FROM {table}", ())[0][0]
    writer.begin(table)
    for page in pages(snapshot.query, snapshot.kind, table, columns):
        writer.rows(table, page)
        named.add(table, columns, page)
        progress.show(f"Saving {table}", writer.sums[table].rows, total)
