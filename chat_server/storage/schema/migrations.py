"""Brings a database to this program's schema, one recorded step at a time. It knows no table but its own.

A statement of a migration's file is a step. Each is recorded before and after, so that a migration which was
interrupted, where the database cannot take back a half, is finished at the next start.

A migration says which programs go on beside it, by the schema version that they know. What servers that live
cannot go on beside waits until they have ended.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chat_server.storage.core.database import Database, Migrator, placeholders
from chat_server.storage.core.errors import SchemaError, StorageError, StorageUnavailable
from chat_server.storage.schema.catalogue import Query, tables_in

_PROGRAM: Final = Path(__file__).resolve().parents[2]
_INSTALLED: Final = _PROGRAM / "sql"  # in a wheel; beside the program in its own tree
SQL_FOLDER: Final = _INSTALLED if _INSTALLED.is_dir() else _PROGRAM.parent / "sql"
NAME: Final = "schema_migrations"
TABLE: Final = (
    f"CREATE TABLE IF NOT EXISTS {NAME} (version INTEGER NOT NULL PRIMARY KEY,"
    " name VARCHAR(190) NOT NULL, steps INTEGER NOT NULL, steps_begun INTEGER NOT NULL,"
    " steps_done INTEGER NOT NULL)"
)

# Stands in the table, as a version that no program knows, while a backup is being restored.
RESTORING: Final = 2_000_000_000

# The migration that made room for what `readable_from` says: the ones before say nothing.
ROLLING: Final = 20
LOOK_EVERY_S: Final = 0.5

_READABLE: Final = re.compile(r"^-- Readable from: (\d+)$", re.MULTILINE)
_FILE_NAME = re.compile(r"(\d{4})_(\w+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """The steps from the version before to `version`.

    :param readable_from: programs that know this schema version or a later one go on beside it; 0 in those
        that are older than the rule.
    """

    version: int
    name: str
    steps: tuple[str, ...]
    readable_from: int = 0


def statements(script: str) -> tuple[str, ...]:
    """Cut a script at the semicolons that end a line, leaving comment lines out."""
    lines = [line for line in script.splitlines() if not line.lstrip().startswith("--")]
    return tuple(part.strip() for part in re.split(r";\s*\n", "\n".join(lines) + "\n") if part.strip())


def known_migrations(database: str, folder: Path | None = None) -> list[Migration]:
    """Read the numbered migrations of one kind of database, `sqlite` or `mysql`.

    :raises SchemaError: when the folder is missing, or a number is.
    """
    folder = SQL_FOLDER if folder is None else folder
    found = []
    for path in sorted((folder / "migrations" / database).glob("*.sql")):
        match = _FILE_NAME.fullmatch(path.name)
        if match:
            found.append(_migration(int(match[1]), match[2], path.read_text(encoding="utf-8")))
    if not found or [migration.version for migration in found] != list(range(1, len(found) + 1)):
        raise SchemaError(f"the migrations under {folder} are missing or not numbered 1, 2, 3, …")
    return found


def _migration(version: int, name: str, script: str) -> Migration:
    said = _READABLE.search(script)
    readable_from = min(int(said[1]), version) if said else version
    return Migration(version, name, statements(script), readable_from if version > ROLLING else 0)


def migrate(
    database: Database,
    migrations: list[Migration] | None = None,
    *,
    behind: Callable[[int], list[str]] = lambda _version: [],
    tell: Callable[[str], None] = lambda _line: None,
) -> int:
    """Carry out what is missing and return the version reached.

    :param behind: names the servers that live and know only what is older than a schema version.
    :param tell: is given a line for a person when some of them must end first, and waits for that.
    :raises SchemaError: when this program cannot read the database, or a step is refused.
    """
    known = known_migrations(database.name) if migrations is None else migrations
    while True:
        with database.migrator() as migrator:
            if NAME not in tables_in(migrator.rows, database.name):  # its user may not be allowed to make any
                migrator.execute(TABLE + migrator.table_options)
            _require_readable(migrator, len(known))
            waiting = _carry_out(migrator, known, behind)
        if waiting is None:
            return len(known)
        _wait(waiting, behind, tell)  # without the lock: an older server may be started again meanwhile


def _wait(migration: Migration, behind: Callable[[int], list[str]], tell: Callable[[str], None]) -> None:
    told: list[str] = []
    while awaited := behind(migration.readable_from):
        if awaited != told:
            told = awaited
            tell(
                f"schema version {migration.version} ({migration.name}) waits for the end of servers that"
                f" cannot read it: {', '.join(awaited)}; stop them, and this one goes on"
            )
        time.sleep(LOOK_EVERY_S)


def _require_readable(migrator: Migrator, known: int) -> None:
    newest = migrator.rows("SELECT MAX(version) FROM schema_migrations")[0][0] or 0
    if newest == RESTORING:
        raise SchemaError("a restore into this database was not finished: restore the backup again")
    if newest <= known:
        return
    needed = readable_from(migrator.rows) if known >= ROLLING else newest
    if needed > known:
        raise SchemaError(
            f"the database has schema version {newest}, which programs that know version {needed} can read;"
            f" this program knows {known}: start a newer program"
        )


def readable_from(query: Query) -> int:
    """Return which schema version a program has to know for a database that has had migration `ROLLING`."""
    return int(query("SELECT MAX(readable_from) FROM schema_migrations", ())[0][0] or 0)


def _carry_out(
    migrator: Migrator, known: list[Migration], behind: Callable[[int], list[str]]
) -> Migration | None:
    """Apply what may be applied now; return the first one that has to wait."""
    for migration in known:
        must_ask = migration.version > ROLLING and not _is_done(migrator, migration)
        if must_ask and behind(migration.readable_from):
            return migration
        _apply(migrator, migration)
    return None


def _is_done(migrator: Migrator, migration: Migration) -> bool:
    sql = "SELECT 1 FROM schema_migrations WHERE version = ? AND steps_done >= steps"
    return bool(migrator.rows(sql, (migration.version,)))


def _apply(migrator: Migrator, migration: Migration) -> None:
    begun, done = _progress(migrator, migration)
    for number in range(done + 1, len(migration.steps) + 1):
        resumed = begun >= number
        migrator.execute(
            "UPDATE schema_migrations SET steps_begun = ? WHERE version = ?", (number, migration.version)
        )
        try:
            migrator.step(
                migration.steps[number - 1],
                "UPDATE schema_migrations SET steps_done = ? WHERE version = ?",
                (number, migration.version),
                resumed=resumed,
            )
        except (StorageUnavailable, SchemaError):
            raise
        except StorageError as error:
            raise SchemaError(
                f"schema version {migration.version} ({migration.name}), step {number} was refused: {error}"
            ) from error


def _progress(migrator: Migrator, migration: Migration) -> tuple[int, int]:
    found = migrator.rows(
        "SELECT steps, steps_begun, steps_done FROM schema_migrations WHERE version = ?", (migration.version,)
    )
    if not found:
        marked = ", readable_from" if migration.version > ROLLING else ""
        values = (migration.version, migration.name, len(migration.steps), 0, 0)
        mark = (migration.readable_from,) if marked else ()
        migrator.execute(
            f"INSERT INTO schema_migrations (version, name, steps, steps_begun, steps_done{marked})"
            f" VALUES ({placeholders((*values, *mark))})",
            (*values, *mark),
        )
        return 0, 0
    steps, begun, done = found[0]
    if done > len(migration.steps) or (done < steps != len(migration.steps)):
        raise SchemaError(
            f"schema version {migration.version} was begun by a program that has {steps} steps for it,"
            f" this one has {len(migration.steps)}: finish it with that program"
        )
    return begun, done
