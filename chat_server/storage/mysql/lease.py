"""The lease on a database, a row that its server renews: one server at a time. It must not know the driver.

Several servers that were told of each other hold it together; it then keeps off those that were not.

A server that has ended without a word is succeeded when its lease ends, by the database's clock, or when the
row has stood still for as long by this machine's: a database whose clock was set back keeps nobody out.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from chat_protocol.printable import escape
from chat_protocol.times import steady_s
from chat_server.storage.core.database import Transaction
from chat_server.storage.core.errors import GivenUp, StorageConfigError, StorageError
from chat_server.storage.core.owner import Owner

LEASE_S: Final = 15.0
RENEW_EVERY_S: Final = 5.0
RETRY_EVERY_S: Final = 1.0
LOOK_EVERY_S: Final = 0.25
# Of this server's own reckoning, so that it ends before the row says so.
MARGIN_S: Final = 1.0
SHARED: Final = "cluster"  # the owner of a lease that several servers hold together; no server is called that

_NOW: Final = "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)"
_LIVE: Final = f"SELECT 1 FROM servers WHERE beat_ms > {_NOW} - {int(LEASE_S * 1000)}"
_UNTIL: Final = f"{_NOW} + {int(LEASE_S * 1000)}"

log = logging.getLogger("chat.storage")

Work = Callable[[Transaction], int]


class LeaseLost(GivenUp):
    """Another server has taken the database over: this one must not write any more."""


class Lease:
    """One server's right to write.

    :param run: runs work in a transaction of its own, without asking :meth:`guard`.
    :param shared: hold it together with all other servers that hold it so.
    :param name: of the row: what the lease is on.
    :param clock: seconds that never go back.
    :param pause: sleeps some seconds.
    """

    def __init__(
        self,
        owner: Owner,
        run: Callable[[Work], int],
        *,
        shared: bool = False,
        name: str = "server",
        clock: Callable[[], float] = steady_s,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._owner = owner
        self._shared = shared
        self._name = name
        self._run = run
        self._clock = clock
        self._pause = pause
        self._ends_at = 0.0
        self._lost = False
        self._on_lost: Callable[[], None] = lambda: None
        self._told = False
        self._lock = threading.Lock()  # guards the two above: whichever is later, loss or listener, tells
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def take(self, tell: Callable[[str], None]) -> None:
        """Take the lease, from a server that has ended without giving it back when that is certain.

        :param tell: is given a line for a person when there is something to wait for.
        :raises StorageConfigError: when another server renews it.
        """
        row, since = None, self._clock()
        while not self._take_free():
            found = self._row()
            if found is None:
                self._run(self._make_row)
                continue
            holder, owner, until, left_s = found
            if row is None:
                row, since = (owner, until), self._clock()
                tell(_waiting(holder, left_s))
            elif row != (owner, until):
                raise StorageConfigError(self._refusal(escape(holder), owner))
            elif self._clock() - since > LEASE_S and self._take_from(owner, until):
                return
            self._pause(LOOK_EVERY_S)

    def keep(self) -> None:
        """Renew the lease from now on, on a thread of its own, until :meth:`release`."""
        self._thread.start()

    def guard(self, transaction: Transaction) -> None:
        """Make sure, as the last thing in a transaction, that it may be committed.

        Within the lease this is a look at the clock. Later the row is renewed in the transaction itself: if
        it is still this server's, nobody can take it before the commit.

        :raises LeaseLost: when another server has the lease.
        """
        if self._lost:
            raise LeaseLost("another server has taken this database over")
        if self._clock() >= self._ends_at and not self._renewed(transaction):
            self._lose()
            raise LeaseLost("another server has taken this database over")

    def on_lost(self, callback: Callable[[], None]) -> None:
        """Have a function called, once and on any thread, when another server has the lease."""
        with self._lock:
            self._on_lost = callback
            call = self._told
        if call:
            callback()

    def release(self, wait_s: float = 0.5) -> None:
        """Stop renewing, and give the lease back; never raise.

        :param wait_s: how long to wait for the database's answer.
        """
        self._stopping = True
        self._wake.set()
        if not self._thread.is_alive():
            self._give_back()
        elif self._thread is not threading.current_thread():
            self._thread.join(wait_s)

    def _give_back(self) -> None:
        if self._lost or not self._ends_at:
            return
        self._ends_at = 0.0
        try:
            self._run(
                lambda it: it.run(
                    "DELETE FROM leases WHERE name = ? AND owner = ?"
                    + (f" AND NOT EXISTS ({_LIVE})" if self._shared else ""),
                    (self._name, self._id),
                )
            )
        except StorageError as error:
            log.warning("The lease on the database was not given back, and ends in %d s: %s", LEASE_S, error)

    @property
    def _id(self) -> str:
        return SHARED if self._shared else self._owner.id

    def _refusal(self, holder: str, owner: str) -> str:
        if self._name != "server":
            return f"another server ({holder}) is at work on this database: start this one when it is done"
        if owner == SHARED:
            return (
                f"servers with --cluster use this database ({holder} among them): start this one with"
                " --cluster, too, or stop them first"
            )
        if self._shared:
            return (
                f"a server without --cluster uses this database ({holder}): stop it first, and start it with"
                " --cluster"
            )
        return (
            f"another server uses this database ({holder}): stop it first. Several servers need --cluster,"
            " or a database each"
        )

    def _keep(self) -> None:
        """Renew the lease until the end or until it is lost."""
        wait_s = RENEW_EVERY_S
        while not self._wake.wait(wait_s):
            wait_s = self._renew()
        if self._stopping:
            self._give_back()
            return
        log.error("Another server has taken this database over; this one stores nothing more and stops")
        with self._lock:
            self._told = True
            callback = self._on_lost
        callback()

    def _renew(self) -> float:
        """Renew the lease and return after how many seconds to do so again."""
        began = self._clock()
        try:
            if self._run(self._renewed):
                self._ends_at = began + LEASE_S - MARGIN_S
            else:
                self._lose()
        except StorageError as error:
            log.debug("the lease on the database was not renewed: %s", error)
            return RETRY_EVERY_S
        except Exception:  # nobody may write for long without this thread
            log.exception("renewing the lease on the database failed")
            return RETRY_EVERY_S
        return RENEW_EVERY_S

    def _lose(self) -> None:
        self._lost = True
        self._wake.set()

    def _renewed(self, transaction: Transaction) -> int:
        sql = f"UPDATE leases SET until_ms = {_UNTIL} WHERE name = ? AND owner = ?"
        return transaction.run(sql, (self._name, self._id))

    def _take_free(self) -> bool:
        """Take a lease that has ended, or that an earlier process of this data folder left behind."""
        free = f"(until_ms < {_NOW} OR owner LIKE ? OR owner = ?)"
        return self._take_where(free, (f"{self._owner.folder}.%", SHARED if self._shared else ""))

    def _take_from(self, owner: str, until: int) -> bool:
        return self._take_where("owner = ? AND until_ms = ?", (owner, until))

    def _take_where(self, condition: str, parameters: tuple[object, ...]) -> bool:
        began = self._clock()
        sql = f"UPDATE leases SET owner = ?, holder = ?, until_ms = {_UNTIL} WHERE name = ? AND "
        mine = (self._id, self._owner.holder, self._name)
        if not self._run(lambda it: it.run(sql + condition, (*mine, *parameters))):
            return False
        self._ends_at = began + LEASE_S - MARGIN_S
        return True

    def _row(self) -> tuple[str, str, int, float] | None:
        """Return holder, owner, end, and how many seconds that is from now, by the database's clock."""
        found: list[tuple[str, str, int, float]] = []

        def work(transaction: Transaction) -> int:
            sql = f"SELECT holder, owner, until_ms, until_ms - {_NOW} FROM leases WHERE name = ?"
            rows = transaction.rows(sql, (self._name,))
            found[:] = [
                (str(holder), str(owner), int(until), int(left) / 1000) for holder, owner, until, left in rows
            ]
            return len(rows)

        self._run(work)
        return found[0] if found else None

    def _make_row(self, transaction: Transaction) -> int:
        return transaction.insert_new("leases", free_row(self._name))


def free_row(name: str) -> dict[str, str | int]:
    """Return the row of a lease that nobody has had yet."""
    return {"name": name, "owner": "", "holder": "", "until_ms": 0}


def _waiting(holder: str, left_s: float) -> str:
    wait_s = min(LEASE_S, max(0.0, left_s))
    until = time.strftime("%H:%M:%S", time.localtime(time.time() + wait_s))
    return (
        f"another server ({escape(holder)}) has this database until {until}; waiting up to {wait_s:.0f} s"
        " to see whether it still runs"
    )
