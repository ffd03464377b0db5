"""What the error numbers of MySQL and MariaDB mean to the storage; it must not import the driver."""

from typing import Final

from chat_server.storage.core.errors import DuplicateKey, StorageError, StorageUnavailable


class ConnectionLost(StorageUnavailable):
    """The connection is gone, or answers an earlier question; the transaction, if any, was not committed."""


class Conflict(StorageUnavailable):
    """Another transaction was preferred; the same work may be tried again."""


class TooLarge(StorageError):
    """The statement exceeds max_allowed_packet, and the server closes the connection."""


# https://dev.mysql.com/doc/mysql-errors/8.4/en/ and https://mariadb.com/kb/en/mariadb-error-codes/
_LOST: Final = frozenset(
    {
        *(2002, 2003, 2005, 2006, 2012, 2013, 2014, 2027, 2055),  # the client's side of a broken connection
        3024,  # the driver's time-outs in pure Python carry it
        4031,  # disconnected for inactivity
        1053,  # shutdown in progress
        1927,  # killed (MariaDB)
        *range(1156, 1162),  # packets out of order, read and write errors and time-outs
        # A server of a replicated database that may not write, now or any more: another one may.
        1047,  # Galera: this node is not ready, or without the majority
        1180,  # Galera: the majority was lost while committing
        *(1290, 1836),  # read-only: a replica, a secondary of a group, or one that has become that
        3100,  # Group Replication: a commit that the group did not take
        *range(3796, 3800),  # Group Replication: this member is not in a state to serve
    }
)
_CONFLICT: Final = frozenset(
    {1205, 1213, 1020, 3101}
)  # lock wait, deadlock, record changed, rolled back by the group
_DUPLICATE: Final = frozenset({1062, 1586})
_TRANSIENT: Final = frozenset(
    {
        *(1021, 1114, 1030, 1026, 3675),  # disk or table full, storage engine and write errors
        *(1036, 1792),  # a table or a transaction that is read-only
        *(1037, 1038, 1041, 1135),  # out of memory, of threads
        *(1040, 1129, 1203, 1226),  # too many connections
        *(1044, 1045, 1049, 1142, 1698),  # access taken away, or the database dropped, while the server runs
        *(1317, 1969),  # interrupted, over max_statement_time
    }
)


_RAISED: Final[tuple[tuple[frozenset[int], type[StorageError]], ...]] = (
    (_LOST, ConnectionLost),
    (_CONFLICT, Conflict),
    (_DUPLICATE, DuplicateKey),
    (_TRANSIENT, StorageUnavailable),
    (frozenset({1153}), TooLarge),
)


def error_of(number: int) -> type[StorageError]:
    """Return what an error number is raised as; −1 is for the caller to look into."""
    return next((error for numbers, error in _RAISED if number in numbers), StorageError)


# This user may not do that to this table, or at all.
DENIED: Final = frozenset({1044, 1142, 1143, 1227})
# A connection more than the server, or this user, may have.
FULL: Final = frozenset({1040, 1203, 1226})
# A step of a migration that was carried out but not recorded: table, column or key is there already, or gone.
ALREADY_DONE: Final = frozenset({1050, 1060, 1061, 1091, 1826})
# Found at the start, these are the administrator's to mend: who may sign in, and to which database.
MISCONFIGURED: Final = frozenset({1044, 1045, 1049, 1251, 1698, 2005, 2059, 2061})
