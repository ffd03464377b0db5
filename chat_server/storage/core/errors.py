"""What the storage raises instead of any driver's error; it must not know the drivers."""


class StorageError(Exception):
    """The database refused; the same call would be refused again."""


class StorageUnavailable(StorageError):
    """The database is down, full or too slow: nothing is promised about the call, and it may be repeated."""


class GivenUp(StorageUnavailable):
    """No connection was free, the call took too long, or the storage is closed: that is no outage."""


class NoMoreConnections(StorageUnavailable):
    """The database has no further connection for this program."""


class OutcomeUnknown(StorageUnavailable):
    """The connection was lost while committing: the change is either stored whole or not at all."""


class DuplicateKey(StorageError):
    """A row with the same unique key is already there."""


class NoSuchTarget(StorageError):
    """An edit, a deletion or a reaction is about a message that is not there, or is gone."""


class NoSuchFile(StorageError):
    """A message names a file that is not there, is gone, or was sent with another message."""


class NoSuchInvitation(StorageError):
    """An invitation was used, revoked or has expired."""


class NonceTaken(StorageError):
    """A nonce was used before, for something in another room, of another kind, or about another message."""


class SchemaError(StorageError):
    """The database's schema is newer than this program, or could not be brought up to date."""


class StorageConfigError(StorageError):
    """The database's address is wrong, or this program may not use what it names."""
