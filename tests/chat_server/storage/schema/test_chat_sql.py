"""sql/chat.sql, as an administrator imports it, is what the migrations lead to."""

from chat_server.storage import Storage
from chat_server.storage.core.records import NewMessage
from chat_server.storage.schema.migrations import SQL_FOLDER
from tests.chat_server.storage.conftest import START_MS, open_mysql
from tests.support.mariadb import MariaDb

COLUMNS = (
    "SELECT table_name, ordinal_position, column_name, column_type, is_nullable, column_default, extra,"
    " character_set_name, collation_name FROM information_schema.columns"
    " WHERE table_schema = DATABASE() ORDER BY 1, 2"
)
KEYS = (
    "SELECT table_name, index_name, non_unique, seq_in_index, column_name, sub_part"
    " FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY 1, 2, 4"
)
FOREIGN_KEYS = (
    "SELECT k.constraint_name, k.table_name, k.column_name, k.referenced_table_name,"
    " k.referenced_column_name, r.update_rule, r.delete_rule FROM information_schema.key_column_usage k"
    " JOIN information_schema.referential_constraints r ON r.constraint_name = k.constraint_name"
    " AND r.constraint_schema = k.table_schema WHERE k.table_schema = DATABASE() ORDER BY 1, 3"
)
TABLES = (
    "SELECT table_name, engine, table_collation FROM information_schema.tables"
    " WHERE table_schema = DATABASE() ORDER BY 1"
)
SEEDS = ("SELECT * FROM rooms ORDER BY id", "SELECT * FROM schema_migrations ORDER BY version")


def test_chat_sql_equals_the_migrations(mariadb: MariaDb) -> None:
    """Tables, columns, keys, foreign keys and seed rows are the same, column by column."""
    migrated, imported = mariadb.new_database(), mariadb.new_database()
    open_and_close(migrated)
    names = [url.rpartition("/")[2] for url in (migrated, imported)]
    mariadb.sql((SQL_FOLDER / "chat.sql").read_text(encoding="utf-8"), names[1])
    for query in (TABLES, COLUMNS, KEYS, FOREIGN_KEYS, *SEEDS):
        first, second = (mariadb.sql(query, name).splitlines() for name in names)
        assert first == second
        assert first


def open_and_close(url: str) -> None:
    """Start on a database, as the server does."""
    Storage(open_mysql(url)).close()


def test_chat_sql_served(mariadb: MariaDb) -> None:
    """The server accepts a database made from the file, and its names kept their accents."""
    url = mariadb.new_database()
    mariadb.sql((SQL_FOLDER / "chat.sql").read_text(encoding="utf-8"), url.rpartition("/")[2])
    storage = Storage(open_mysql(url))
    try:
        assert {room.name for room in storage.rooms.all()} >= {"Général", "Comptabilité"}
        alice = storage.users.create("Alice", "alice", "Alice", "hash", START_MS)
        (stored,) = storage.messages.append([NewMessage(1, alice.id, "bonjour", "n1")], START_MS)
        assert getattr(stored, "seq", None) == 1
    finally:
        storage.close()
