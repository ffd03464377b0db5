"""The record of administrative acts. Rows are added and read; nothing here changes or removes one."""

from chat_server.storage.core.database import Database, Row
from chat_server.storage.core.records import AuditRecord

COLUMNS = "id, happened_at, actor, origin, action, target, detail, allowed"


class Audit:
    """Adds to the audit and reads it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, at: int, actor: str, origin: str, action: str, target: str, detail: str, allowed: bool
    ) -> None:
        """Note who did what, from where, on whom; `allowed` is False for an attempt that was refused."""
        self._database.run(
            "INSERT INTO audit (happened_at, actor, origin, action, target, detail, allowed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (at, actor, origin, action, target, detail, int(allowed)),
        )

    def listing(
        self,
        since: int | None = None,
        by: str | None = None,
        on: str | None = None,
        limit: int = 200,
        before: int | None = None,
    ) -> list[AuditRecord]:
        """List the latest acts since a time, by an actor, on a target; the oldest of them first.

        :param before: only those with a lower id.
        """
        wanted = {"happened_at >= ?": since, "actor = ?": by, "target = ?": on, "id < ?": before}
        conditions = {condition: value for condition, value in wanted.items() if value is not None}
        where = f"WHERE {' AND '.join(conditions)} " if conditions else ""
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM audit {where}ORDER BY id DESC LIMIT ?", (*conditions.values(), limit)
        )
        return [_audit_of(row) for row in reversed(rows)]


def _audit_of(row: Row) -> AuditRecord:
    fields: Row = (*row[:-1], bool(row[-1]))
    return AuditRecord(*fields)
