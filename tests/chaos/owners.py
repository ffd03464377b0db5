"""Compares the folder of files with the database after the server has ended; it breaks nothing."""

import time
from pathlib import Path

from chat_protocol.times import now_ms
from chat_server.files.store import GRACE_S, BlobStore, digest_of
from chat_server.limits import Limits
from chat_server.services.files.places import Places
from chat_server.services.files.space import Space
from chat_server.services.files.sweeper import Sweeper
from chat_server.services.files.uploads import Uploads
from chat_server.storage import Storage, open_storage


def without_owner(url: str, folder: Path) -> list[str]:
    """Sweep as a server does after a while; return what stands without a file, or is named and not right."""
    storage = open_storage(url)
    try:
        store = BlobStore(folder, lambda: time.time() + 2 * GRACE_S)
        store.prepare()
        Sweeper(storage, store, _uploads(storage, store), now_ms).everything()
        kept = {path.name: path for path in folder.glob("??/*")}
        named = storage.files.named(kept)
        wrong = [f"{digest} is kept without a file" for digest in kept if digest not in named]
        wrong += [f"{digest} holds other bytes" for digest, path in kept.items() if digest_of(path) != digest]
        rows = storage.database.rows("SELECT DISTINCT digest FROM files WHERE gone = 0")
        return wrong + [f"{digest} is missing" for (digest,) in rows if digest not in kept]
    finally:
        storage.close()


def _uploads(storage: Storage, store: BlobStore) -> Uploads:
    limits = Limits()
    return Uploads(storage, store, None, Places(limits), Space(storage, store, limits), now_ms)  # type: ignore[arg-type]
