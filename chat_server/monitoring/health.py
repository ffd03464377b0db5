"""Whether the server does its work, and what a person has to look at; it must not know who asks."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from chat_server.data_folder import last_backup_at
from chat_server.files.store import BlobStore
from chat_server.parts import Parts
from chat_server.services.files.space import MIB
from chat_server.statistics import statistics_of
from chat_server.storage.core.errors import StorageError

DISK_FREE_MIN_BYTES: Final = 200 * 1024 * 1024  # some days of messages, and room for the log
CERTIFICATE_LEFT_MIN_S: Final = 7 * 86_400.0
BACKUP_AGE_MAX_S: Final = 2 * 86_400.0  # one night's backup may fail
QUEUE_SHARE_MAX: Final = 0.9
#: The threads that every running server has from its start to its end; a new one belongs here or below.
THREADS: Final = frozenset(
    {"admin", "commit", "delivery", "flusher", "indexer", "listener", "timer", "webhook-sender"}
)
#: And those that one has only in the setting that is asked for here.
THREADS_SOMETIMES: Final[Mapping[str, Callable[[Parts], bool]]] = {
    "bell-hear": lambda parts: bool(parts.options.broker),
    "bell-ring": lambda parts: bool(parts.options.broker),
    "cluster": lambda parts: parts.cluster is not None,
    "lease": lambda parts: parts.options.database_url.startswith("mysql:"),
    "metrics": lambda parts: bool(parts.options.metrics),
    "webhooks": lambda parts: bool(parts.options.webhooks),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One part of the server: `wrong` is empty, or says what is wrong with it.

    :param note: what is to be known of it though the server does its work.
    """

    part: str
    wrong: str = ""
    note: str = ""


def checks(parts: Parts, now_s: Callable[[], float] = time.time) -> Iterator[Check]:
    """Look at every part."""
    yield Check("database", _database(parts))
    yield Check("queues", _queues(parts))
    ended = ended_threads(parts)
    yield Check("threads", f"{', '.join(ended)} ended" if ended else "")
    free = shutil.disk_usage(parts.data_dir).free
    few = f"only {free // 1024 // 1024} MiB are free in {parts.data_dir}"
    yield Check("disk", few if free < DISK_FREE_MIN_BYTES else "")
    if parts.cluster is not None and parts.cluster.doorbell is not None:
        away = "away; other servers are looked at ten times a second, typing there is not seen"
        yield Check("broker", note="" if parts.cluster.doorbell.is_up else away)
    files = parts.services.files
    if files.enabled:
        yield Check("files", _files(files.store, files.limits.files_free_mib))
    yield Check("certificate", _certificate(parts.encryption.ends_at, now_s()))
    yield Check("backup", _backup(last_backup_at(parts.data_dir), now_s()))


def ended_threads(parts: Parts) -> list[str]:
    """Return the names of the threads that a running server has, and this process has not."""
    expected = THREADS.union(name for name, has in THREADS_SOMETIMES.items() if has(parts))
    return sorted(expected - {thread.name for thread in threading.enumerate()})


def report(found: list[Check]) -> tuple[bool, str]:
    """Return whether all is well, and a line for each part."""
    lines = [f"{check.part}: {check.wrong or check.note or 'ok'}" for check in found]
    return not any(check.wrong for check in found), "\n".join(lines) + "\n"


def _database(parts: Parts) -> str:
    try:
        parts.storage.settings.get("health")
    except StorageError as error:
        return f"does not answer: {error}"
    return ""


def _queues(parts: Parts) -> str:
    stats = statistics_of(parts)
    waiting, limit = stats.waiting_for_commit, stats.waiting_for_commit_limit
    return f"{waiting} messages wait for the database" if waiting >= QUEUE_SHARE_MAX * limit else ""


def _files(store: BlobStore, least_mib: int) -> str:
    """Say whether uploads are refused: the folder is gone or may not be written, or the disk is too full."""
    try:
        store.try_to_write()
        free_mib = store.free_bytes() // MIB
    except OSError as error:
        return f"{store.folder} cannot be written: {error.strerror or error}"
    return f"only {free_mib} MiB are free in {store.folder}: no uploads" if free_mib < least_mib else ""


def _certificate(ends_at: float, now_s: float) -> str:
    if not ends_at or ends_at - now_s >= CERTIFICATE_LEFT_MIN_S:
        return ""
    left = ends_at - now_s
    return f"expires in {left / 86_400:.0f} days" if left > 0 else "has expired"


def _backup(made_at: float, now_s: float) -> str:
    """Say nothing to a server whose backups are made elsewhere, or not at all."""
    age = now_s - made_at
    return f"the last one is {age / 86_400:.0f} days old" if made_at and age > BACKUP_AGE_MAX_S else ""
