"""Which database a data folder's server uses, written there without the password; it opens no database."""

import contextlib
import os
import pwd
import shlex
import stat
from pathlib import Path
from typing import Final

from chat_server.permissions import user_of
from chat_server.storage.core.errors import StorageConfigError
from chat_server.storage.core.urls import MysqlAddress, parse_url, sqlite_url

BACKUP_FILE: Final = "last_backup"
DATABASE_FILE: Final = "database"
SQLITE_FILE: Final = "chat.db"
OTHERS: Final = 0o077
_EXPLANATION: Final = "# The database of this folder's server, which writes the line; tools read it.\n"


class FolderError(Exception):
    """The data folder cannot be used; the text says what to do."""


def prepare_folder(folder: Path) -> None:
    """Make the data folder, and refuse one that anybody else may look into or that is another user's.

    Files that an earlier release left readable are closed; a link among them is refused.

    :raises FolderError: with the command that repairs it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
        _require_own(folder, found)
        if found.st_mode & OTHERS:
            place = shlex.quote(str(folder))
            raise FolderError(
                f"other users may look into the data folder {folder}, where passwords' hashes and the"
                f" certificate's key are: chmod 700 {place}"
            )
        for path in folder.iterdir():
            _close(path)
    except OSError as error:
        raise FolderError(f"cannot use the data folder {folder}: {error.strerror or error}") from error


def _close(path: Path) -> None:
    try:
        found = path.lstat()
    except FileNotFoundError:  # a database's helper file, which its program has removed
        return
    place = shlex.quote(str(path))
    if stat.S_ISLNK(found.st_mode):
        raise FolderError(f"{path} is a link, and leads out of the data folder: rm {place}")
    _require_own(path, found)
    if found.st_mode & OTHERS:
        path.chmod(found.st_mode & 0o700)


def _require_own(path: Path, found: os.stat_result) -> None:
    if found.st_uid != os.geteuid():
        user, place = pwd.getpwuid(os.geteuid()).pw_name, shlex.quote(str(path))
        owner = user_of(path) or str(found.st_uid)
        raise FolderError(
            f"{path} is another user's: run this as {owner} (`sudo -u {owner}` before it), or give the folder"
            f" to {user}: chown -R {user} {place}"
        )


def shown(url: str) -> str:
    """Return a database's URL as it may be shown: without the password, a file with its whole path."""
    address = parse_url(url)
    return str(address) if isinstance(address, MysqlAddress) else sqlite_url(address.path.absolute())


def remember_database(folder: Path, url: str) -> str:
    """Write down which database the folder's server uses.

    :return: the one that was written there before, when it was another one; else an empty text.
    """
    former, now = remembered_database(folder), shown(url)
    if former == now:
        return ""
    new = folder / f"{DATABASE_FILE}.new"
    with contextlib.suppress(OSError):  # on a full disk the tools ask for the URL, as without the line
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            stream.write(f"{_EXPLANATION}{now}\n")
        new.replace(folder / DATABASE_FILE)
    return former


def remembered_database(folder: Path) -> str:
    """Return what :func:`remember_database` wrote; an empty text where no server has run yet."""
    try:
        lines = (folder / DATABASE_FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in lines if line.strip() and not line.startswith("#")), "")


def local_database(folder: Path) -> str:
    """Return the URL of the database in a folder, when that is certainly the one that its server uses.

    :raises StorageConfigError: when the server uses another one, or none is known; the text says what to do.
    """
    used = remembered_database(folder)
    own = folder / SQLITE_FILE
    if used.startswith("mysql:"):
        raise StorageConfigError(
            f"the server of the data folder {folder} uses {used}: name it, with its password, in"
            " CHAT_DATABASE, in a file (--database-file), or in the settings file (--config)"
        )
    if used:
        return used
    if own.exists():
        return sqlite_url(own)
    raise StorageConfigError(
        f"no server has used the data folder {folder} yet, so its database is not known: start the"
        " server first, or say which one it will be: --config FILE, or"
        f" --database {sqlite_url(own.absolute())}"
    )


def remember_backup(folder: Path, url: str) -> None:
    """Note that the database of a URL was saved just now, where it is the one of the folder's server."""
    if remembered_database(folder) == shown(url):
        with contextlib.suppress(OSError):  # another user's folder: the backup is made all the same
            (folder / BACKUP_FILE).touch(mode=0o600)


def last_backup_at(folder: Path) -> float:
    """Return when the last backup was made, in seconds since 1970; 0 when none is known."""
    try:
        return (folder / BACKUP_FILE).stat().st_mtime
    except OSError:
        return 0.0
