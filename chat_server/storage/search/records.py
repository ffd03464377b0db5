"""What the parts of the search hand to each other, and what a database must do for it. No SQL, no thread."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from chat_server.storage.core.database import Database, Transaction

ID_SHIFT: Final = 16  # an entry's id is sent_at << 16 and a number that makes it unique
TIME_MAX: Final = 1 << 46  # the last time that fits in an id: in the year 4199
ID_MASK: Final = (1 << ID_SHIFT) - 1
PIECE_FIRST: Final = 1_000  # entries that are read at once, and at most
PIECE_MAX: Final = 16_000
PATIENCE_S: Final = 2.0  # then what was found so far is the answer
SAMPLE: Final = 16  # the words of one message of so many are counted

Place = tuple[int, int]  # room id and seq


class Entry(NamedTuple):
    """A message in the index."""

    id: int
    room_id: int
    seq: int
    author_id: int
    text: str


class Clause(NamedTuple):
    """Words that must stand in a message, one directly after the other.

    :param prefix: the last one need only be how a word begins.
    """

    words: tuple[str, ...]
    prefix: bool = False

    @property
    def contiguous(self) -> str:
        """What an entry's text must contain."""
        return f" {' '.join(self.words)}" + ("" if self.prefix else " ")


Uses = tuple[str, int]  # a word, and about how many messages have it


class Wanted(NamedTuple):
    """A clause, and for each of its words those that it may be: one, or several for a beginning."""

    clause: Clause
    groups: tuple[tuple[Uses, ...], ...]

    @property
    def exact(self) -> bool:
        """Whether a message that has the words need not be looked at again."""
        return len(self.clause.words) == 1 and not self.clause.prefix


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is looked for.

    :param clauses: all must be fulfilled.
    :param room_ids: in one of these.
    :param author_ids: from one of these; None: from anybody.
    :param since: sent then or later, in milliseconds since 1970 UTC.
    :param until: sent before.
    """

    clauses: tuple[Clause, ...]
    room_ids: tuple[int, ...]
    author_ids: tuple[int, ...] | None = None
    since: int | None = None
    until: int | None = None


class SearchTables(ABC):
    """The index in one kind of database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @abstractmethod
    def add(self, transaction: Transaction, entries: Sequence[Entry]) -> None:
        """Insert entries, in the order of their ids."""

    @abstractmethod
    def remove(self, transaction: Transaction, entries: Sequence[Entry]) -> None:
        """Remove the entries that are stored exactly as given."""

    @abstractmethod
    def count_words(self, transaction: Transaction, words: Sequence[tuple[str, int]]) -> None:
        """Add to how often each word was counted; a new word may come with 0."""

    @abstractmethod
    def clear_some(self) -> bool:
        """Empty the index by as much as other writers can wait for; return whether it is empty now."""

    @abstractmethod
    def find(self, query: SearchQuery, wanted: Sequence[Wanted], limit: int) -> list[Place]:
        """Return the places of up to `limit` messages that are not deleted, the newest first."""


def id_range(query: SearchQuery) -> tuple[int, int]:
    """Return the lowest id that may match, and the one above the highest."""
    low = query.since or 0
    high = TIME_MAX if query.until is None else query.until
    return min(max(0, low), TIME_MAX) << ID_SHIFT, min(max(0, high), TIME_MAX) << ID_SHIFT


def numbers(values: Sequence[int]) -> str:
    """Write integers for an IN list; as text, since thousands of place holders cost more than the query."""
    return ", ".join(str(int(value)) for value in values)


def pieces(low: int, high: int, id_after: Callable[[int, int, int], int | None]) -> Iterator[tuple[int, int]]:
    """Yield ranges of ids, the newest first, that hold more and more entries, as long as patience lasts.

    :param id_after: returns the id, of those from `low` to below `high`, that so many higher ones precede.
    """
    size = PIECE_FIRST
    give_up_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up_at:
        row_id = id_after(low, high, size)
        if row_id is None:
            yield low, high
            return
        yield row_id, high
        high = row_id
        size = min(2 * size, PIECE_MAX)
