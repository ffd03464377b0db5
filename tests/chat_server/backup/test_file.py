"""The file: what is written is read back, and whatever is not exactly that is refused in one line."""

import contextlib
import gzip
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chat_server.backup.errors import BackupError, DamagedBackup
from chat_server.backup.format import RowSum, encode_row
from chat_server.backup.reading import BackupFile
from chat_server.backup.writing import BackupWriter, new_file

HEADER = {"schema_version": 1, "created_at": "2026-01-01T00:00:00Z", "tables": {"users": ["id", "name"]}}
ROWS: list[list[Any]] = [[1, "élan"], [2, None], [3, "\n],["]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of one table and three rows."""
    path = tmp_path / "small.backup"
    with new_file(path) as stream:
        writer = BackupWriter(stream, HEADER)
        writer.begin("users")
        writer.rows("users", ROWS)
        writer.end()
    return path


def read(path: Path) -> list[object]:
    with BackupFile(path) as backup:
        return [row for _, rows in backup.pages() for row in rows]


def change(path: Path, edit: Callable[[list[bytes]], list[bytes]]) -> None:
    """Write the file again with other lines."""
    lines = edit(gzip.decompress(path.read_bytes()).splitlines(keepends=True))
    path.write_bytes(gzip.compress(b"".join(lines)))


def test_rows_read_back(path: Path) -> None:
    """The rows come back as they were written, with their sums."""
    assert read(path) == ROWS


def test_mode(path: Path) -> None:
    """The file, which holds password hashes, is its owner's alone."""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_same_rows_same_checksum() -> None:
    """A table's checksum depends on its rows, not on their order."""
    lines = [encode_row(row) for row in ROWS]
    one, other, less = RowSum(), RowSum(), RowSum()
    one.add(lines)
    other.add(lines[:1])
    other.add(lines[:0:-1])
    less.add(lines[1:])
    assert one == other
    assert one != less
    assert len(one.checksum) == 64


def test_truncated(path: Path) -> None:
    """A file that ends too early is refused, wherever it ends."""
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(BackupError):
            read(path)


def test_damaged(path: Path) -> None:
    """A file with one bit changed is refused, wherever it is, unless that bit stands for nothing."""
    whole = path.read_bytes()
    believed = []
    for place in range(10, len(whole)):  # the ten bytes before are gzip's own header
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        with contextlib.suppress(BackupError):
            assert read(path) == ROWS
            believed.append(place)
    assert len(believed) <= 1  # the byte that the compressed data does not fill


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda lines: lines[:-1], id="no end"),
        pytest.param(lambda lines: lines[:2] + lines[3:], id="a row less"),
        pytest.param(lambda lines: [*lines[:3], lines[2], *lines[3:]], id="a row twice"),
        pytest.param(lambda lines: [*lines[:2], b'[1,"elan"]\n', *lines[3:]], id="another row"),
        pytest.param(lambda lines: [*lines[:2], b"[1]\n", *lines[3:]], id="a short row"),
        pytest.param(lambda lines: [*lines[:2], b"[1,\n", *lines[3:]], id="half a row"),
        pytest.param(lambda lines: [lines[0], *lines[2:]], id="no table"),
        pytest.param(lambda lines: [lines[0], b'{"table":"audit"}\n', *lines[2:]], id="another table"),
        pytest.param(lambda lines: [*lines[:-1], b'{"table":"users"}\n', lines[-1]], id="a table twice"),
        pytest.param(lambda lines: [*lines, lines[-1]], id="more after the end"),
        pytest.param(lambda lines: [*lines[:-1], b'{"end":{}}\n'], id="an empty end"),
    ],
)
def test_other_contents(path: Path, edit: Callable[[list[bytes]], list[bytes]]) -> None:
    """A file that is compressed in order and does not hold what it says is refused."""
    change(path, edit)
    with pytest.raises(DamagedBackup):
        read(path)


def test_no_backup(tmp_path: Path) -> None:
    """Something else is no backup, whatever it is."""
    path = tmp_path / "something"
    for content in (b"", b"text\n", gzip.compress(b""), gzip.compress(b"text\n"), gzip.compress(b"[1]\n")):
        path.write_bytes(content)
        with pytest.raises(BackupError, match="is no backup"):
            BackupFile(path)
    with pytest.raises(BackupError, match="cannot be read"):
        BackupFile(tmp_path)


def test_newer_format(path: Path) -> None:
    """A file of a format to come is refused by name."""
    header = {"format": "chat-backup", "format_version": 2}
    change(path, lambda lines: [json.dumps(header).encode() + b"\n", *lines[1:]])
    with pytest.raises(BackupError, match="newer program"):
        BackupFile(path)


def test_failed_writing_leaves_nothing(path: Path) -> None:
    """When writing fails the former backup stays, and nothing else is left beside it."""
    before = path.read_bytes()

    def fail() -> None:
        with new_file(path) as stream:
            stream.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_only_backups_are_replaced(tmp_path: Path) -> None:
    """A file that is no backup, such as the database, is never replaced by one."""
    path = tmp_path / "chat.db"
    path.write_bytes(b"SQLite format 3\0")
    with pytest.raises(BackupError, match="is no backup"), new_file(path):
        pass
    assert path.read_bytes() == b"SQLite format 3\0"


def test_folder_missing(tmp_path: Path) -> None:
    """A folder that is not there is said in one line."""
    with pytest.raises(BackupError, match="cannot be written"), new_file(tmp_path / "none" / "file"):
        pass
