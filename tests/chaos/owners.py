"""Compares the folder of files with the database after the server has ended; it breaks nothing."""

import time
from pathlib import Path

from chat_protocol.times import now_ms
from chat_server.files.store import GRACE_S, LEAVING, PARTIALS, BlobStore, digest_of
from chat_server.limits import Limits
from chat_server.services.files.places import Places
from chat_server.services.files.space import Space
from chat_server.services.files.sweeper import UNNAMED_MS, Sweeper
from chat_server.services.files.uploads import Uploads
from chat_server.storage import Storage, open_storage

LATER_MS = 2 * UNNAMED_MS


def without_owner(url: str, folder: Path) -> list[str]:
    """Sweep as a server does two days later; return what no message names, or is named and not right."""
    storage = open_storage(url)
    try:
        store = BlobStore(folder, lambda: time.time() + 2 * GRACE_S)
        store.prepare()
        Sweeper(storage, store, _uploads(storage, store), lambda: now_ms() + LATER_MS).everything()
        kept = {path.name: path for path in folder.glob("??/*")}
        rows = storage.database.rows("SELECT public_id, digest, preview_digest, seq, gone FROM files")
        needed = {digest for row in rows for digest in row[1:3] if digest}
        wrong = [f"{row[0]} is in no message" for row in rows if row[3] is None or row[4]]
        wrong += [f"{digest} is kept without a file" for digest in kept if digest not in needed]
        wrong += [f"{digest} holds other bytes" for digest, path in kept.items() if digest_of(path) != digest]
        wrong += [f"{digest} is missing" for digest in sorted(needed) if digest not in kept]
        left = [*folder.glob(f"{PARTIALS}/*"), *folder.glob(f"{LEAVING}/*")]
        return wrong + [f"{path.name} was left in {path.parent.name}" for path in left]
    finally:
        storage.close()


def _uploads(storage: Storage, store: BlobStore) -> Uploads:
    limits = Limits()
    return Uploads(storage, store, None, Places(limits), Space(storage, store, limits), now_ms)  # type: ignore[arg-type]  # nothing is told
