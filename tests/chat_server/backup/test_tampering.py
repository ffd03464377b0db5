"""A backup that somebody has changed and given right checksums: refused in one line, or restored whole."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chat_server.backup.__main__ import main
from chat_server.backup.creating import create
from chat_server.backup.format import RowSum, encode_row
from chat_server.backup.progress import Progress

Lines = list[Any]
JUNK: list[Any] = [None, True, -1, 2**70, 1.5, "", "x" * 50, "\ud800", "nul\0", [], {}]
CHANGES = 60


@pytest.fixture
def lines(chat_url: str, tmp_path: Path, progress: Progress) -> Lines:
    """The lines of a good backup without files."""
    path = tmp_path / "good.backup"
    create(chat_url, path, progress)
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def _forged(lines: Lines) -> bytes:
    """Return the file, with the sums that its lines have."""
    written: list[bytes] = []
    sums: dict[str, RowSum] = {}
    part = RowSum()
    for line in lines:
        if isinstance(line, dict) and "table" in line:
            part = sums[str(line["table"])] = RowSum()
        if isinstance(line, dict) and "end" in line:
            line = {"end": {table: found.to_json() for table, found in sums.items()}}
        text = _line(line)
        if isinstance(line, list):
            part.add([text])
        written.append(text)
    return gzip.compress(b"".join(written))


def _line(line: object) -> bytes:
    try:
        return encode_row(line) if isinstance(line, list) else json.dumps(line).encode() + b"\n"
    except UnicodeEncodeError:  # half a surrogate, which only an escape can carry
        return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def _without(lines: Lines, table: str) -> Lines:
    """Return the lines without a table and its name in the header."""
    kept: Lines = []
    skip = False
    for line in json.loads(json.dumps(lines)):
        if isinstance(line, dict):
            skip = line.get("table") == table
        if not skip:
            kept.append(line)
    del kept[0]["tables"][table]
    return kept


def _checked(folder: Path, lines: Lines, capsys: pytest.CaptureFixture[str]) -> str:
    """Check a forged file, which must end with status 0 or 1; return what is said on standard error."""
    path = folder / "forged.backup"
    path.write_bytes(_forged(lines))
    assert main(["check", str(path)]) in (0, 1)
    return capsys.readouterr().err


def test_backup_without_one_of_the_tables_is_refused(
    lines: Lines, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whichever is missing: nothing of a chat is optional."""
    for table in lines[0]["tables"]:
        assert _checked(tmp_path, _without(lines, table), capsys).startswith("chat_server.backup: ")


def _junk_in_header(lines: Lines, choice: Random) -> None:
    header = lines[0]
    header[choice.choice(list(header))] = choice.choice(JUNK)


def _junk_in_tables(lines: Lines, choice: Random) -> None:
    tables = lines[0]["tables"]
    tables[choice.choice([*tables, "secrets"])] = choice.choice([*JUNK, ["a"]])


def _junk_in_row(lines: Lines, choice: Random) -> None:
    row = choice.choice([line for line in lines if isinstance(line, list)])
    row[choice.randrange(len(row))] = choice.choice(JUNK)


def _junk_for_line(lines: Lines, choice: Random) -> None:
    lines[choice.randrange(1, len(lines))] = choice.choice([*JUNK, ["a"], {"table": "users"}, {"end": 1}])


def _two_lines_swapped(lines: Lines, choice: Random) -> None:
    one, other = (choice.randrange(1, len(lines)) for _ in range(2))
    lines[one], lines[other] = lines[other], lines[one]


@pytest.mark.long
@pytest.mark.parametrize(
    "change",
    [_junk_in_header, _junk_in_tables, _junk_in_row, _junk_for_line, _two_lines_swapped],
    ids=lambda change: change.__name__.strip("_"),
)
def test_changed_backup_ends_in_a_sentence(
    lines: Lines,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[Lines, Random], None],
) -> None:
    """Whatever was changed, no error gets past."""
    choice = Random(1)
    for _ in range(CHANGES):
        changed = json.loads(json.dumps(lines))
        change(changed, choice)
        assert "Traceback" not in _checked(tmp_path, changed, capsys)
