"""Brings a database to this program's schema, one recorded step at a time. It knows no table but its own.

A statement of a migration's file is a step. Each is recorded before and after, so that a migration which was
interrupted, where the database cannot take back a half, is finished at the next start.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chat_server.storage.core.database import Database, Migrator
from chat_server.storage.core.errors import SchemaError, StorageError, StorageUnavailable
from chat_server.storage.schema.catalogue import tables_in

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

_FILE_NAME = re.compile(r"(\d{4})_(\w+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """The steps from the version before to `version`."""

    version: int
    name: str
    steps: tuple[str, ...]


def statements(script: str) -> tuple[str, ...]:
    """Cut a script at the semicolons that end a line, leaving comment lines out."""
    lines = [line for line in script.splitlines() if not line.lstrip().startswith("--")]
    return tuple(part.strip() for part in re.split(r";\s*\n", "\n".join(lines) + "\n") if part.strip())


def known_migrations(database: str, folder: Path = SQL_FOLDER) -> list[Migration]:
    """Read the numbered migrations of one kind of database, `sqlite` or `mysql`.

    :raises SchemaError: when the folder is missing, or a number is.
    """
    found = []
    for path in sorted((folder / "migrations" / database).glob("*.sql")):
        match = _FILE_NAME.fullmatch(path.name)
        if match:
            found.append(Migration(int(match[1]), match[2], statements(path.read_text(encoding="utf-8"))))
    if not found or [migration.version for migration in found] != list(range(1, len(found) + 1)):
        raise SchemaError(f"the migrations under {folder} are missing or not numbered 1, 2, 3, …")
    return found


def migrate(database: Database, migrations: list[Migration] | None = None) -> int:
    """Carry out what is missing and return the version reached.

    :raises SchemaError: when the database is of a newer version, or a step is refused.
    """
    known = known_migrations(database.name) if migrations is None else migrations
    with database.migrator() as migrator:
        if NAME not in tables_in(migrator.rows, database.name):  # its user may not be allowed to make any
            migrator.execute(TABLE + migrator.table_options)
        newest = migrator.rows("SELECT MAX(version) FROM schema_migrations")[0][0]
        if newest == RESTORING:
            raise SchemaError("a restore into this database was not finished: restore the backup again")
        if newest is not None and newest > len(known):
            raise SchemaError(
                f"the database has schema version {newest}, this program knows {len(known)}:"
                " start a newer program"
            )
        for migration in known:
            _apply(migrator, migration)
    return len(known)


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
        migrator.execute(
            "INSERT INTO schema_migrations (version, name, steps, steps_begun, steps_done)"
            " VALUES (?, ?, ?, 0, 0)",
            (migration.version, migration.name, len(migration.steps)),
        )
        return 0, 0
    steps, begun, done = found[0]
    if done > len(migration.steps) or (done < steps != len(migration.steps)):
        raise SchemaError(
            f"schema version {migration.version} was begun by a program that has {steps} steps for it,"
            f" this one has {len(migration.steps)}: finish it with that program"
        )
    return begun, done
