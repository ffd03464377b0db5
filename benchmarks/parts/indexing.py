"""Indexing: what the search index costs the storing of messages, and how fast it catches up; no server."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count, islice
from pathlib import Path
from random import Random
from statistics import median

from benchmarks.prefill import Account, add_account, add_room, bodies
from benchmarks.report import Figure, Result
from benchmarks.setting import Options, fresh_database
from chat_protocol.times import now_ms
from chat_server.pipeline.indexer import Indexer
from chat_server.storage import Storage, open_storage
from chat_server.storage.core.records import NewMessage, RoomRecord

BATCH = 500
# Many short turns: what else the machine does then falls on both alike.
SECONDS = 2.0
ROUNDS = 12
POLL_S = 0.05
KEPT_GOAL = 0.9


class Writer:
    """Stores batches as the commit thread does when more waits than it can store."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self._account: Account = add_account(storage, "writer")
        self._room: RoomRecord = add_room(storage, "flooded", [self._account])
        self._bodies = bodies(Random(1))
        self._numbers = count()

    def store_for(self, seconds: float, indexer: Indexer | None) -> float:
        """Return how many messages a second were stored."""
        stored, began = 0, time.perf_counter()
        while (spent := time.perf_counter() - began) < seconds:
            batch = [
                NewMessage(self._room.id, self._account.user.id, body, f"n{next(self._numbers)}")
                for body in islice(self._bodies, BATCH)
            ]
            stored += len(self.storage.messages.append(batch, now_ms()))
            if indexer is not None:
                indexer.stored({self._room.id}, len(batch))
        return stored / spent

    def behind(self) -> int:
        """Return how many messages are not in the index."""
        row = self.storage.database.row(
            "SELECT SUM(r.last_seq - COALESCE(p.seq, 0)) FROM rooms r"
            " LEFT JOIN search_positions p ON p.room_id = r.id"
        )
        return int(row[0] or 0) if row else 0


@contextmanager
def indexing(storage: Storage) -> Iterator[Indexer]:
    """An indexer at work for the length of a ``with`` block."""
    indexer = Indexer(storage.search.index)
    indexer.start()
    try:
        yield indexer
    finally:
        indexer.stop()


def catch_up(writer: Writer) -> float:
    """Index what is left, without anybody storing, and return how many messages a second that were."""
    behind, began = writer.behind(), time.perf_counter()
    with indexing(writer.storage):
        while writer.behind():
            time.sleep(POLL_S)
    return behind / (time.perf_counter() - began)


def part(options: Options) -> Result:
    """Store as fast as the database can, in turns with and without the indexer."""
    seconds = options.seconds_or(SECONDS)
    without: list[float] = []
    beside: list[float] = []
    options.folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="run-", dir=options.folder) as folder,
        fresh_database(options, Path(folder)) as (url, _),
        closing(open_storage(url)) as storage,
    ):
        writer = Writer(storage)
        for _ in range(ROUNDS):
            without.append(writer.store_for(seconds, None))
            with indexing(storage) as indexer:
                beside.append(writer.store_for(seconds, indexer))
        caught_up = catch_up(writer)
    kept = median(b / a for a, b in zip(without, beside, strict=True))
    result = Result("indexing", {"database": options.database_name, "messages a commit": BATCH})
    result.figures = [
        Figure("stored without the indexer", sum(without) / ROUNDS, "messages/s"),
        Figure("stored beside it", sum(beside) / ROUNDS, "messages/s"),
        Figure("share that is left, median", kept, "", KEPT_GOAL),
        Figure("indexed when nobody stores", caught_up, "messages/s"),
    ]
    result.details["each round"] = [f"{a:,.0f} / {b:,.0f}" for a, b in zip(without, beside, strict=True)]
    return result
