"""A private MariaDB under a running server, and what can happen to it."""

import time
from collections.abc import Callable

from tests.chaos.stage import Database, Stage
from tests.support.mariadb import MariaDb


class BrokenMariaDb(Database):
    """Killed, frozen for 20 s, and stopped for 30 s."""

    def __init__(self) -> None:
        self._server = MariaDb()
        self.url = self._server.new_database()

    def faults(self, scale: float) -> dict[str, Callable[[Stage], None]]:
        return {
            "kill -9 of MariaDB": lambda stage: self._killed(),
            f"SIGSTOP of MariaDB for {20 * scale:g} s": lambda stage: self._frozen(20 * scale),
            f"MariaDB stopped for {30 * scale:g} s": lambda stage: self._ended(30 * scale),
        }

    def pids(self) -> tuple[int, ...]:
        return (self._server.process.pid,)

    def close(self) -> None:
        self._server.close()

    def _killed(self) -> None:
        self._server.kill()
        self._server.start()

    def _frozen(self, seconds: float) -> None:
        self._server.stop()
        try:
            time.sleep(seconds)
        finally:
            self._server.cont()

    def _ended(self, seconds: float) -> None:
        self._server.end()
        time.sleep(seconds)
        self._server.start()
