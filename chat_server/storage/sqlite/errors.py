"""What SQLite's errors mean to those who call the storage; it must not know what they called."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from chat_server.storage.core.errors import DuplicateKey, GivenUp, StorageError, StorageUnavailable

_TRANSIENT = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    }
)
_DUPLICATE = frozenset(
    {
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        sqlite3.SQLITE_CONSTRAINT_ROWID,
    }
)


def _translated(error: Exception) -> StorageError:
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_INTERRUPT:
        return GivenUp("the database took too long")
    if code in _DUPLICATE:
        return DuplicateKey(str(error))
    if code is not None and code & 0xFF in _TRANSIENT:
        return StorageUnavailable(str(error))
    return StorageError(str(error))


@contextmanager
def translation() -> Iterator[None]:
    """Raise what SQLite refuses as the storage's own errors."""
    try:
        yield
    # A lone surrogate and an integer over 64 bits are refused before SQLite sees them.
    except (sqlite3.Error, UnicodeError, OverflowError) as error:
        raise _translated(error) from error
