"""Backup and restore between the databases: equal rows, or a refusal, and never half a restored database."""

import contextlib
import gzip
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chat_server.backup import restoring
from chat_server.backup.creating import create
from chat_server.backup.errors import BackupError
from chat_server.backup.progress import Progress
from chat_server.backup.restoring import check, restore
from chat_server.storage.core.errors import SchemaError, StorageConfigError, StorageError
from chat_server.storage.core.records import NewMessage
from chat_server.storage.core.urls import MysqlAddress, parse_url
from chat_server.storage.schema.catalogue import tables_in
from chat_server.storage.schema.migrations import SQL_FOLDER, known_migrations, migrate
from chat_server.storage.schema.restore import RestoreTarget
from chat_server.storage.schema.tables import DERIVED, MIGRATIONS, TABLES, pages
from chat_server.storage.sqlite.adapter import SqliteDatabase
from chat_server.storage.storage import open_database, open_storage
from tests.chat_server.backup.chat import START_MS, contents, filled
from tests.support.mariadb import MariaDb

UNFINISHED = "a restore into this database was not finished"


@contextlib.contextmanager
def talking(url: str) -> Iterator[None]:
    """Keep storing messages in a database until the block ends."""
    storage = open_storage(url)
    room = storage.rooms.all()[0]
    done = threading.Event()

    def talk() -> None:
        for count in range(100_000):
            if done.is_set():
                return
            storage.messages.append([NewMessage(room.id, 1, "more", f"more {count}")], START_MS)

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        storage.close()


def rows_of(url: str) -> dict[str, list[tuple[object, ...]]]:
    storage = open_storage(url, exclusive=False)
    try:
        return contents(storage)
    finally:
        storage.close()


def test_every_table_is_saved(chat_url: str) -> None:
    """Each table of the schema is in the backup or rebuilt from the others, and the tests fill each."""
    database = open_database(chat_url)
    there = {name for name in tables_in(database.rows, "sqlite") if not name.startswith("sqlite_")}
    shadows = {name for name in there if name.startswith("search_index_")}
    database.close()
    assert there - shadows == {*TABLES, *DERIVED, MIGRATIONS}
    assert all(rows_of(chat_url).values())


def test_sqlite_to_sqlite(chat_url: str, backup: Path, empty_url: str, progress: Progress) -> None:
    """A restored database holds the same rows."""
    restore(backup, empty_url, progress)
    assert rows_of(empty_url) == rows_of(chat_url)


def test_sqlite_to_mariadb_and_back(
    backup: Path, mariadb: MariaDb, empty_url: str, chat_url: str, tmp_path: Path, progress: Progress
) -> None:
    """From SQLite to MariaDB and back, counts, checksums and rows are equal."""
    for url in (mariadb.new_database(), mariadb.new_database(unix_socket=True)):
        there, _ = restore(backup, url, progress)
        again = tmp_path / "again.backup"
        assert create(url, again, progress) == there
    back, _ = restore(again, empty_url, progress)
    assert back == there
    assert rows_of(empty_url) == rows_of(chat_url)


def test_driver_in_python(
    backup: Path, mariadb_url: str, progress: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver's implementation in Python takes and gives the same rows."""
    from chat_server.storage.mysql.adapter import MysqlDatabase

    address = parse_url(mariadb_url)
    assert isinstance(address, MysqlAddress)
    with monkeypatch.context() as patch:
        patch.setattr(restoring, "open_database", lambda url: MysqlDatabase(address, pure=True))
        there, _ = restore(backup, mariadb_url, progress)
    assert create(mariadb_url, backup, progress) == there


def test_restored_database_goes_on(
    backup: Path, mariadb_url: str, empty_url: str, progress: Progress
) -> None:
    """New rows in a restored database get new ids and the next seqs."""
    for url in (mariadb_url, empty_url):
        restore(backup, url, progress)
        storage = open_storage(url)
        user = storage.users.create("New", "new", "New", "hash", START_MS)
        room = storage.rooms.by_key("general")
        assert room is not None
        (stored,) = storage.messages.append([NewMessage(room.id, user.id, "hello", "new one")], START_MS)
        first = storage.rooms.all()[0].id
        (repeated,) = storage.messages.append([NewMessage(first, 2, "👍🏽", "r1", "react", 1)], START_MS)
        storage.close()
        assert user.id == 5
        assert not isinstance(stored, Exception)
        assert stored.seq == room.last_seq + 1
        assert not isinstance(repeated, Exception)
        assert repeated.repeated


def test_restored_rooms_have_other_ids(
    backup: Path, chat_url: str, empty_url: str, progress: Progress
) -> None:
    """What was said since the backup is gone: no client may take a restored room for the one it knows."""
    restore(backup, empty_url, progress)
    ids = []
    for url in (chat_url, empty_url, empty_url):
        storage = open_storage(url)
        ids.append({room.public_id for room in storage.rooms.all()})
        storage.close()
    assert ids[1] == ids[2]
    assert not ids[0] & ids[1]


def test_pages_reach_every_row(
    chat_url: str, mariadb_url: str, monkeypatch: pytest.MonkeyPatch, backup: Path, progress: Progress
) -> None:
    """Read page by page, a table is whole, on either database, whatever its key consists of."""
    restore(backup, mariadb_url, progress)
    monkeypatch.setattr("chat_server.storage.schema.tables.PAGE_ROWS", 3)
    for url in (chat_url, mariadb_url):
        database = open_database(url, exclusive=False)
        for table, key in TABLES.items():
            whole = database.rows(f"SELECT {', '.join(key)} FROM {table} ORDER BY {', '.join(key)}")
            paged = [row for page in pages(database.rows, database.name, table, key) for row in page]
            assert paged == whole
        database.close()


def test_backup_while_writing(tmp_path: Path, empty_url: str, mariadb: MariaDb, progress: Progress) -> None:
    """A backup shows one moment: no room's last_seq is ahead of its messages or behind them."""
    for number, url in enumerate((f"sqlite:///{tmp_path}/busy.db", mariadb.new_database())):
        path = tmp_path / f"{number}.backup"
        with talking(filled(url, 300)):
            create(url, path, progress)
        restored = f"{empty_url}{number}"
        restore(path, restored, progress)
        database = open_database(restored)
        assert not database.rows(
            "SELECT r.id FROM rooms r"
            " WHERE r.last_seq <> (SELECT COUNT(*) FROM messages m WHERE m.room_id = r.id)"
        )
        database.close()


def test_not_empty(backup: Path, mariadb_url: str, empty_url: str, progress: Progress) -> None:
    """A database that holds anything is refused and stays as it is."""
    for url in (mariadb_url, empty_url):
        restore(backup, url, progress)
        before = rows_of(url)
        with pytest.raises(StorageConfigError, match="not empty: it has users"):
            restore(backup, url, progress)
        assert rows_of(url) == before


def test_fresh_database(
    backup: Path, empty_url: str, chat_url: str, mariadb: MariaDb, progress: Progress
) -> None:
    """A database where a server was started and nothing happened, or chat.sql imported, counts as empty."""
    open_storage(empty_url).close()
    restore(backup, empty_url, progress)
    assert rows_of(empty_url) == rows_of(chat_url)
    imported = mariadb.new_database()
    mariadb.sql((SQL_FOLDER / "chat.sql").read_text(encoding="utf-8"), imported.rpartition("/")[2])
    there, _ = restore(backup, imported, progress)
    assert there["users"].rows == 4


def test_foreign_tables(backup: Path, mariadb: MariaDb, progress: Progress) -> None:
    """Tables of the same names that are another program's are not touched."""
    url = mariadb.new_database()
    name = url.rpartition("/")[2]
    mariadb.sql("CREATE TABLE users (name TEXT); INSERT INTO users VALUES ('x')", name)
    with pytest.raises(StorageConfigError, match="not this program's"):
        restore(backup, url, progress)
    assert mariadb.sql("SELECT * FROM users", name) == "x\n"


def test_interrupted_restore(
    backup: Path,
    mariadb_url: str,
    empty_url: str,
    chat_url: str,
    progress: Progress,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After an interrupted restore no server starts on the database and no backup is made of it; a second
    restore starts again.
    """
    insert = RestoreTarget.insert

    def interrupted(self: RestoreTarget, table: str, *arguments: Any) -> None:
        if table == "messages":
            raise KeyboardInterrupt
        insert(self, table, *arguments)

    for url in (mariadb_url, empty_url):
        with monkeypatch.context() as patch:
            patch.setattr(RestoreTarget, "insert", interrupted)
            with pytest.raises(KeyboardInterrupt):
                restore(backup, url, progress)
        with pytest.raises(SchemaError, match=UNFINISHED):
            open_storage(url)
        with pytest.raises(SchemaError, match=UNFINISHED):
            create(url, backup.with_name("other"), progress)
        restore(backup, url, progress)
    assert rows_of(empty_url) == rows_of(chat_url)


def test_database_gives_something_else_back(
    backup: Path, empty_url: str, progress: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that changes what it is given is found out, and left unfinished."""
    insert = RestoreTarget.insert

    def altered(self: RestoreTarget, table: str, columns: tuple[str, ...], rows: list[list[object]]) -> None:
        insert(self, table, columns, rows[1:] if table == "messages" else rows)

    monkeypatch.setattr(RestoreTarget, "insert", altered)
    with pytest.raises(BackupError, match="does not give back the messages"):
        restore(backup, empty_url, progress)
    with pytest.raises(SchemaError):
        open_storage(empty_url)


def test_running_server(backup: Path, empty_url: str, progress: Progress) -> None:
    """A SQLite database that a server has open is refused."""
    storage = open_storage(empty_url)
    with pytest.raises(StorageConfigError, match="in use by another server"):
        restore(backup, empty_url, progress)
    storage.close()


def test_older_schema(tmp_path: Path, empty_url: str, progress: Progress) -> None:
    """A backup of an older schema is restored as it was and then brought up to date."""
    old = SqliteDatabase(tmp_path / "old.db")
    migrate(old, known_migrations("sqlite")[:1])
    old.run(
        "INSERT INTO users (username, username_key, display_name, display_key, password_hash, created_at)"
        " VALUES ('A', 'a', 'A', 'a', 'hash', 5)"
    )
    old.run("INSERT INTO messages VALUES (1, 1, 1, 'hello', 'n', 7)")
    old.run("UPDATE rooms SET last_seq = 1 WHERE id = 1")
    old.close()
    path = tmp_path / "old.backup"
    create(f"sqlite:///{tmp_path}/old.db", path, progress)
    restore(path, empty_url, progress)
    storage = open_storage(empty_url)
    user, message = storage.users.by_key("a"), storage.messages.get(1, 1)
    storage.close()
    assert user is not None
    assert message is not None
    assert (user.username, user.erased, message.body, message.kind) == ("A", False, "hello", "text")


def test_newer_schema(backup: Path, empty_url: str, tmp_path: Path, progress: Progress) -> None:
    """A backup of a newer schema is refused, and the database stays empty."""
    lines = gzip.decompress(backup.read_bytes()).splitlines(keepends=True)
    header = json.loads(lines[0]) | {"schema_version": 999}
    backup.write_bytes(gzip.compress(b"".join([json.dumps(header).encode() + b"\n", *lines[1:]])))
    for url in (empty_url, f"sqlite:///{tmp_path}/chat.db"):
        with pytest.raises(BackupError, match="schema version 999"):
            restore(backup, url, progress)
    open_storage(empty_url).close()


def test_check(backup: Path, chat_url: str, tmp_path: Path, progress: Progress) -> None:
    """A check tells what is in a good backup and leaves nothing behind."""
    before = sorted(tmp_path.iterdir())
    sums, made_at = check(backup, progress)
    assert {table: found.rows for table, found in sums.items()} == {
        table: len(rows) for table, rows in rows_of(chat_url).items()
    }
    assert made_at.endswith("Z")
    assert sorted(tmp_path.iterdir()) == before


def test_check_of_rows_that_do_not_fit(backup: Path, progress: Progress) -> None:
    """A file whose sums are right and whose rows no database takes fails the check."""
    lines = gzip.decompress(backup.read_bytes()).splitlines(keepends=True)
    first = next(place for place, line in enumerate(lines) if line == b'{"table":"tokens"}\n')
    header = json.loads(lines[0])
    header["tables"]["tokens"] = [
        "user" if column == "user_id" else column for column in header["tables"]["tokens"]
    ]
    backup.write_bytes(
        gzip.compress(b"".join([json.dumps(header).encode() + b"\n", *lines[1:first], *lines[first:]]))
    )
    with pytest.raises(BackupError, match="tokens are not those of schema version"):
        check(backup, progress)


def test_no_database(tmp_path: Path, progress: Progress) -> None:
    """There is no backup of what is not there, and nothing is made instead."""
    (tmp_path / "empty.db").touch()
    (tmp_path / "text.db").write_text("no database at all")
    for name in ("none.db", "empty.db", "text.db"):
        with pytest.raises(StorageError):
            create(f"sqlite:///{tmp_path}/{name}", tmp_path / "file", progress)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty.db", "text.db"]


def test_backup_after_a_crash(chat_url: str, tmp_path: Path, progress: Progress) -> None:
    """What a crashed server has committed, and not yet moved into the database file, is in the backup."""
    storage = open_storage(chat_url)
    storage.settings.set("written", "last")
    for suffix in ("", "-wal"):
        shutil.copy(tmp_path / f"chat.db{suffix}", tmp_path / f"crashed.db{suffix}")
    storage.close()
    sums = create(f"sqlite:///{tmp_path}/crashed.db", tmp_path / "file", progress)
    assert sums["settings"].rows == 2
