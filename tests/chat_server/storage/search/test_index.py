"""How the index numbers its entries, without a database."""

from collections.abc import Sequence
from typing import cast

from chat_server.storage.core.database import Transaction
from chat_server.storage.search.index import _with_ids
from chat_server.storage.search.records import ID_MASK, Entry


def test_entries_get_ids_that_nobody_has() -> None:
    """Neither another of the batch nor a stored one; after the last of a millisecond comes its first."""

    class Stored:
        ids = (11, ID_MASK)

        def row(self, _sql: str) -> tuple[int]:
            return (max(self.ids),)

        def rows(self, _sql: str, wanted: Sequence[int]) -> list[tuple[int]]:
            return [(row_id,) for row_id in wanted if row_id in self.ids]

    entries = [Entry(row_id, 1, seq, 1, "") for seq, row_id in enumerate((10, 10, ID_MASK, 30))]
    placed = _with_ids(cast(Transaction, Stored()), entries)
    assert [(entry.id, entry.seq) for entry in placed] == [(0, 2), (10, 0), (12, 1), (30, 3)]
