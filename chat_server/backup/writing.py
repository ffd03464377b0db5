"""Writes a backup's file: whole under its name, or not at all; it must not know where the rows come from."""

import contextlib
import gzip
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

from chat_server.backup.errors import BackupError
from chat_server.backup.format import FORMAT, FORMAT_VERSION, Encode, RowSum, encode_row
from chat_server.backup.reading import is_backup
from chat_server.durable import sync_folder

COMPRESSION: Final = 4  # a third faster than 6, and a few per cent larger


class BackupWriter:
    """Write the header, then table after table, then what is to be found in them."""

    def __init__(self, stream: IO[bytes], header: Mapping[str, Any]) -> None:
        self._out = stream
        self.sums: dict[str, RowSum] = {}
        self._line({"format": FORMAT, "format_version": FORMAT_VERSION, **header})

    def begin(self, table: str) -> None:
        """Begin a table."""
        self.sums[table] = RowSum()
        self._line({"table": table})

    def rows(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows of the table that was begun last."""
        lines = [encode_row(row) for row in rows]
        self.sums[table].add(lines)
        self._out.write(b"".join(lines))

    def end(self) -> None:
        """Write the counts and checksums, by which the file is known to be whole."""
        self._line({"end": {table: found.to_json() for table, found in self.sums.items()}})

    def _line(self, value: Mapping[str, Any]) -> None:
        self._out.write(Encode(value).encode() + b"\n")


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Give a compressed stream that becomes the file when the block ends, on the disk and under its name.

    :raises BackupError: when the file cannot be written, or would replace something that is no backup.
    """
    if path.exists() and not is_backup(path):
        raise BackupError(f"{path} is there already and is no backup: it is not replaced")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)  # mode 0600
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "wb") as raw:
            with gzip.GzipFile("", "wb", COMPRESSION, raw, mtime=0) as stream:
                yield stream  # type: ignore[misc]  # it is a stream of bytes
            raw.flush()
            os.fsync(raw.fileno())
        os.replace(name, path)
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
    sync_folder(path.parent)
