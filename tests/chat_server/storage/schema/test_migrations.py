"""The schema: from every earlier version on with data in it, interrupted anywhere, and never backwards."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chat_protocol.times import now_ms
from chat_server.storage import SchemaError, Storage, StorageError
from chat_server.storage.core.database import Database, Migrator, Parameters
from chat_server.storage.core.records import NewMessage, Stored
from chat_server.storage.schema import migrations as module
from chat_server.storage.schema.catalogue import tables_in
from chat_server.storage.schema.migrations import (
    ROLLING,
    SQL_FOLDER,
    Migration,
    known_migrations,
    migrate,
    statements,
)
from tests.chat_server.storage.conftest import START_MS, OpenDatabase

LATEST = len(known_migrations("sqlite"))
DEVICES = 9  # the version that gave tokens their ids and times
OTHER_TOKEN = "INSERT INTO tokens (token_hash, user_id, created_at) VALUES ('two', 1, 7)"
OLD_DATA = (
    "INSERT INTO users (username, username_key, display_name, display_key, role, password_hash, created_at)"
    " VALUES ('Zoé', 'zoe', 'Zoé 😀', 'zoe 😀', 'admin', 'hash', 5)",
    "INSERT INTO members (room_id, user_id, state, read_seq) VALUES (1, 1, 'joined', 1)",
    "INSERT INTO messages (room_id, seq, sender_id, body, nonce, sent_at)"
    " VALUES (1, 1, 1, 'héllo 😀', 'n1', 9)",
    "UPDATE rooms SET last_seq = 1 WHERE id = 1",
    "INSERT INTO settings (name, value) VALUES ('motd', 'bonjour')",
    "INSERT INTO tokens (token_hash, user_id, created_at) VALUES ('one', 1, 6)",
)


class PulledPlug(Exception):
    """The machine fails."""


class InterruptedMigrator(Migrator):
    """Carries steps out until the plug is pulled, before or after the step's record."""

    def __init__(self, inner: Migrator, steps: int, recorded: bool) -> None:
        self._inner = inner
        self._steps = steps
        self._recorded = recorded
        self.table_options = inner.table_options

    def rows(self, sql: str, parameters: Parameters = ()) -> list[tuple[object, ...]]:
        return self._inner.rows(sql, parameters)

    def execute(self, sql: str, parameters: Parameters = ()) -> None:
        self._inner.execute(sql, parameters)

    def step(self, sql: str, record: str, parameters: Parameters, *, resumed: bool) -> None:
        if self._steps == 0:
            if not self._recorded and not sql.startswith(("INSERT", "UPDATE")):
                self._inner.execute(sql)  # a change of a table commits by itself
            raise PulledPlug
        self._steps -= 1
        self._inner.step(sql, record, parameters, resumed=resumed)


def interrupted(database: Database, migrations: list[Migration], steps: int, *, recorded: bool) -> None:
    """Migrate until the plug is pulled."""
    whole = database.migrator

    @contextmanager
    def migrator() -> Iterator[Migrator]:
        with whole() as inner:
            yield InterruptedMigrator(inner, steps, recorded)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "migrator", migrator)
        with pytest.raises(PulledPlug):
            migrate(database, migrations)
    database.close()


def assert_whole(storage: Storage) -> None:
    """What was stored in the first version is there, and every part of the storage works."""
    zoe = storage.users.by_key("zoe")
    assert zoe is not None
    assert (zoe.display_name, zoe.role, zoe.one_time_password, zoe.erased) == (
        "Zoé 😀",
        "admin",
        False,
        False,
    )
    (first,) = storage.messages.after(1, 0, 10)
    assert (first.body, first.author, first.kind, first.deleted) == ("héllo 😀", "Zoé", "text", False)
    assert storage.rooms.all()[2].first_seq == 1
    assert len({room.public_id for room in storage.rooms.all()}) == 5
    assert storage.settings.get("motd") == "bonjour"
    (repeat,) = storage.messages.append([NewMessage(1, zoe.id, "héllo 😀", "n1")], START_MS)
    (edit,) = storage.messages.append([NewMessage(1, zoe.id, "edited", "n2", "edit", 1)], START_MS)
    assert isinstance(repeat, Stored)
    assert isinstance(edit, Stored)
    assert [(result.seq, result.repeated) for result in (repeat, edit)] == [(1, True), (2, False)]
    storage.sanctions.add("ban", zoe.id, None, None, "", "root", START_MS, None)
    storage.audit.add(START_MS, "root", "console", "ban", "zoe", "", True)
    storage.users.seen([(zoe.id, "192.0.2.1")], START_MS)


@pytest.mark.parametrize("version", range(1, LATEST + 1))
def test_migration_from_each_version(open_database: OpenDatabase, version: int) -> None:
    """A database of every released version is brought up to date with all that is in it."""
    database = open_database()
    migrate(database, known_migrations(database.name)[:version])
    for sql in OLD_DATA:
        database.run(sql)
    database.close()
    storage = Storage(open_database())
    assert storage.schema_version == LATEST
    assert_whole(storage)
    storage.close()


def test_tokens_of_older_versions_are_used_now(open_database: OpenDatabase) -> None:
    """The upgrade signs nobody out: each counts as used at that moment, and has an id of its own."""
    database = open_database()
    known = known_migrations(database.name)
    migrate(database, known[: DEVICES - 1])
    for sql in (*OLD_DATA, OTHER_TOKEN):
        database.run(sql)
    before = now_ms() - 1_000  # the database counts in seconds
    migrate(database, known)
    database.close()
    storage = Storage(open_database())
    devices = storage.tokens.of_user(1)
    assert {device.created_at for device in devices} == {6, 7}
    assert all(before <= device.last_used_at <= now_ms() for device in devices)
    assert len({device.public_id for device in devices}) == 2
    assert {len(device.public_id) for device in devices} == {12}
    storage.close()


@pytest.mark.parametrize("recorded", [True, False], ids=["before the step", "after the step"])
@pytest.mark.parametrize("steps", [0, 1, 2, 4])
def test_migration_interrupted(open_database: OpenDatabase, steps: int, recorded: bool) -> None:
    """The start after an interrupted migration finishes it, and nothing is lost."""
    database = open_database()
    known = known_migrations(database.name)
    migrate(database, known[:1])
    for sql in OLD_DATA:
        database.run(sql)
    if database.name == "sqlite" and not recorded:
        recorded = True  # a step and its record are one transaction there
    interrupted(database, known, steps, recorded=recorded)
    storage = Storage(open_database())
    assert_whole(storage)
    storage.close()


def test_migration_interrupted_in_the_first(open_database: OpenDatabase) -> None:
    """An interrupted first start leaves each seed room there once."""
    database = open_database()
    known = known_migrations(database.name)
    interrupted(database, known, len(known[0].steps) - 1, recorded=True)
    storage = Storage(open_database())
    assert len(storage.rooms.all()) == 5
    storage.close()


def later(version: int, readable_from: int, sql: str = "") -> Migration:
    """A migration of a later release."""
    return Migration(version, "later", (sql or f"CREATE TABLE later_{version} (id INTEGER)",), readable_from)


@pytest.mark.parametrize(
    ("newer", "refused"),
    [
        ([later(LATEST + 1, LATEST)], ""),
        ([later(LATEST + 1, ROLLING), later(LATEST + 2, LATEST)], ""),
        ([later(LATEST + 1, LATEST + 1)], f"{LATEST + 1}, .* know version {LATEST + 1} .*knows {LATEST}:"),
        ([later(LATEST + 1, LATEST + 1), later(LATEST + 2, LATEST)], f"knows {LATEST}: start a newer"),
    ],
    ids=["readable", "two that are", "not readable", "not the first"],
)
def test_schema_newer(open_database: OpenDatabase, newer: list[Migration], refused: str) -> None:
    """A database of a newer program is used where that program says so, and else refused, in words."""
    database = open_database()
    known = known_migrations(database.name)
    migrate(database, [*known, *newer])
    if refused:
        with pytest.raises(SchemaError, match=refused):
            migrate(database)
    else:
        assert migrate(database) == LATEST
    database.close()


def test_schema_newer_is_begun(open_database: OpenDatabase) -> None:
    """It counts from before its first step on."""
    database = open_database()
    known = known_migrations(database.name)
    migrate(database, known)
    interrupted(database, [*known, later(LATEST + 1, LATEST + 1)], 0, recorded=True)
    with pytest.raises(SchemaError, match="start a newer program"):
        migrate(open_database())


def test_migration_waits_for_older_servers(open_database: OpenDatabase) -> None:
    """What they can read is applied at once, the rest when they have ended; who is awaited is told once."""
    database = open_database()
    known = [*known_migrations(database.name), later(LATEST + 1, LATEST), later(LATEST + 2, LATEST + 2)]
    migrate(database, known[:LATEST])
    answers: dict[int, list[list[str]]] = {
        LATEST: [[]],
        LATEST + 2: [["one (version 1)", "two (version 1)"], ["one (version 1)", "two (version 1)"], ["two"]],
    }
    seen: list[set[str]] = []

    def behind(version: int) -> list[str]:
        seen.append(tables_in(database.rows, database.name))
        return answers[version].pop(0) if answers[version] else []

    told: list[str] = []
    assert migrate(database, known, behind=behind, tell=told.append) == LATEST + 2
    assert ["one (version 1), two (version 1); stop" in line for line in told] == [True, False]
    assert "servers that cannot read it: two;" in told[1]
    first, second = (f"later_{LATEST + number}" for number in (1, 2))
    assert [(first in tables, second in tables) for tables in seen] == [
        (False, False),
        *[(True, False)] * 5,
    ]
    assert second in tables_in(database.rows, database.name)
    database.close()


ADDING = re.compile(
    r"CREATE TABLE .*|CREATE INDEX .*|INSERT .*|ALTER TABLE \w+ ADD (KEY|INDEX) .*"
    r"|ALTER TABLE \w+ ADD COLUMN (?!.*NOT NULL(?!.*DEFAULT))[^,]*",
    re.DOTALL,
)


@pytest.mark.parametrize("name", ["sqlite", "mysql"])
def test_migrations_that_older_programs_read_only_add(name: str) -> None:
    """Each says from which version on it is read; an older program meets nothing that it has to fill."""
    for migration in known_migrations(name)[ROLLING - 1 :]:
        (path,) = (SQL_FOLDER / "migrations" / name).glob(f"{migration.version:04}_*.sql")
        assert "\n-- Readable from: " in f"\n{path.read_text(encoding='utf-8')}", path
        if migration.readable_from < migration.version:
            assert all(ADDING.fullmatch(step) for step in migration.steps), path


@pytest.mark.parametrize(
    ("sql", "adds"),
    [
        ("ALTER TABLE a ADD COLUMN b INTEGER NOT NULL DEFAULT 0", True),
        ("ALTER TABLE a ADD COLUMN b INTEGER", True),
        ("ALTER TABLE a ADD COLUMN b INTEGER NOT NULL", False),
        ("ALTER TABLE a ADD COLUMN b INTEGER, DROP COLUMN c", False),
        ("ALTER TABLE a DROP COLUMN b", False),
        ("UPDATE a SET b = 1", False),
        ("CREATE TABLE a (\n    b INTEGER NOT NULL\n)", True),
    ],
)
def test_what_counts_as_adding(sql: str, adds: bool) -> None:
    """An older program inserts rows without what it does not know."""
    assert bool(ADDING.fullmatch(sql)) == adds


def test_schema_of_another_program(open_database: OpenDatabase) -> None:
    """A table that is in the way is named, and stays as it is."""
    database = open_database()
    database.run("CREATE TABLE users (id INTEGER)")
    with pytest.raises(SchemaError, match=r"version 1 \(core\), step 1 .*users"):
        migrate(database)
    with pytest.raises(SchemaError):
        migrate(database)
    assert database.rows("SELECT id FROM users") == []
    database.close()


def test_migration_files_numbered() -> None:
    """Both databases have the same versions under the same names."""
    sqlite, mysql = ([(m.version, m.name) for m in known_migrations(name)] for name in ("sqlite", "mysql"))
    assert sqlite == mysql


def test_migration_files_missing(tmp_path: Path) -> None:
    """A program without its SQL says so."""
    with pytest.raises(SchemaError, match="missing"):
        known_migrations("sqlite", tmp_path)


def test_statements_cut() -> None:
    """A script is cut where a line ends in a semicolon; comments are left out."""
    script = "-- one;\nA ';'\nB;\n\n  -- two\nC; \n"
    assert statements(script) == ("A ';'\nB", "C")


def test_storage_error_of_a_statement(open_database: OpenDatabase) -> None:
    """A statement that the database cannot read is a StorageError, and the connection stays usable."""
    database = open_database()
    with pytest.raises(StorageError):
        database.run("SELEKT")
    assert database.rows("SELECT 1") == [(1,)]
    database.close()


def test_wait_for_older_servers_is_told_as_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person is told of each change of whom it waits for; the database is asked twice a second."""
    answers = [["one"], ["one"], ["one", "two"], ["two"], []]
    asked, told, slept = list[int](), list[str](), list[float]()

    def behind(version: int) -> list[str]:
        asked.append(version)
        return answers.pop(0)

    monkeypatch.setattr(time, "sleep", slept.append)
    module._wait(Migration(25, "later", (), 23), behind, told.append)
    assert (asked, slept) == ([23] * 5, [module.LOOK_EVERY_S] * 4)
    assert [line.partition("read it: ")[2].partition(";")[0] for line in told] == ["one", "one, two", "two"]
    assert all(line.startswith("schema version 25 (later) waits") for line in told)
