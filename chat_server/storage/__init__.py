"""The storage speaks of users, rooms and messages, on SQLite or MySQL; it knows no session and no socket."""

from chat_server.storage.core.errors import (
    DuplicateKey,
    NoSuchTarget,
    OutcomeUnknown,
    SchemaError,
    StorageConfigError,
    StorageError,
    StorageUnavailable,
)
from chat_server.storage.storage import Storage, open_storage

__all__ = [
    "DuplicateKey",
    "NoSuchTarget",
    "OutcomeUnknown",
    "SchemaError",
    "Storage",
    "StorageConfigError",
    "StorageError",
    "StorageUnavailable",
    "open_storage",
]
