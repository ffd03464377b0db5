"""What servers tell each other: each once, in order, whatever the database does meanwhile."""

from typing import Any, cast

import pytest

from chat_server.cluster.feed import OVERLAP_MS, Feed, Outbox
from chat_server.storage.core.errors import StorageUnavailable
from chat_server.storage.mysql.servers import KEPT_MS, Change, Told


class Table:
    """The table of changes, and the database's clock; `id` is the server that reads."""

    id = "me"

    def __init__(self) -> None:
        self.now = 1_000_000
        self.rows: list[tuple[int, Told]] = []  # when it was told
        self.is_down = False

    def add(self, number: int, *, server: str = "other", age_ms: int = 0) -> None:
        told = Told(number, server, Change("room", number))
        self.rows.append((self.now - age_ms, told))

    def since(self, time_ms: int) -> tuple[int, list[Told]]:
        if self.is_down:
            raise StorageUnavailable("gone")
        return self.now, sorted(told for at, told in self.rows if at >= time_ms)

    def tell(self, changes: list[Change]) -> None:
        if self.is_down:
            raise StorageUnavailable("gone")
        for change in changes:
            self.rows.append((self.now, Told(len(self.rows) + 1, self.id, change)))


class Bench:
    """A feed on a table, and what was applied."""

    def __init__(self) -> None:
        self.table = Table()
        self.applied: list[int] = []
        self.failures: list[Exception] = []
        self.feed = Feed(cast(Any, self.table), self.table.now, self._apply)

    def _apply(self, change: Change) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.applied.append(change.number)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_each_is_applied_once(bench: Bench) -> None:
    """Rows of the last seconds are read again and again; the own ones are left out."""
    bench.table.add(1)
    bench.table.add(2, server="me")
    bench.feed.read()
    bench.table.now += 1_000
    bench.table.add(3)
    for _ in range(3):
        bench.feed.read()
        bench.table.now += OVERLAP_MS // 2
    assert bench.applied == [1, 3]


def test_row_that_was_committed_late_is_found(bench: Bench) -> None:
    """Its id is smaller and its time earlier than what was read before."""
    bench.table.add(7)
    bench.feed.read()
    bench.table.now += 8_000
    bench.feed.read()
    bench.table.add(5, age_ms=8_500)
    bench.feed.read()
    assert bench.applied == [7, 5]


def test_what_an_outage_interrupts_is_applied_later(bench: Bench) -> None:
    """Neither twice nor never, and the later ones not before."""
    for number in (1, 2, 3):
        bench.table.add(number)
    bench.feed.read()
    for number in (4, 5, 6):
        bench.table.add(number)
    bench.failures = [StorageUnavailable("gone")]
    with pytest.raises(StorageUnavailable):
        bench.feed.read()
    assert bench.applied == [1, 2, 3]
    bench.table.is_down = True
    bench.table.now += 600_000
    with pytest.raises(StorageUnavailable):
        bench.feed.read()
    bench.table.is_down = False
    bench.feed.read()
    assert bench.applied == [1, 2, 3, 4, 5, 6]


@pytest.mark.logged_errors
def test_one_that_fails_does_not_keep_the_others(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and not tried again."""
    bench.table.add(1)
    bench.table.add(2)
    bench.failures = [ZeroDivisionError()]
    bench.feed.read()
    bench.feed.read()
    assert bench.applied == [2]
    assert "could not be applied: room" in caplog.text


@pytest.mark.logged_errors
def test_long_silence_is_told(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """What was removed meanwhile is never heard of: a person has to know."""
    bench.table.now += KEPT_MS
    bench.feed.read()
    assert "restart it" in caplog.text


def test_outbox_keeps_the_order_over_an_outage(caplog: pytest.LogCaptureFixture) -> None:
    """News waits for the cluster's thread, acts do not; what cannot be stored now is stored first later."""
    table = Table()
    outbox = Outbox(cast(Any, table), frozenset({"to_user"}))
    outbox.put("to_user", 1, 0, "")
    assert table.rows == []
    table.is_down = True
    outbox.put("sanction", 2, 0, "")
    assert "told later" in caplog.text
    table.is_down = False
    outbox.put("sanction", 3, 0, "")
    outbox.put("to_user", 4, 0, "")
    outbox.send()
    assert [told.change.number for _, told in table.rows] == [1, 2, 3, 4]
