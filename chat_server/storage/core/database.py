"""What the repositories ask of a database, whichever it is; the SQL is theirs, the driver the adapter's."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from chat_server.storage.core.owner import Owner

T = TypeVar("T")
Row = tuple[Any, ...]
Parameters = Sequence[Any]
TextRow = tuple[int, int, int, str, str, int]  # room_id, seq, author_id, body, nonce, sent_at

CALL_MAX_S = 5.0  # no call of the storage takes longer; then it raises StorageUnavailable
IN_LIST_MAX = 500  # values in one IN list


def placeholders(values: Sequence[object]) -> str:
    """Return the place holders of an IN list."""
    return ", ".join("?" * len(values))


def chunks(values: Sequence[T], size: int = IN_LIST_MAX) -> Iterable[Sequence[T]]:
    """Cut a sequence into pieces that fit one statement."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


class Transaction(ABC):
    """Statements on one connection. Place holders are `?`; every row is fetched before the next statement."""

    @abstractmethod
    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Return all rows of a query."""

    def row(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """Return the first row of a query, or None."""
        found = self.rows(sql, parameters)
        return found[0] if found else None

    @abstractmethod
    def run(self, sql: str, parameters: Parameters = ()) -> int:
        """Carry out a statement and return how many rows it matched."""

    @abstractmethod
    def insert(self, sql: str, parameters: Parameters = ()) -> int:
        """Insert one row and return its new id."""

    @abstractmethod
    def insert_new(self, table: str, values: Mapping[str, Any]) -> bool:
        """Insert one row unless its key is taken; tell whether it was inserted."""

    @abstractmethod
    def put(self, table: str, values: Mapping[str, Any], key: Sequence[str], update: Sequence[str]) -> None:
        """Insert one row or, where its `key` columns are taken, give the `update` columns the new values."""

    @abstractmethod
    def raise_last_seq(self, counts: Mapping[int, int]) -> dict[int, int]:
        """Add to each room's last_seq and return the new values; a room that does not exist is left out."""

    @abstractmethod
    def insert_texts(self, rows: Sequence[TextRow]) -> None:
        """Insert plain messages: the fastest path there is."""


class Migrator(ABC):
    """One patient connection for the schema alone, while no other server may touch it."""

    table_options = ""  # what ends CREATE TABLE

    @abstractmethod
    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Return all rows of a query."""

    @abstractmethod
    def execute(self, sql: str, parameters: Parameters = ()) -> None:
        """Carry out one statement in a transaction of its own."""

    @abstractmethod
    def step(self, sql: str, record: str, parameters: Parameters, *, resumed: bool) -> None:
        """Carry out one step of a migration and the statement that records it.

        :param resumed: the step was begun before and may have been carried out without having been recorded.
        """


class Database(ABC):
    """A database that retries what is safe to retry and bounds what it waits for. Any thread may call it."""

    name: str  # the folder of its migrations
    has_others = False  # whether another server of the same database may step in for one that fails

    @abstractmethod
    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run queries; they may be run again on another connection.

        :raises StorageUnavailable: when there is no answer within :data:`CALL_MAX_S`.
        """

    @abstractmethod
    def write(self, work: Callable[[Transaction], T], *, durable: bool = True, urgent: bool = False) -> T:
        """Run `work` in one transaction; it may be run again when the first try has certainly left nothing.

        :param durable: False where losing the change to a power cut is harmless.
        :param urgent: do not queue behind other callers; for the commit thread.
        :raises StorageUnavailable: when the database is down.
        :raises OutcomeUnknown: when the connection was lost while committing.
        """

    @abstractmethod
    def migrator(self) -> AbstractContextManager[Migrator]:
        """Open the connection that changes the schema."""

    @abstractmethod
    def connections(self) -> tuple[int, int]:
        """Return how many connections are open, and how many there may be just now."""

    @abstractmethod
    def check(self) -> list[str]:
        """Return what an administrator should know about the database's settings."""

    @abstractmethod
    def hold(self, owner: Owner, tell: Callable[[str], None], *, shared: bool = False) -> bool:
        """Keep other servers off the database until :meth:`release`, where nothing else does.

        :param shared: but for those that hold it so, too.
        :param tell: is given a line for a person while there is something to wait for.
        :return: False when the schema is too old for it: bring it up to date and call again.
        :raises StorageConfigError: when another server uses the database.
        """

    @abstractmethod
    def on_lost(self, callback: Callable[[], None]) -> None:
        """Have a function called, once and on any thread, when another server took the database over."""

    @abstractmethod
    def release(self, wait_s: float) -> None:
        """Let another server have the database, before :meth:`close`; never raise.

        :param wait_s: how long to wait for its answer.
        """

    @abstractmethod
    def close(self) -> None:
        """Close every connection; later calls raise StorageUnavailable."""

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Return all rows of one query."""
        return self.read(lambda transaction: transaction.rows(sql, parameters))

    def row(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """Return the first row of one query, or None."""
        return self.read(lambda transaction: transaction.row(sql, parameters))

    def run(self, sql: str, parameters: Parameters = ()) -> int:
        """Carry out one statement in a transaction of its own and return how many rows it matched."""
        return self.write(lambda transaction: transaction.run(sql, parameters))
