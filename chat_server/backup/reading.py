"""Reads a backup's file and refuses one that is not what was written; it must not know any database."""

import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

from chat_server.backup.errors import BackupError, DamagedBackup
from chat_server.backup.format import FORMAT, FORMAT_VERSION, RowSum

LINE_MAX_BYTES: Final = 16 * 1024 * 1024
PAGE_ROWS: Final = 1_000
BUFFER_BYTES: Final = 1024 * 1024

Rows = list[list[Any]]


class BackupFile:
    """An opened backup. Its header is checked at once, its rows and their checksums as they are read.

    :raises BackupError: when it is no backup, or one of a newer program.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._raw: IO[bytes] = path.open("rb")
        except OSError as error:
            raise BackupError(f"{path} cannot be read: {error.strerror}") from None
        try:
            self._lines = _lines(self._raw)
            self._take_header(_object(next(self._lines, b"")))
        except DamagedBackup as error:
            self._raw.close()
            raise BackupError(f"{path} is no backup of this program: {error}") from None
        except BackupError:
            self._raw.close()
            raise
        self.sums: dict[str, RowSum] = {}  # what was found; complete after the last page

    def __enter__(self) -> "BackupFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._raw.close()

    @property
    def total_bytes(self) -> int:
        """The size of the file."""
        return self.path.stat().st_size

    @property
    def read_bytes(self) -> int:
        """How much of the file has been read."""
        return self._raw.tell()

    def pages(self) -> Iterator[tuple[str, Rows]]:
        """Read the rows, table by table, at most a thousand at a time.

        :raises DamagedBackup: as soon as something is wrong, and at the end at the latest.
        """
        table = ""
        lines: list[bytes] = []
        for line in self._lines:
            if line.startswith(b"["):
                lines.append(line)
                if len(lines) < PAGE_ROWS:
                    continue
            yield from self._page(table, lines)
            lines = []
            if line.startswith(b"["):
                continue
            mark = _object(line)
            if "end" in mark:
                self._compare(mark["end"])
                return
            table = self._begin(mark)
        raise DamagedBackup("the file is cut short: its end is missing")

    def _page(self, table: str, lines: list[bytes]) -> Iterator[tuple[str, Rows]]:
        if not lines:
            return
        if not table:
            raise DamagedBackup("there are rows that belong to no table")
        self.sums[table].add(lines)
        rows = _parsed(b"[" + b",".join(lines) + b"]")  # at once: twice as fast as one by one
        width = len(self.tables[table])
        if len(rows) != len(lines) or any(len(row) != width for row in rows):
            raise DamagedBackup(f"a row of {table} has not {width} values")
        yield table, rows

    def _begin(self, mark: Mapping[str, Any]) -> str:
        table = mark.get("table")
        if table not in self.tables or table in self.sums:
            raise DamagedBackup(f"there is a part that the header does not announce: {str(table)[:40]}")
        self.sums[table] = RowSum()
        return str(table)

    def _compare(self, said: Any) -> None:
        if not isinstance(said, dict) or self.sums.keys() != said.keys() or said.keys() != self.tables.keys():
            raise DamagedBackup("not every table is there")
        for table, found in self.sums.items():
            if found.to_json() != said[table]:
                raise DamagedBackup(f"the rows of {table} are not those that were saved: checksums differ")
        for _ in self._lines:
            raise DamagedBackup("something follows the end")

    def _take_header(self, header: Mapping[str, Any]) -> None:
        if header.get("format") != FORMAT:
            raise DamagedBackup("the first line is not a backup's")
        if header.get("format_version") != FORMAT_VERSION:
            raise BackupError(f"{self.path} was made by a newer program: restore it with that one")
        try:
            self.schema_version = int(header["schema_version"])
            self.created_at = str(header["created_at"])
            self.with_files = header.get("with_files") is True  # beside it, in a folder of its name
            self.tables: dict[str, tuple[str, ...]] = {
                str(table): tuple(map(str, columns)) for table, columns in header["tables"].items()
            }
        except (KeyError, TypeError, ValueError, AttributeError):
            raise DamagedBackup("the header is incomplete") from None


def is_backup(path: Path) -> bool:
    """Tell whether a file begins as a backup does."""
    try:
        BackupFile(path).__exit__(None, None, None)
    except BackupError:
        return False
    return True


def _lines(raw: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines, and name in one sentence whatever the decompression stumbles over."""
    try:
        with io.BufferedReader(gzip.GzipFile(fileobj=raw), BUFFER_BYTES) as stream:
            while line := stream.readline(LINE_MAX_BYTES):
                if not line.endswith(b"\n"):
                    raise DamagedBackup("the file is cut short in the middle of a line")
                yield line
    except EOFError:
        raise DamagedBackup("the file is cut short") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DamagedBackup(f"the file is damaged: {error}") from None
    except OSError as error:
        raise BackupError(f"the file cannot be read: {error.strerror or error}") from error


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise DamagedBackup("there is a line that cannot be read") from None


def _object(line: bytes) -> dict[str, Any]:
    value = _parsed(line)
    if not isinstance(value, dict):
        raise DamagedBackup("there is a line that does not belong there")
    return value
