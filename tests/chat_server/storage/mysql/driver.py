"""A driver of MySQL that answers and fails as a test tells it; no server is behind it."""

from typing import Any, Final

import mysql.connector

STATE: Final = (
    "SHOW SESSION VARIABLES WHERE Variable_name IN ('read_only', 'wsrep_on', 'idle_transaction_timeout')"
)


class FakeDriver:
    """A driver's connection and its cursor: answers by statement, an error number where one is set."""

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[Any, ...]]] = {}
        self.failures: dict[str, int | Exception] = {}
        self.done: list[str] = []
        self.parameters: list[tuple[Any, ...]] = []
        self.closed = False
        self.connected = True  # as a node without the majority says of itself
        self.rowcount = self.lastrowid = 1

    def cursor(self) -> "FakeDriver":
        return self

    def execute(self, sql: str, parameters: tuple[Any, ...]) -> None:
        self.done.append(sql)
        self.parameters.append(parameters)
        failure = self.failures.get(sql)
        if isinstance(failure, int):
            raise mysql.connector.DatabaseError(msg="no", errno=failure)
        if failure is not None:
            raise failure

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.answers.get(self.done[-1], [])

    def is_connected(self) -> bool:
        return self.connected

    def close(self) -> None:
        self.closed = True


class FakeServers:
    """What `mysql.connector.connect` reaches: a new connection each time, or the error set for the port."""

    def __init__(self) -> None:
        self.opened: list[FakeDriver] = []
        self.asked: list[dict[str, Any]] = []  # how the driver was called
        self.failures: dict[int, int] = {}
        self.answers: dict[str, list[tuple[Any, ...]]] = {STATE: [("read_only", "OFF")]}

    def connect(self, **settings: Any) -> FakeDriver:
        self.asked.append(settings)
        if settings["port"] in self.failures:
            raise mysql.connector.DatabaseError(
                msg=f"refused\nby {settings['port']}", errno=self.failures[settings["port"]]
            )
        driver = FakeDriver()
        driver.answers = self.answers
        self.opened.append(driver)
        return driver

    @property
    def ports(self) -> list[int]:
        """Where the driver was asked to connect to."""
        return [settings["port"] for settings in self.asked]

    def done(self) -> list[str]:
        """What was carried out on all connections."""
        return [sql for driver in self.opened for sql in driver.done]
