"""What a connection asks of the driver, and what it makes of the answers and failures; no server is there."""

import importlib
import ssl
from typing import Any

import mysql.connector
import pytest

from chat_server.storage.core.database import Transaction
from chat_server.storage.core.errors import DuplicateKey, OutcomeUnknown, StorageConfigError, StorageError
from chat_server.storage.core.urls import MysqlAddress, parse_url
from chat_server.storage.mysql import connection as module
from chat_server.storage.mysql.connection import HAS_C_EXTENSION, MysqlConnection
from chat_server.storage.mysql.errors import ConnectionLost, TooLarge
from tests.chat_server.storage.mysql.driver import FakeDriver

CIPHER = "SHOW SESSION STATUS LIKE 'Ssl_cipher'"
ENCRYPTED = [("Ssl_cipher", "TLS_AES_256_GCM_SHA384")]


class Told:
    """How the driver was called, and the connection that it then gave."""

    def __init__(self) -> None:
        self.driver = FakeDriver()
        self.settings: dict[str, Any] = {}

    def connect(self, **settings: Any) -> FakeDriver:
        self.settings = settings
        return self.driver

    def open(self, place: str = "127.0.0.1/chat") -> MysqlConnection:
        address = parse_url(f"mysql://us:p@{place}")
        assert isinstance(address, MysqlAddress)
        return MysqlConnection(address)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    told = Told()
    monkeypatch.setattr(mysql.connector, "connect", told.connect)
    return told


@pytest.fixture
def driver(told: Told) -> FakeDriver:
    return told.driver


@pytest.fixture
def connection(told: Told) -> MysqlConnection:
    connection = told.open()
    told.driver.done.clear()
    told.driver.parameters.clear()
    return connection


# -- opening --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("127.0.0.1/c", {}),
        ("db/c?tls=off", {"ssl_disabled": True}),
        ("db/c?tls=require", {}),
        ("db/c?ca=/ca.pem", {"ssl_ca": "/ca.pem", "ssl_verify_cert": True, "ssl_verify_identity": True}),
        ("db/c", {"ssl_ca": "/system.pem", "ssl_verify_cert": True, "ssl_verify_identity": True}),
    ],
)
def test_encryption_is_asked_for(
    told: Told, monkeypatch: pytest.MonkeyPatch, place: str, expected: dict[str, Any]
) -> None:
    """The server's certificate and its name are held against the authorities of the URL or the system's."""
    paths = ssl.get_default_verify_paths()._replace(cafile="/system.pem")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
    told.driver.answers[CIPHER] = ENCRYPTED
    told.open(place)
    assert {name: value for name, value in told.settings.items() if name.startswith("ssl_")} == expected


@pytest.mark.parametrize("found", [[], [("Ssl_cipher", "")]])
@pytest.mark.parametrize("place", ["db/c", "127.0.0.1/c?tls=require"])
def test_plain_text_is_refused_where_it_must_not_be(
    told: Told, place: str, found: list[tuple[str, str]]
) -> None:
    """The driver goes on without a word where a server offers no TLS; elsewhere that is not even asked."""
    told.driver.answers[CIPHER] = found
    with pytest.raises(StorageConfigError, match="offers no TLS"):
        told.open(place)
    assert told.driver.closed
    told.open("127.0.0.1/c")
    told.open("db/c?tls=off")
    assert told.driver.done.count(CIPHER) == 1


def test_place_is_a_socket_or_host_and_port(told: Told) -> None:
    """A socket wins."""
    names = ("host", "port", "unix_socket")
    told.open("127.0.0.1:7/c")
    assert [told.settings.get(name) for name in names] == ["127.0.0.1", 7, None]
    told.open("localhost:7/c?unix_socket=/run/m.sock")
    assert [told.settings.get(name) for name in names] == [None, None, "/run/m.sock"]


def test_server_may_not_ask_for_files_nor_hold_a_thread(told: Told) -> None:
    """A server that lies gets no file of this machine; connecting, answers and locks have their bounds."""
    told.open()
    bounds = ("allow_local_infile", "connection_timeout", "read_timeout", "write_timeout")
    assert [told.settings[name] for name in bounds] == [False, 2, 3, 3]
    assert told.settings["autocommit"] is True  # or each connection would read the past of its first read
    assert (told.driver.done, told.driver.parameters) == (
        ["SET SESSION innodb_lock_wait_timeout = %s"],
        [(1,)],
    )


# -- statements -----------------------------------------------------------------------------------------


def test_new_row_unless_its_key_is_taken(connection: MysqlConnection, driver: FakeDriver) -> None:
    """Every other refusal stays one."""
    insert = "INSERT INTO settings (name, value) VALUES (%s, %s)"
    row = {"name": "motd", "value": "hello"}
    assert connection.insert_new("settings", row) is True
    driver.failures[insert] = 1062
    assert connection.insert_new("settings", row) is False
    driver.failures[insert] = 1406
    with pytest.raises(StorageError) as caught:
        connection.insert_new("settings", row)
    assert type(caught.value) is StorageError
    assert (driver.done, driver.parameters) == ([insert] * 3, [("motd", "hello")] * 3)


def test_row_is_put_over_an_earlier_one(connection: MysqlConnection, driver: FakeDriver) -> None:
    """Only the columns that were named change."""
    connection.put("t", {"a": 1, "b": 2, "c": 3}, ["a"], ["b", "c"])
    assert driver.done == [
        "INSERT INTO t (a, b, c) VALUES (%s, %s, %s) ON DUPLICATE KEY UPDATE b = VALUES(b), c = VALUES(c)"
    ]


@pytest.mark.parametrize(("matched", "seqs"), [(1, {7: 42}), (0, {})])
def test_one_room_is_raised_in_one_round_trip(
    connection: MysqlConnection, driver: FakeDriver, matched: int, seqs: dict[int, int]
) -> None:
    """The server tells the new number with the answer; a room that is gone has none."""
    driver.rowcount, driver.lastrowid = matched, 42
    assert connection.raise_last_seq({7: 3}) == seqs
    assert (len(driver.done), driver.parameters) == (1, [(3, 7)])


def test_many_rooms_are_raised_in_the_order_of_their_ids(
    connection: MysqlConnection, driver: FakeDriver
) -> None:
    """Two servers never wait for each other."""
    where = "WHERE id IN (%s, %s) ORDER BY id"
    driver.answers[f"SELECT id, last_seq FROM rooms {where}"] = [(3, 10), (9, 20)]
    assert connection.raise_last_seq({9: 2, 3: 1}) == {3: 10, 9: 20}
    raised = f"UPDATE rooms SET last_seq = last_seq + CASE id WHEN 3 THEN 1 WHEN 9 THEN 2 END {where}"
    assert driver.done[0] == raised
    assert driver.parameters == [(3, 9), (3, 9)]


def test_texts_are_cut_into_statements(
    connection: MysqlConnection, driver: FakeDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One takes texts until they are more than a packet is sure to hold; all are stored, in their order."""
    monkeypatch.setattr(module, "INSERT_MAX_CHARS", 6)
    bodies = ["abc", "def", "g", "hijklm", "n", "p?", "%s"]
    connection.insert_texts([(1, seq, 2, body, f"n{seq}", 5) for seq, body in enumerate(bodies)])
    assert [parameters[::2] for parameters in driver.parameters] == [
        ("abc", "def", "g"),
        ("hijklm", "n"),
        ("p?", "%s"),
    ]
    head = "INSERT INTO messages (room_id, seq, sender_id, body, nonce, sent_at) VALUES "
    assert driver.done[1] == f"{head}(1,3,2,%s,%s,5),(1,4,2,%s,%s,5)"
    driver.done.clear()
    connection.insert_texts([(1, 9, 2, "longer", "n", 5), (1, 10, 2, "!", "n", 5)])
    assert len(driver.done) == 1


# -- transactions ---------------------------------------------------------------------------------------


def test_transaction_returns_what_its_work_does(connection: MysqlConnection, driver: FakeDriver) -> None:
    """What guards the commit looks last, on the same connection."""

    def work(transaction: Transaction) -> str:
        transaction.run("INSERT")
        return "done"

    def guard(transaction: Transaction) -> None:
        transaction.run("RENEW")

    assert connection.transact(work, guard) == "done"
    assert driver.done == ["BEGIN", "INSERT", "RENEW", "COMMIT"]


@pytest.mark.parametrize("error", [StorageError("no"), ZeroDivisionError()])
def test_work_that_fails_is_rolled_back(
    connection: MysqlConnection, driver: FakeDriver, error: Exception
) -> None:
    """So is what its guard refuses: nothing is left to the next one on this connection."""

    def fail(_transaction: Transaction) -> None:
        raise error

    for work, guard in ((fail, None), (lambda _it: None, fail)):
        driver.done.clear()
        with pytest.raises(type(error)):
            connection.transact(work, guard)
        assert driver.done == ["BEGIN", "ROLLBACK"]


def test_connection_that_cannot_be_rolled_back_is_lost(
    connection: MysqlConnection, driver: FakeDriver
) -> None:
    """Nobody gets it again: what was begun on it might be committed with something else."""
    driver.failures = {"INSERT": 1153, "ROLLBACK": 1064}
    with pytest.raises(ConnectionLost):
        connection.transact(lambda it: it.run("INSERT"))
    assert driver.done == ["BEGIN", "INSERT", "ROLLBACK"]


@pytest.mark.parametrize("number", [2013, 1205])
def test_lost_connection_is_not_asked_again(
    connection: MysqlConnection, driver: FakeDriver, number: int
) -> None:
    """One more statement on it would take as long as an answer may."""
    driver.failures = {"INSERT": number}
    with pytest.raises(StorageError):
        connection.transact(lambda it: it.run("INSERT"))
    assert ("ROLLBACK" in driver.done) == (number == 1205)


# -- errors ---------------------------------------------------------------------------------------------

UNNUMBERED = mysql.connector.Error("not\n  connected")


@pytest.mark.parametrize(
    ("failure", "connected", "error", "text"),
    [
        (OSError("cable\npulled"), True, ConnectionLost, "cable pulled"),
        (UNNUMBERED, False, ConnectionLost, "not connected"),
        (UNNUMBERED, True, StorageError, "not connected"),
        (1153, True, TooLarge, "no"),
        (1062, False, DuplicateKey, "no"),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "lone"), True, StorageError, "lone"),
    ],
)
def test_failures_of_the_driver_are_told_apart(
    connection: MysqlConnection,
    driver: FakeDriver,
    failure: int | Exception,
    connected: bool,
    error: type[StorageError],
    text: str,
) -> None:
    """Its own errors carry no number: only where the connection is gone, too, is that a loss."""
    driver.failures, driver.connected = {"SELECT": failure}, connected
    with pytest.raises(StorageError) as caught:
        connection.rows("SELECT")
    assert type(caught.value) is error
    assert text in str(caught.value)


@pytest.mark.skipif(not HAS_C_EXTENSION, reason="the driver has no part in C here")
def test_failure_of_the_part_in_c_is_one_of_the_driver(
    connection: MysqlConnection, driver: FakeDriver
) -> None:
    """Commit and rollback raise an error that is none of the driver's own classes."""
    own = importlib.import_module("_mysql_connector").MySQLInterfaceError
    driver.failures["COMMIT"] = own("lost")
    driver.connected = False
    with pytest.raises(OutcomeUnknown):
        connection.transact(lambda _it: None)


def test_connection_is_closed_whatever_its_state(
    connection: MysqlConnection, driver: FakeDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the driver's at the end is nobody's business."""

    def fail() -> None:
        raise UNNUMBERED

    monkeypatch.setattr(driver, "close", fail)
    connection.close()
