"""`python -m chat_server.backup`: makes, checks and restores backups, from the command line."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from chat_protocol.standard_streams import on_any_streams
from chat_server.admin.database import tool_arguments, used_database
from chat_server.backup.creating import create
from chat_server.backup.errors import BackupError
from chat_server.backup.files import bring_back, compare
from chat_server.backup.progress import Progress
from chat_server.backup.restoring import Sums, check, read_whole, restore
from chat_server.config.layers import UsageError
from chat_server.data_folder import remember_backup, shown
from chat_server.options import Options
from chat_server.permissions import reason_of
from chat_server.storage.core.errors import StorageConfigError, StorageError
from chat_server.storage.core.urls import parse_url

DONE: Final = 0
REFUSED: Final = 1
WRONG_USAGE: Final = 2

DATABASE_HELP: Final = (
    "sqlite:///path or mysql://user:password@host:port/name (default: CHAT_DATABASE, the settings file's, or"
    " the one that the data folder's server uses)"
)
DATABASE_FILE_HELP: Final = "file whose first line is the URL of the database"
CONFIG_HELP: Final = "the server's settings file (default: CHAT_CONFIG)"
DATA_DIR_HELP: Final = "the server's data folder (default: CHAT_DATA_DIR, the settings file's, or data)"
FILES_DIR_HELP: Final = (
    "the server's folder of files (default: the settings file's, or files in the data folder)"
)
WITHOUT_FILES_HELP: Final = "leave the files that users have sent out"


@on_any_streams
def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command and return the exit status."""
    given = _parser().parse_args(arguments)
    progress = Progress(sys.stderr)
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        options = Options() if given.command == "check" else _options(given)
        with_files = options.files and not getattr(given, "without_files", False)
        return _carry_out(given.command, given.file, options, progress, with_files=with_files)
    except (UsageError, _WrongUrl) as error:
        return _complain(progress, error, WRONG_USAGE)
    except (BackupError, StorageError) as error:
        return _complain(progress, error, REFUSED)
    except OSError as error:
        path = Path(error.filename or given.file)
        return _complain(progress, BackupError(f"{path}: {reason_of(error, path)}"), REFUSED)
    except KeyboardInterrupt:
        return _complain(progress, BackupError(f"{given.command} was interrupted"), REFUSED)


class _WrongUrl(Exception):
    pass


def _carry_out(command: str, file: Path, options: Options, progress: Progress, *, with_files: bool) -> int:
    began, url = time.monotonic(), options.database_url
    if command == "create":
        sums = create(url, file, progress, options.files_folder if with_files else None)
        remember_backup(options.data_dir, url)
        done = f"{file} holds {_contents(sums)}, of {shown(url)}"
    elif command == "check":
        sums, made_at = check(file, progress)
        done = f"{file} is good: {_contents(sums)}, saved {made_at}"
    else:
        named = read_whole(file, progress)  # a damaged file leaves the database as it is
        if named is not None and with_files:
            compare(named, file, progress)
            bring_back(named, file, options.files_folder, progress)
        sums, made_at = restore(file, url, progress)
        done = f"restored and compared: {_contents(sums)}, saved {made_at}"
    progress.clear()
    for table, found in sums.items():
        print(f"{table:<18}{found.rows:>12,}  {found.checksum}")
    print(f"{done}; {time.monotonic() - began:.1f} s")
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m chat_server.backup",
        description="Save the whole chat in one file, check such a file, or restore it.",
        epilog="Exit status: 0 done, 1 refused (the reason is printed), 2 wrong usage.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, help_text in (
        ("create", "save the database in FILE; the server may run meanwhile"),
        ("check", "read FILE, restore it into a database that is thrown away, and compare"),
        ("restore", "fill an empty database, of either kind, from FILE; no server may run on it"),
    ):
        command = commands.add_parser(name, help=help_text, description=help_text)
        command.add_argument("file", metavar="FILE", type=Path)
        if name != "check":
            command.add_argument("--database", metavar="URL", help=DATABASE_HELP)
            command.add_argument("--database-file", metavar="FILE", type=Path, help=DATABASE_FILE_HELP)
            command.add_argument("--config", metavar="FILE", type=Path, help=CONFIG_HELP)
            command.add_argument("--data-dir", metavar="DIR", help=DATA_DIR_HELP)
            command.add_argument("--files-dir", metavar="DIR", type=Path, help=FILES_DIR_HELP)
            command.add_argument("--without-files", action="store_true", help=WITHOUT_FILES_HELP)
    return parser


def _options(given: argparse.Namespace) -> Options:
    """Return the options that name the data folder and the database of the server."""
    said = tool_arguments(given.config, given.data_dir, given.database, given.database_file)
    options = used_database(said, dict(os.environ))
    if given.files_dir is not None:
        options = replace(options, files_dir=given.files_dir)
    try:
        parse_url(options.database_url)
    except StorageConfigError as error:
        raise _WrongUrl(str(error)) from None
    return options


def _contents(sums: Sums) -> str:
    rows = {table: found.rows for table, found in sums.items()}
    return f"{rows['messages']:,} messages, {rows['users']:,} users, {rows['rooms']:,} rooms"


def _complain(progress: Progress, error: Exception, status: int) -> int:
    progress.clear()
    print(f"chat_server.backup: {' '.join(str(error).split())}", file=sys.stderr)
    return status


def _interrupted(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
