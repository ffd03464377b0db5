"""What a connection makes of the errors of a replicated database, with a driver that fails as it is told."""

import mysql.connector
import pytest

from chat_server.storage.core.errors import OutcomeUnknown
from chat_server.storage.core.urls import MysqlAddress, parse_url
from chat_server.storage.mysql.connection import MysqlConnection
from chat_server.storage.mysql.errors import Conflict, ConnectionLost
from tests.chat_server.storage.mysql.driver import STATE, FakeDriver

READY = "SHOW STATUS LIKE 'wsrep_ready'"


@pytest.fixture
def driver() -> FakeDriver:
    return FakeDriver()


@pytest.fixture
def connection(driver: FakeDriver, monkeypatch: pytest.MonkeyPatch) -> MysqlConnection:
    monkeypatch.setattr(mysql.connector, "connect", lambda **_settings: driver)
    address = parse_url("mysql://chat@127.0.0.1/chat")
    assert isinstance(address, MysqlAddress)
    return MysqlConnection(address)


@pytest.mark.parametrize("number", [1047, 1180, 1290, 1836, 3100, 3796, 3797, 3798, 3799])
def test_server_that_may_not_write_is_lost(
    connection: MysqlConnection, driver: FakeDriver, number: int
) -> None:
    """Nothing was stored where a statement met it; where the commit did, nobody knows."""
    driver.failures = {"INSERT": number}
    with pytest.raises(ConnectionLost):
        connection.transact(lambda it: it.run("INSERT"))
    driver.failures = {"COMMIT": number}
    with pytest.raises(OutcomeUnknown):
        connection.transact(lambda it: it.run("INSERT"))


@pytest.mark.parametrize("number", [1213, 3101])
def test_conflict_while_committing_is_rolled_back(
    connection: MysqlConnection, driver: FakeDriver, number: int
) -> None:
    """Two servers wrote the same at once: the other one's stands, and the same work may be done again."""
    driver.failures = {"COMMIT": number}
    with pytest.raises(Conflict):
        connection.transact(lambda it: it.run("INSERT"))
    assert driver.done[-1] == "ROLLBACK"


@pytest.mark.parametrize(
    ("state", "ready", "words"),
    [
        ({"read_only": "ON"}, "", "read-only"),
        ({"read_only": "NO_LOCK"}, "", "read-only"),
        ({"read_only": "ON", "wsrep_on": "ON"}, "ON", "read-only"),
        ({"read_only": "OFF", "wsrep_on": "ON"}, "OFF", "majority"),
        ({"read_only": "OFF", "wsrep_on": "ON"}, "", "majority"),
    ],
)
def test_connection_that_may_not_write_is_refused(
    connection: MysqlConnection, driver: FakeDriver, state: dict[str, str], ready: str, words: str
) -> None:
    """It is looked at when opened, and closed with a reason."""
    driver.answers = {STATE: list(state.items()), READY: [("wsrep_ready", ready)] if ready else []}
    with pytest.raises(ConnectionLost, match=words):
        connection.require_writable()
    assert driver.closed


@pytest.mark.parametrize("galera", [None, "OFF", "ON"], ids=["MySQL", "MariaDB", "Galera"])
def test_connection_that_may_write(
    connection: MysqlConnection, driver: FakeDriver, galera: str | None
) -> None:
    """Among several that hold the same, its reads wait for what the others have committed."""
    state = [("read_only", "OFF")]
    if galera:
        state += [("wsrep_on", galera), ("idle_transaction_timeout", "0")]
    driver.answers = {STATE: state, READY: [("wsrep_ready", galera)]}
    connection.require_writable()
    assert not driver.closed
    assert ("SET SESSION wsrep_sync_wait = 1" in driver.done) == (galera == "ON")
    assert any("idle_transaction_timeout = " in done for done in driver.done[2:]) == bool(galera)


def test_check_that_is_refused_closes(connection: MysqlConnection, driver: FakeDriver) -> None:
    """A node that cannot even answer that is as good as down."""
    driver.failures = {STATE: 1047}
    with pytest.raises(ConnectionLost):
        connection.require_writable()
    assert driver.closed
