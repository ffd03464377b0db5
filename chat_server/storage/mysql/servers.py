"""The servers that share a database: their rows, their turns at common work, and what they tell each other.

Any thread. All times are the database's: the servers' own clocks may differ. It must not know what is told.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from chat_server.storage.core.database import Database, Transaction, chunks, placeholders
from chat_server.storage.core.owner import Owner
from chat_server.storage.core.records import Stored
from chat_server.storage.mysql.lease import free_row
from chat_server.storage.schema.migrations import readable_from

TURN_S: Final = 10.0  # common work is one server's for so long after it last said so
KEPT_MS: Final = 3_600_000  # a change is applied within seconds, and after an outage of this length at most
SAID: Final = "said"  # a message in a private conversation: who hears it is no server's room
ONLINE: Final = "online"  # users who came, went or changed status: their rows are to be read
SILENT_MS: Final = 10_000  # a server whose row has stood still for so long has most likely ended
_CHAT_SECRET: Final = "chat_secret"  # of the settings
_ROOMS_KNOWN_MAX: Final = 50_000
_NOW: Final = "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)"


class ServerRecord(NamedTuple):
    """One of the servers; times in milliseconds since 1970 UTC.

    :param online: how many users are signed in there.
    :param silent_ms: since its last beat.
    """

    id: str
    name: str
    address: str
    version: str
    fingerprint: str
    online: int
    since: int
    beat: int
    silent_ms: int


class Change(NamedTuple):
    """What one server did; `number`, `other` and `detail` mean what its kind says."""

    kind: str
    number: int = 0
    other: int = 0
    detail: str = ""


class OnlineRecord(NamedTuple):
    """A user who is connected to a server."""

    server: str
    user_id: int
    status: str
    text: str


class Told(NamedTuple):
    """A change as the other servers read it."""

    id: int
    server: str
    change: Change


class Servers:
    """This server's part in a cluster.

    :param schema_version: the newest that this server knows.
    """

    def __init__(self, database: Database, owner: Owner, schema_version: int) -> None:
        self._database = database
        self._owner = owner
        self._schema_version = schema_version
        self._direct: dict[int, bool] = {}  # which rooms are private conversations; the commit thread's

    @property
    def id(self) -> str:
        """What this server is called in the rows."""
        return self._owner.id

    # -- who is there -----------------------------------------------------------------------------

    def beat(self, name: str, address: str, version: str, fingerprint: str, online: int) -> None:
        """Say that this server lives.

        :raises StorageUnavailable: when the database is down.
        """
        values = (name[:190], address[:190], version, fingerprint, online, self._schema_version)
        self._database.run(
            "INSERT INTO servers"
            " (id, name, address, version, fingerprint, online, schema_version, since_ms, beat_ms)"
            f" VALUES (?, ?, ?, ?, ?, ?, ?, {_NOW}, {_NOW}) ON DUPLICATE KEY UPDATE"
            " name = VALUES(name), address = VALUES(address), version = VALUES(version),"
            " fingerprint = VALUES(fingerprint), online = VALUES(online), beat_ms = VALUES(beat_ms)",
            (self.id, *values),
        )

    def behind(self, schema_version: int) -> list[str]:
        """Name the other servers that live and do not know a schema version, each with its own version."""
        rows = self._database.rows(
            f"SELECT name, version FROM servers WHERE beat_ms > {_NOW} - {SILENT_MS}"
            " AND schema_version < ? AND id NOT LIKE ? ORDER BY name",
            (schema_version, f"{self._owner.folder}.%"),  # an earlier life of this one has ended
        )
        return [f"{name} (version {version})" for name, version in rows]

    def is_outdated(self) -> bool:
        """Whether another server has changed the schema to one that this one cannot read."""
        return readable_from(self._database.rows) > self._schema_version

    def chat_secret(self) -> str:
        """Return what only the servers of this database know, 32 characters; made by whoever asks first.

        :raises StorageUnavailable: when the database is down.
        """

        def work(transaction: Transaction) -> str:
            transaction.insert_new("settings", {"name": _CHAT_SECRET, "value": secrets.token_hex(16)})
            return str(transaction.rows("SELECT value FROM settings WHERE name = ?", (_CHAT_SECRET,))[0][0])

        return self._database.write(work)

    def all(self) -> list[ServerRecord]:
        """Return the servers, the oldest first."""
        rows = self._database.rows(
            "SELECT id, name, address, version, fingerprint, online, since_ms, beat_ms,"
            f" {_NOW} - beat_ms FROM servers ORDER BY since_ms, id"
        )
        return [ServerRecord(*row) for row in rows]

    def leave(self) -> None:
        """Remove this server's row, and let another one do the common work."""

        def work(transaction: Transaction) -> None:
            transaction.run("DELETE FROM servers WHERE id = ?", (self.id,))
            transaction.run("DELETE FROM online WHERE server = ?", (self.id,))
            transaction.run("DELETE FROM leases WHERE owner = ?", (self.id,))

        self._database.write(work)

    def say_online(self, states: Mapping[int, tuple[str, str] | None]) -> None:
        """Write down which users have a status here, or are not here any more, and tell the others.

        :raises StorageUnavailable: when the database is down.
        """

        def work(transaction: Transaction) -> None:
            for part in chunks(sorted(states)):
                sql = f"DELETE FROM online WHERE server = ? AND user_id IN ({placeholders(part)})"
                transaction.run(sql, (self.id, *part))
                here = [(user_id, self.id, *state) for user_id in part if (state := states[user_id])]
                if here:
                    rows = ", ".join(["(?, ?, ?, ?)"] * len(here))
                    transaction.run(
                        f"INSERT INTO online (user_id, server, status, status_text) VALUES {rows}",
                        [value for row in here for value in row],
                    )
                detail = json.dumps({"server": self.id, "users": list(part)})
                self._insert(transaction, [Change(ONLINE, detail=detail)])

        self._database.write(work)

    def online(self, user_ids: Sequence[int] | None = None) -> list[OnlineRecord]:
        """Return where users are connected, servers that have ended left out.

        :param user_ids: only these.
        """
        sql = (
            "SELECT o.server, o.user_id, o.status, o.status_text FROM online o JOIN servers s"
            f" ON s.id = o.server WHERE s.beat_ms > {_NOW} - {SILENT_MS}"
        )
        if user_ids is None:
            return [OnlineRecord(*row) for row in self._database.rows(sql)]
        return [
            OnlineRecord(*row)
            for part in chunks(user_ids)
            for row in self._database.rows(f"{sql} AND o.user_id IN ({placeholders(part)})", part)
        ]

    # -- common work ------------------------------------------------------------------------------

    def take_turn(self, name: str) -> bool:
        """Take or renew the right to do, for :data:`TURN_S`, what one server at a time is to do."""

        def work(transaction: Transaction) -> bool:
            transaction.insert_new("leases", free_row(name))
            return self._taken(transaction, name)

        return self._database.write(lambda it: self._taken(it, name)) or (
            not self._database.rows("SELECT 1 FROM leases WHERE name = ?", (name,))
            and self._database.write(work)
        )

    def _taken(self, transaction: Transaction, name: str) -> bool:
        sql = (
            f"UPDATE leases SET owner = ?, holder = ?, until_ms = {_NOW} + {int(TURN_S * 1000)}"
            f" WHERE name = ? AND (owner = ? OR owner LIKE ? OR until_ms < {_NOW})"
        )
        mine = (self.id, self._owner.holder, name, self.id, f"{self._owner.folder}.%")
        return bool(transaction.run(sql, mine))

    def forget_old(self) -> None:
        """Remove changes that all have applied, and servers that ended long ago without a word."""

        def work(transaction: Transaction) -> None:
            for table, column in (("changes", "at_ms"), ("servers", "beat_ms")):
                transaction.run(f"DELETE FROM {table} WHERE {column} < {_NOW} - {KEPT_MS}")
            transaction.run("DELETE FROM online WHERE server NOT IN (SELECT id FROM servers)")

        self._database.write(work)

    # -- what they tell each other ----------------------------------------------------------------

    def now(self) -> int:
        """Return the database's time."""
        return int(self._database.rows(f"SELECT {_NOW}")[0][0])

    def tell(self, changes: Sequence[Change]) -> None:
        """Store changes for the other servers, in this order.

        :raises StorageUnavailable: when the database is down; the same call may be repeated.
        """
        self._database.write(lambda transaction: self._insert(transaction, changes))

    def said(self, transaction: Transaction, placed: Sequence[Stored]) -> None:
        """Tell, in the transaction that stores messages, of those in private conversations."""
        first: dict[int, int] = {}
        for place in placed:
            first.setdefault(place.room_id, place.seq)
        if len(self._direct) > _ROOMS_KNOWN_MAX:
            self._direct.clear()
        self._learn(transaction, [room_id for room_id in first if room_id not in self._direct])
        told = [Change(SAID, room_id, seq) for room_id, seq in first.items() if self._direct.get(room_id)]
        if told:
            self._insert(transaction, told)

    def since(self, time_ms: int) -> tuple[int, list[Told]]:
        """Return the database's time, and what was told from a time on, in the order of the ids."""

        def work(transaction: Transaction) -> tuple[int, list[Told]]:
            now = int(transaction.rows(f"SELECT {_NOW}")[0][0])
            rows = transaction.rows(
                "SELECT id, server, kind, number, other, detail FROM changes WHERE at_ms >= ? ORDER BY id",
                (time_ms,),
            )
            return now, [Told(id_, server, Change(*said)) for id_, server, *said in rows]

        return self._database.read(work)

    def _insert(self, transaction: Transaction, changes: Sequence[Change]) -> None:
        for part in chunks(changes):
            rows = ", ".join([f"(?, ?, ?, ?, ?, {_NOW})"] * len(part))
            transaction.run(
                f"INSERT INTO changes (server, kind, number, other, detail, at_ms) VALUES {rows}",
                [value for change in part for value in (self.id, *change)],
            )

    def _learn(self, transaction: Transaction, room_ids: Sequence[int]) -> None:
        for part in chunks(room_ids):
            rows = transaction.rows(f"SELECT id, kind FROM rooms WHERE id IN ({placeholders(part)})", part)
            self._direct.update((room_id, kind == "direct") for room_id, kind in rows)
