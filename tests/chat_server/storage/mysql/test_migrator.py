"""Steps of a migration that were done before, or may not be done; on a connection that fails as told."""

from collections.abc import Callable
from typing import Any

import pytest

from chat_server.storage.core.errors import SchemaError, StorageError
from chat_server.storage.mysql.migrator import MysqlMigrator


class DriverError(Exception):
    """An error with the server's number, as the driver raises it."""

    def __init__(self, errno: int) -> None:
        super().__init__()
        self.errno = errno


def refusal(number: int) -> StorageError:
    """Return what the connection makes of an error of the server."""
    error = StorageError(f"error {number}")
    error.__cause__ = DriverError(number)
    return error


class FakeConnection:
    """Carries out nothing, and keeps what it was asked."""

    def __init__(self) -> None:
        self.failures: dict[str, StorageError] = {}
        self.done: list[tuple[str, tuple[Any, ...]]] = []

    def rows(self, sql: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
        self.run(sql, parameters)
        return [(1,)]

    def run(self, sql: str, parameters: Any = ()) -> int:
        self.done.append((sql, tuple(parameters)))
        if sql in self.failures:
            raise self.failures[sql]
        return 1

    def transact(self, work: Callable[[Any], None]) -> None:
        self.done.append(("BEGIN", ()))
        work(self)
        self.done.append(("COMMIT", ()))


@pytest.fixture
def connection() -> FakeConnection:
    return FakeConnection()


def step(connection: FakeConnection, *, resumed: bool) -> None:
    MysqlMigrator(connection).step("ALTER", "UPDATE", (7,), resumed=resumed)


def test_step_is_recorded_with_what_it_does(connection: FakeConnection) -> None:
    """In one transaction, as far as the database lets it."""
    step(connection, resumed=False)
    assert connection.done == [("BEGIN", ()), ("ALTER", ()), ("UPDATE", (7,)), ("COMMIT", ())]
    assert MysqlMigrator(connection).rows("SELECT", (1,)) == [(1,)]
    assert connection.done[-1] == ("SELECT", (1,))


@pytest.mark.parametrize(
    ("number", "resumed", "passes"), [(1060, True, True), (1060, False, False), (1064, True, False)]
)
def test_step_that_was_done_before(
    connection: FakeConnection, number: int, resumed: bool, passes: bool
) -> None:
    """A column that is there already is a step that was not recorded, if the step was begun before."""
    connection.failures["ALTER"] = refusal(number)
    if passes:
        step(connection, resumed=resumed)
        assert connection.done[-2:] == [("UPDATE", (7,)), ("COMMIT", ())]
    else:
        with pytest.raises(StorageError, match=str(number)) as caught:
            step(connection, resumed=resumed)
        assert type(caught.value) is StorageError
        assert connection.done[-1] == ("ALTER", ())


@pytest.mark.parametrize("act", ["step", "execute"])
@pytest.mark.parametrize(("number", "told"), [(1142, True), (1064, False)])
def test_user_who_may_not_change_the_schema(
    connection: FakeConnection, act: str, number: int, told: bool
) -> None:
    """The administrator is told what to do; any other refusal stays what it is."""
    connection.failures["ALTER"] = refusal(number)
    migrator = MysqlMigrator(connection)
    acts = {
        "step": lambda: migrator.step("ALTER", "UPDATE", (7,), resumed=False),
        "execute": lambda: migrator.execute("ALTER"),
    }
    with pytest.raises(StorageError) as caught:
        acts[act]()
    assert isinstance(caught.value, SchemaError) is told
    assert ("all privileges" in str(caught.value)) is told
    assert str(number) in str(caught.value)
